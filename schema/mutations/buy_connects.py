"""buyConnects."""

import strawberry

from models.rules.refusals import LimitExceeded, NotAllowed, NotFound, PaymentDeclined
from resolvers import buy_connects as buying
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Spent, input, moved, mutation, success
from schema.types.entry import Entry
from schema.types.purchase import Purchase


@input("Buys Connects.")
class BuyConnectsInput(Keyed):
    account_id: strawberry.ID = strawberry.field(description="The account that buys.")
    package_id: strawberry.ID = strawberry.field(description="What it buys.")
    quantity: int = strawberry.field(default=1, description="How many packages: 1 to 100.")
    payment_method: str | None = strawberry.field(
        default=None,
        description="How it pays. The sandbox knows sandbox:ok (the default), sandbox:declined "
        "and sandbox:pending.",
    )


@success("The purchase was made.")
class BuyConnectsSuccess(Spent):
    purchase: Purchase = strawberry.field(description="The purchase, paid or pending.")
    entry: Entry | None = strawberry.field(
        description="The entry that credited it; null while the payment is pending."
    )


@mutation("Buy Connects.", NotFound, NotAllowed, PaymentDeclined, LimitExceeded)
async def buy_connects(call: Call, input: BuyConnectsInput) -> BuyConnectsSuccess:
    bought = await buying.buy_connects(
        call.services,
        call.user,
        account_id=required_id("accountId", input.account_id, "Account"),
        package_id=required_id("packageId", input.package_id, "ConnectsPackage"),
        quantity=input.quantity,
        payment_method=input.payment_method,
        intent=call.intent,
    )
    return BuyConnectsSuccess(
        purchase=Purchase.of(bought.purchase, call.info),
        replayed=bought.replayed,
        **moved(bought.wallet, bought.entry),
    )
