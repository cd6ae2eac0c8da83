"""Money and what is on sale for it."""

from typing import Final

import strawberry

from models import money
from models.rules.prices import CostRule as CostRuleRow
from models.rules.prices import Package
from schema.context import Info
from schema.ids import GlobalId, global_id
from schema.types.enums import AccountKind, ConnectsAction
from schema.types.node import NODE_TYPES, Node, NodeType
from schema.types.scalars import MinorUnits

PACKAGES: Final = 10
"""How many are on sale at a time, or fewer."""


@strawberry.type(description="An amount of money.")
class Money:
    amount_minor: MinorUnits = strawberry.field(
        description="The amount in the minor unit of the currency by ISO 4217, such as cents."
    )
    currency: str = strawberry.field(description="The ISO 4217 currency code, such as USD.")
    amount: strawberry.Private[money.Money]

    # It takes longer to write than the rest of a job takes to be read.
    @strawberry.field(description="The formatted amount, such as $1.50.")
    def formatted(self) -> str:
        return self.amount.formatted


def money_type(amount: money.Money | None) -> Money | None:
    if amount is None:
        return None
    minor = MinorUnits(amount.amount_minor)
    return Money(amount_minor=minor, currency=amount.currency, amount=amount)


@strawberry.type(description="A package of Connects.")
class ConnectsPackage(Node):
    connects: int = strawberry.field(description="The number of Connects in the package.")
    price: Money = strawberry.field(description="The price of the package.")
    for_kinds: list[AccountKind] = strawberry.field(
        description="The kinds of account that can buy the package."
    )

    @classmethod
    def of(cls, package: Package, _info: Info) -> "ConnectsPackage":
        price = money_type(money.Money(package.price_minor, package.currency))
        assert price is not None
        return cls(
            id=global_id("ConnectsPackage", package.id),
            connects=package.connects,
            price=price,
            for_kinds=[AccountKind(kind) for kind in package.for_kinds],
        )


async def _load_package(info: Info, name: GlobalId) -> Package | None:
    packages = await info.context.services.loaders.packages()
    return next((package for package in packages if package.id == name.id), None)


NODE_TYPES["ConnectsPackage"] = NodeType(_load_package, ConnectsPackage.of)


@strawberry.type(
    description="A price in the price list. It applies to the jobs that meet all of its conditions."
)
class CostRule:
    action: ConnectsAction = strawberry.field(description="The action.")
    account_kind: AccountKind = strawberry.field(description="The kind of account that pays.")
    connects: int = strawberry.field(
        description="The price in Connects, or the minimum if the payer chooses the amount."
    )
    chosen_by_payer: bool = strawberry.field(
        description="Whether the payer chooses how many Connects to spend."
    )
    maximum: int | None = strawberry.field(
        description="The maximum that the payer can choose. Null for no limit, and for a fixed "
        "price."
    )
    category: str | None = strawberry.field(
        description="A condition: the category of the job. Null for any, and for none."
    )
    budget_currency: str | None = strawberry.field(
        description="A condition: the job has a budget in this currency, an ISO 4217 code. Null "
        "for any budget, and for none."
    )
    budget_from: MinorUnits | None = strawberry.field(
        description="A condition: the lowest budget, in minor units. Null for no limit."
    )
    budget_below: MinorUnits | None = strawberry.field(
        description="A condition: the budget is less than this, in minor units. Null for no limit."
    )

    @classmethod
    def of(cls, rule: CostRuleRow) -> "CostRule":
        return cls(
            action=ConnectsAction(rule.action),
            account_kind=AccountKind(rule.account_kind),
            connects=rule.connects,
            chosen_by_payer=rule.chosen_by_payer,
            maximum=rule.maximum,
            category=rule.category,
            budget_currency=rule.budget_currency,
            budget_from=_minor_units(rule.budget_from),
            budget_below=_minor_units(rule.budget_below),
        )


def _minor_units(amount: int | None) -> MinorUnits | None:
    return None if amount is None else MinorUnits(amount)
