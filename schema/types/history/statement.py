"""Statements: what happened to a wallet's Connects in a range of time."""

from collections.abc import Mapping
from typing import Any, Final

import strawberry

from resolvers.history import statements
from resolvers.history.addresses import Format
from schema.context import ConnectsContext, Info
from schema.types.enums import ConnectsAction
from schema.types.money import Money, money_type
from schema.types.scalars import Instant
from serving.execution.attributes import attribute
from serving.operations.costs import holds

STATEMENT_COST: Final = 50
"""In points: it may have to read a million entries."""
CURRENCIES: Final = 2
_ADDRESS: Final = (
    "A path on this server that is good for 15 minutes and needs no token: whoever has it can "
    "open it."
)


def check_range(context: ConnectsContext, arguments: Mapping[str, Any]) -> None:
    """Raises InvalidInput for a range that no wallet has a statement of."""
    statements.check_range(context.services, arguments["from_"], arguments["to"])


@strawberry.type(description="What was spent on an action.")
class SpentOnAction:
    action: ConnectsAction = strawberry.field(description="What was paid for.")
    connects: int = strawberry.field(description="How many Connects that took.")


@strawberry.type(
    description="What happened to a wallet's Connects in a range of time. The parts add up: "
    "openingAvailable + granted + purchased + returned + adjusted - spent - expired - held = "
    "closingAvailable."
)
class Statement:
    row: strawberry.Private[statements.WalletStatement]

    opening_available: int = strawberry.field(
        resolver=attribute("row.parts.opening.available"),
        description="How many Connects were available at the beginning.",
    )
    closing_available: int = strawberry.field(
        resolver=attribute("row.parts.closing.available"),
        description="How many Connects were available at the end.",
    )
    granted: int = strawberry.field(
        resolver=attribute("row.parts.granted"), description="Free Connects that came in."
    )
    purchased: int = strawberry.field(
        resolver=attribute("row.parts.purchased"), description="Connects that were bought."
    )
    spent: int = strawberry.field(
        resolver=attribute("row.parts.spent"),
        description="Connects that were spent, whatever came back of them later.",
    )
    expired: int = strawberry.field(
        resolver=attribute("row.parts.expired"), description="Connects that lapsed."
    )
    returned: int = strawberry.field(
        resolver=attribute("row.parts.returned"),
        description="Connects that came back of what was spent, in this range or before.",
    )
    adjusted: int = strawberry.field(
        resolver=attribute("row.parts.adjusted"),
        description="Connects that were added or, negative, taken away by hand.",
    )
    held: int = strawberry.field(
        resolver=attribute("row.parts.held"),
        description="How many more Connects were set aside at the end than at the beginning; "
        "negative: fewer.",
    )

    @strawberry.field(
        description="The parts of `spent`, the largest first.",
        metadata=holds(len(ConnectsAction)),
    )
    def spent_by_action(self) -> list[SpentOnAction]:
        parts = self.row.parts.spent_by_action.items()
        return [
            SpentOnAction(action=ConnectsAction(action), connects=connects)
            for action, connects in sorted(parts, key=lambda part: (-part[1], part[0]))
        ]

    @strawberry.field(
        description="What was paid for `purchased`, one amount for each currency.",
        metadata=holds(CURRENCIES),
    )
    def paid(self) -> list[Money]:
        return [money for amount in self.row.paid if (money := money_type(amount)) is not None]

    @strawberry.field(description="How many entries the range has.")
    def entry_count(self) -> int:
        after, upto = self.row.named.span
        return upto - after

    @strawberry.field(
        description=f"The entries as comma-separated values, oldest first. {_ADDRESS}"
    )
    def csv_url(self, info: Info) -> str:
        return statements.address(info.context.services, self.row.named, Format.CSV)

    @strawberry.field(description=f"The statement as a page to print. {_ADDRESS}")
    def print_url(self, info: Info) -> str:
        return statements.address(info.context.services, self.row.named, Format.PRINT)


async def statement(info: Info, wallet: Any, start: Instant, end: Instant) -> Statement:
    """The statement of [start, end) of a wallet's row. Raises InvalidInput."""
    return Statement(row=await statements.statement(info.context.services, wallet, start, end))
