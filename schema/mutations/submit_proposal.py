"""submitProposal."""

import strawberry

from models.rules.refusals import Conflict
from resolvers import submit_proposal as proposing
from schema.ids import required_id
from schema.mutations.inputs import MoneyInput, money_of
from schema.mutations.mutation import (
    SPENDING,
    Call,
    Priced,
    Spent,
    input,
    moved,
    mutation,
    success,
)
from schema.types.proposal import Proposal


@input("The input of `submitProposal`.")
class SubmitProposalInput(Priced):
    account_id: strawberry.ID = strawberry.field(
        description="The ID of the account that submits the proposal and pays."
    )
    job_id: strawberry.ID = strawberry.field(description="The ID of the job.")
    cover_letter: str = strawberry.field(
        description="The cover letter to the job's owner: 1 to 20,000 characters."
    )
    bid: MoneyInput | None = strawberry.field(default=None, description="The price to ask for.")


@success("The proposal was submitted.")
class SubmitProposalSuccess(Spent):
    proposal: Proposal = strawberry.field(description="The new proposal.")


@mutation(
    "Submits a proposal to a job, once for each account and job. It is free if "
    "the account accepted an invitation to the job.",
    *SPENDING,
    Conflict,
)
async def submit_proposal(call: Call, input: SubmitProposalInput) -> SubmitProposalSuccess:
    spent = await proposing.submit_proposal(
        call.services,
        call.user,
        account_id=required_id("accountId", input.account_id, "Account"),
        job_id=required_id("jobId", input.job_id, "Job"),
        cover_letter=input.cover_letter,
        bid=money_of(input.bid),
        expected_connects=input.expected_connects,
        intent=call.intent,
    )
    return SubmitProposalSuccess(
        proposal=Proposal.of(spent.subject, call.info),
        replayed=spent.replayed,
        **moved(spent.wallet, spent.entry),
    )
