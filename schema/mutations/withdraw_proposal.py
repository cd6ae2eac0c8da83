"""withdrawProposal."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from resolvers import withdraw_proposal as withdrawing
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Outcome, input, mutation, success
from schema.types.proposal import Proposal


@input("The input of `withdrawProposal`.")
class WithdrawProposalInput(Keyed):
    proposal_id: strawberry.ID = strawberry.field(description="The ID of the proposal.")


@success("The proposal was withdrawn.")
class WithdrawProposalSuccess(Outcome):
    proposal: Proposal = strawberry.field(description="The proposal in its current state.")


@mutation(
    "Withdraws a proposal. Its Connects are not returned, except those of a leading boost.",
    NotFound,
    Conflict,
)
async def withdraw_proposal(call: Call, input: WithdrawProposalInput) -> WithdrawProposalSuccess:
    withdrawn = await withdrawing.withdraw_proposal(
        call.services,
        call.user,
        proposal_id=required_id("proposalId", input.proposal_id, "Proposal"),
        intent=call.intent,
    )
    return WithdrawProposalSuccess(
        proposal=Proposal.of(withdrawn.proposal, call.info), replayed=withdrawn.replayed
    )
