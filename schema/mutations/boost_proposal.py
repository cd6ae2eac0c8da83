"""boostProposal."""

import strawberry

from models.rules.refusals import Conflict
from resolvers.boosts import place as boosting
from schema.ids import required_id
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


@input("Boosts a proposal, or raises its boost.")
class BoostProposalInput(Priced):
    proposal_id: strawberry.ID = strawberry.field(description="The proposal.")
    connects: int = strawberry.field(
        description="How many Connects to set aside in all, what is set aside already included: "
        "1 or more, and enough to lead. `quote` says how many it takes."
    )


@success("The proposal leads. `entry` set the Connects aside.")
class BoostProposalSuccess(Spent):
    proposal: Proposal = strawberry.field(description="The proposal, with its boost.")


@mutation(
    "Boost a proposal: set Connects aside for one of a job's four first places. They come back if "
    "the boost is outbid or taken back, and are charged when somebody is hired, or 7 days after "
    "the job was posted.",
    *SPENDING,
    Conflict,
)
async def boost_proposal(call: Call, input: BoostProposalInput) -> BoostProposalSuccess:
    spent = await boosting.boost_proposal(
        call.services,
        call.user,
        proposal_id=required_id("proposalId", input.proposal_id, "Proposal"),
        connects=input.connects,
        expected_connects=input.expected_connects,
        intent=call.intent,
    )
    return BoostProposalSuccess(
        proposal=Proposal.of(spent.subject, call.info),
        replayed=spent.replayed,
        **moved(spent.wallet, spent.entry),
    )
