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


@input("The input of `boostProposal`.")
class BoostProposalInput(Priced):
    proposal_id: strawberry.ID = strawberry.field(description="The ID of the proposal.")
    connects: int = strawberry.field(
        description="The number of Connects to hold in all, including those already held: 1 or "
        "more, and enough to lead. `quote` says how many that is."
    )


@success("The boost leads. `entry` is the hold.")
class BoostProposalSuccess(Spent):
    proposal: Proposal = strawberry.field(description="The proposal, with its boost.")


@mutation(
    "Boosts a proposal, or raises its boost: holds Connects for one of the job's first four "
    "places. They are released if the boost is outbid or withdrawn, and spent when someone is "
    "hired, or 7 days after the job was posted.",
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
