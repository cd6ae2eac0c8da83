"""withdrawBoost."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from resolvers.boosts import withdraw as withdrawing
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Outcome, input, moved, mutation, success
from schema.types.entry import Entry
from schema.types.proposal import Proposal
from schema.types.wallet import Wallet


@input("The input of `withdrawBoost`.")
class WithdrawBoostInput(Keyed):
    proposal_id: strawberry.ID = strawberry.field(description="The ID of the proposal.")


@success("The boost was withdrawn. The proposal remains.")
class WithdrawBoostSuccess(Outcome):
    proposal: Proposal = strawberry.field(description="The proposal in its current state.")
    wallet: Wallet = strawberry.field(
        description="The wallet in its current state, including this change."
    )
    entry: Entry | None = strawberry.field(description="The entry that released the Connects.")
    lapsed: int = strawberry.field(
        description="The number of released Connects that expired at once, because their lots had "
        "expired."
    )


@mutation(
    "Withdraws the boost of a proposal before the job's boosts close. Its Connects are released.",
    NotFound,
    Conflict,
)
async def withdraw_boost(call: Call, input: WithdrawBoostInput) -> WithdrawBoostSuccess:
    withdrawn = await withdrawing.withdraw_boost(
        call.services,
        call.user,
        proposal_id=required_id("proposalId", input.proposal_id, "Proposal"),
        intent=call.intent,
    )
    return WithdrawBoostSuccess(
        proposal=Proposal.of(withdrawn.proposal, call.info),
        lapsed=withdrawn.lapsed,
        replayed=withdrawn.replayed,
        **moved(withdrawn.wallet, withdrawn.entry),
    )
