"""buyConnects."""

import strawberry

from models.rules.refusals import LimitExceeded, NotAllowed, NotFound, PaymentDeclined
from resolvers import buy_connects as buying
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Spent, input, moved, mutation, success
from schema.types.entry import Entry
from schema.types.purchase import Purchase


@input("The input of `buyConnects`.")
class BuyConnectsInput(Keyed):
    account_id: strawberry.ID = strawberry.field(description="The ID of the account that buys.")
    package_id: strawberry.ID = strawberry.field(description="The ID of the package.")
    quantity: int = strawberry.field(default=1, description="The number of packages: 1 to 100.")
    payment_method: str | None = strawberry.field(
        default=None,
        description="The payment method. The sandbox accepts sandbox:ok (the default), "
        "sandbox:declined and sandbox:pending.",
    )


@success("The purchase was made.")
class BuyConnectsSuccess(Spent):
    purchase: Purchase = strawberry.field(description="The purchase, paid or pending.")
    entry: Entry | None = strawberry.field(
        description="The entry that credited the Connects. Null while the payment is pending."
    )


@mutation("Buys packages of Connects.", NotFound, NotAllowed, PaymentDeclined, LimitExceeded)
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
