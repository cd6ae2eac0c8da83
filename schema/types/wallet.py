"""Wallets: what an account has, where it came from and where it went."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import strawberry

from models.rules import facts
from models.store import wallets as stored
from models.store.wallets import EVERY_ENTRY
from resolvers import access, wallets
from schema.connections import Connection, Order, Paging, page_size, paged
from schema.context import Context, Info
from schema.ids import GlobalId, global_id
from schema.types.account import Account
from schema.types.entry import Entry, EntryFilter
from schema.types.lot import Lot
from schema.types.node import ID, NODE_TYPES, Node, NodeType, linked
from schema.types.scalars import Instant
from serving.execution.attributes import attribute
from serving.execution.checks import checked
from serving.operations.costs import PAGE_SIZE

EXPIRING_DAYS_USUAL: Final = 30
_LOTS: Final = Order[facts.Lot]("lots", (int, int), lambda lot: lot.drawing_order)
_ENTRIES: Final = Order[facts.ListedEntry]("entries", (int,), lambda entry: (entry.sequence,))


def _check_filter(_context: Context, arguments: Mapping[str, Any]) -> None:
    wallets.check_filter(_entry_filter(arguments.get("filter")))


def _check_expiring(_context: Context, arguments: Mapping[str, Any]) -> None:
    wallets.check_days(_days(arguments.get("within_days")))
    page_size(Paging(arguments.get("first")))


def _check_time(context: Context, arguments: Mapping[str, Any]) -> None:
    wallets.check_past(context.services, arguments["time"])


@strawberry.type(description="Free Connects that are to come.")
class UpcomingGrant:
    connects: int = strawberry.field(description="How many Connects will come.")
    at: Instant = strawberry.field(description="When they will come.")


@strawberry.type(description="Connects that are to lapse if they are not spent before.")
class UpcomingExpiry:
    connects: int = strawberry.field(description="How many Connects would lapse.")
    at: Instant = strawberry.field(description="When they would lapse.")
    lot: Lot = strawberry.field(description="The lot they belong to.")


@strawberry.type(
    description="An account's Connects. All that one operation reads of a wallet is of one moment."
)
class Wallet(Node):
    row: strawberry.Private[facts.Wallet]

    def __init__(self, row: facts.Wallet) -> None:
        self.row = row

    @classmethod
    def of(cls, row: facts.Wallet, _info: Info) -> "Wallet":
        return cls(row)

    def _id(self) -> strawberry.ID:
        return global_id("Wallet", self.row.account_id)

    id: strawberry.ID = strawberry.field(resolver=_id, description=ID)
    available: int = strawberry.field(
        resolver=attribute("row.available"),
        description="How many Connects can be spent this instant: "
        "due grants are in, lapsed lots are out.",
    )
    held: int = strawberry.field(
        resolver=attribute("row.held"),
        description="How many Connects are set aside, for boosts of proposals. They are not among "
        "the available ones.",
    )

    @strawberry.field(description="The account that it belongs to.")
    async def account(self, info: Info) -> Account:
        account: Account = await linked(info, "Account", self.row.account_id)
        return account

    @strawberry.field(description="Its lots, in the order in which they will be drawn.")
    @paged(_LOTS)
    async def lots(
        self,
        info: Info,
        paging: Paging,
        only_live: Annotated[
            bool | None,
            strawberry.argument(description="Leave out lots of which nothing remains."),
        ] = True,
    ) -> Connection[Lot]:
        order = _LOTS.of(self.row.account_id)
        page = order.page(paging)
        services = info.context.services
        rows = await wallets.lots(services, self.row, only_live is not False, page)
        return order.connection(rows, lambda row: Lot.of(row, info))

    @strawberry.field(description="Its ledger, newest first.")
    @checked(_check_filter)
    @paged(_ENTRIES)
    async def entries(
        self,
        info: Info,
        paging: Paging,
        filter: Annotated[
            EntryFilter | None, strawberry.argument(description="Which entries to give.")
        ] = None,
    ) -> Connection[Entry]:
        order = _ENTRIES.of(self.row.account_id)
        page = order.page(paging)
        wanted = _entry_filter(filter)
        rows = await wallets.entries(info.context.services, self.row, wanted, page)
        return order.connection(rows, Entry)

    @strawberry.field(description="The next free Connects; null where none are to come.")
    async def next_grant(self, info: Info) -> UpcomingGrant | None:
        grant = await wallets.next_grant(info.context.services, self.row)
        return UpcomingGrant(connects=grant.connects, at=Instant(grant.at)) if grant else None

    @strawberry.field(
        description="What lapses soon if it is not spent: the next `first` lots, in the order in "
        "which they lapse."
    )
    @checked(_check_expiring)
    async def expiring(
        self,
        info: Info,
        within_days: Annotated[
            int | None,
            strawberry.argument(
                description="How many days ahead to look: 0 to 3660, 30 if not given."
            ),
        ] = EXPIRING_DAYS_USUAL,
        first: Annotated[
            int | None,
            strawberry.argument(description="How many lots at most: 0 to 100, 20 if not given."),
        ] = PAGE_SIZE,
    ) -> list[UpcomingExpiry]:
        days, most = _days(within_days), page_size(Paging(first))
        lots = await wallets.expiring(info.context.services, self.row, days, most)
        return [
            UpcomingExpiry(
                connects=lot.remaining, at=Instant(lot.expires_at), lot=Lot.of(lot, info)
            )
            for lot in lots
        ]

    @strawberry.field(description="How many Connects were available at a time in the past.")
    @checked(_check_time)
    async def available_at(
        self,
        info: Info,
        time: Annotated[
            Instant, strawberry.argument(description="The time to look at; not in the future.")
        ],
    ) -> int:
        return await wallets.available_at(info.context.services, self.row, time)


def _days(given: int | None) -> int:
    return EXPIRING_DAYS_USUAL if given is None else given


async def _load(info: Info, name: GlobalId) -> facts.Wallet | None:
    """What is due is booked for members only: reading makes nothing for an outsider."""
    context = info.context
    if not await access.is_member(context.services, context.user, name.id):
        return None
    return await wallets.of_moment(context.services, context.moment, name.id)


NODE_TYPES["Wallet"] = NodeType(_load, Wallet.of)


def _entry_filter(filter: EntryFilter | None) -> stored.EntryFilter:
    if filter is None:
        return EVERY_ENTRY
    return stored.EntryFilter(
        kinds=tuple(filter.kinds) if filter.kinds is not None else None,
        actions=tuple(filter.actions) if filter.actions is not None else None,
        from_instant=filter.from_,
        to_instant=filter.to,
    )
