"""withdrawBoost."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from resolvers.boosts import withdraw as withdrawing
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Outcome, input, moved, mutation, success
from schema.types.entry import Entry
from schema.types.proposal import Proposal
from schema.types.wallet import Wallet


@input("Takes the boost of a proposal back.")
class WithdrawBoostInput(Keyed):
    proposal_id: strawberry.ID = strawberry.field(description="The proposal.")


@success("The boost was taken back; the proposal stands.")
class WithdrawBoostSuccess(Outcome):
    proposal: Proposal = strawberry.field(description="The proposal as it stands now.")
    wallet: Wallet = strawberry.field(description="The wallet as it stands now, the change in it.")
    entry: Entry | None = strawberry.field(description="The entry that freed the Connects.")
    lapsed: int = strawberry.field(
        description="How many of these Connects lapsed as they came back, because their lots had "
        "expired meanwhile."
    )


@mutation(
    "Take back the boost of a proposal, before boosts close. Its Connects come back.",
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
