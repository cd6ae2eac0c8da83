"""Wallets: what an account has, where it came from and where it went."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final

import strawberry

from models.rules import facts
from models.rules.history.spending import Interval, SpendingBy
from models.store import wallets as stored
from models.store.wallets import EVERY_ENTRY
from resolvers import access, wallets
from resolvers.history import past
from resolvers.history.spending import UTC_NAME
from schema.connections import CountedConnection, Order, Paging, page_size, paged
from schema.context import ConnectsContext, Info
from schema.ids import GlobalId, global_id, required_id
from schema.types.account import Account
from schema.types.entry import Entry, EntryFilter, subject_id
from schema.types.history.forecast import FORECAST_COST, Forecast, forecast
from schema.types.history.head import LedgerHead
from schema.types.history.spending import (
    SPENDING,
    SpendingRow,
    asked,
    check_spending,
    spending,
)
from schema.types.history.statement import STATEMENT_COST, Statement, check_range, statement
from schema.types.lot import Lot
from schema.types.node import ID, NODE_TYPES, Node, NodeType, linked
from schema.types.scalars import Instant
from serving.execution.attributes import attribute
from serving.execution.checks import checked
from serving.operations.costs import PAGE_SIZE, costs

EXPIRING_DAYS_USUAL: Final = 30
_LOTS: Final = Order[facts.Lot]("lots", (int, int), lambda lot: lot.drawing_order)
_ENTRIES: Final = Order[facts.ListedEntry]("entries", (int,), lambda entry: (entry.sequence,))


def _check_filter(_context: ConnectsContext, arguments: Mapping[str, Any]) -> None:
    wallets.check_filter(_entry_filter(arguments.get("filter")))


def _check_expiring(_context: ConnectsContext, arguments: Mapping[str, Any]) -> None:
    wallets.check_days(_days(arguments.get("within_days")))
    page_size(Paging(arguments.get("first")))


def _check_at(context: ConnectsContext, arguments: Mapping[str, Any]) -> None:
    at = arguments.get("at")
    if at is not None:
        past.check_past(context.services, "at", at)


def _check_time(context: ConnectsContext, arguments: Mapping[str, Any]) -> None:
    wallets.check_past(context.services, arguments["time"])


@strawberry.type(description="A future grant of free Connects.")
class UpcomingGrant:
    connects: int = strawberry.field(description="The number of Connects to be granted.")
    at: Instant = strawberry.field(description="When the Connects will be granted.")


@strawberry.type(description="Connects that will expire unless they are spent.")
class UpcomingExpiry:
    connects: int = strawberry.field(description="The number of Connects that will expire.")
    at: Instant = strawberry.field(description="When the Connects will expire.")
    lot: Lot = strawberry.field(description="The lot that the Connects belong to.")


@strawberry.type(
    description="An account's Connects. Everything that one operation reads from a wallet "
    "is from the same moment."
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
        description="The number of Connects that can be spent now. Includes due grants and "
        "excludes expired lots.",
    )
    held: int = strawberry.field(
        resolver=attribute("row.held"),
        description="The number of reserved Connects, held for boosts. They are not among the "
        "available ones.",
    )

    @strawberry.field(description="The account that owns the wallet.")
    async def account(self, info: Info) -> Account:
        account: Account = await linked(info, "Account", self.row.account_id)
        return account

    @strawberry.field(description="The wallet's lots, in the order in which they will be spent.")
    @checked(_check_at)
    @paged(_LOTS)
    async def lots(
        self,
        info: Info,
        paging: Paging,
        only_live: Annotated[
            bool | None,
            strawberry.argument(description="Whether to leave out lots with no Connects left."),
        ] = True,
        at: Annotated[
            Instant | None,
            strawberry.argument(
                description="As they stood at this time, which is not in the future; "
                "now if not given."
            ),
        ] = None,
    ) -> CountedConnection[Lot]:
        order = _LOTS.of(self.row.account_id)
        page = order.page(paging)
        services, live = info.context.services, only_live is not False
        upto = await past.upto(services, self.row, at)
        if at is None:
            rows = await wallets.lots(services, self.row, live, page)
        else:
            rows = await past.lots(services, self.row, upto, live, page)
        count = partial(past.count_lots, services, self.row, upto, live)
        return order.counted(rows, lambda row: Lot.of(row, info, upto), count)

    @strawberry.field(description="The wallet's ledger entries, newest first.")
    @checked(_check_filter)
    @paged(_ENTRIES)
    async def entries(
        self,
        info: Info,
        paging: Paging,
        filter: Annotated[
            EntryFilter | None, strawberry.argument(description="Conditions for the entries.")
        ] = None,
    ) -> CountedConnection[Entry]:
        order = _ENTRIES.of(self.row.account_id)
        page = order.page(paging)
        wanted, services = _entry_filter(filter), info.context.services
        rows = await wallets.entries(services, self.row, wanted, page)
        count = partial(past.count_entries, services, self.row, wanted)
        return order.counted(rows, Entry, count)

    @strawberry.field(description="The next grant of free Connects. Null if none is due.")
    async def next_grant(self, info: Info) -> UpcomingGrant | None:
        grant = await wallets.next_grant(info.context.services, self.row)
        return UpcomingGrant(connects=grant.connects, at=Instant(grant.at)) if grant else None

    @strawberry.field(
        description="Connects that will expire soon unless they are spent: the next `first` "
        "lots, in order of expiry."
    )
    @checked(_check_expiring)
    async def expiring(
        self,
        info: Info,
        within_days: Annotated[
            int | None,
            strawberry.argument(
                description="The number of days to look ahead: 0 to 3660. The default is 30."
            ),
        ] = EXPIRING_DAYS_USUAL,
        first: Annotated[
            int | None,
            strawberry.argument(
                description="The maximum number of lots: 0 to 100. The default is 20."
            ),
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

    @strawberry.field(
        description="The number of Connects that were available at a time in the past."
    )
    @checked(_check_time)
    async def available_at(
        self,
        info: Info,
        time: Annotated[
            Instant, strawberry.argument(description="The time. It must not be in the future.")
        ],
    ) -> int:
        return await wallets.available_at(info.context.services, self.row, time)

    @strawberry.field(
        description="What happened from one time until before another: the sums, and addresses of "
        "the entries. Neither time is in the future, and the range is of 3,660 days at most.",
        metadata=costs(STATEMENT_COST),
    )
    @checked(check_range)
    async def statement(
        self,
        info: Info,
        from_: Annotated[
            Instant, strawberry.argument(name="from", description="The first instant of the range.")
        ],
        to: Annotated[
            Instant, strawberry.argument(description="The first instant after the range.")
        ],
    ) -> Statement:
        return await statement(info, self.row, from_, to)

    @strawberry.field(
        description="What was spent from one time until before another, by action, member or job: "
        "the rows add up to `spent` of the statement. In order of time, and then the most Connects "
        "first. Up to 1,000 rows, and days up to 1,000; the range is of 3,660 days at most and not "
        "in the future.",
        metadata=SPENDING,
    )
    @checked(check_spending)
    async def spending(
        self,
        info: Info,
        from_: Annotated[
            Instant, strawberry.argument(name="from", description="The first instant of the range.")
        ],
        to: Annotated[
            Instant, strawberry.argument(description="The first instant after the range.")
        ],
        by: Annotated[SpendingBy, strawberry.argument(description="What each row is for.")],
        interval: Annotated[
            Interval | None,
            strawberry.argument(
                description="One row for each interval that has spends. One for the whole range if "
                "not given."
            ),
        ] = None,
        time_zone: Annotated[
            str | None,
            strawberry.argument(
                description="In which zone days begin: the IANA name, such as Europe/Berlin. The "
                "default is UTC."
            ),
        ] = UTC_NAME,
    ) -> list[SpendingRow]:
        return await spending(info, self.row, asked(from_, to, by, interval, time_zone))

    @strawberry.field(
        description="How long the Connects last, and what of them lapses.",
        metadata=costs(FORECAST_COST),
    )
    async def forecast(self, info: Info) -> Forecast:
        return await forecast(info, self.row)

    @strawberry.field(description="The newest entry, and the proof that it is there for good.")
    def head(self) -> LedgerHead:
        return LedgerHead(row=self.row)


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
    since, until = filter.bounds()
    return stored.EntryFilter(
        kinds=tuple(filter.kinds) if filter.kinds is not None else None,
        actions=tuple(filter.actions) if filter.actions is not None else None,
        from_instant=since,
        to_instant=until,
        subject_id=subject_id("filter.subjectId", filter.subject_id),
        actor_id=None
        if filter.actor_id is None
        else required_id("filter.actorId", filter.actor_id, "User"),
    )
