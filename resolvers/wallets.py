"""Reading wallets: what is available this instant, due grants in and lapsed lots out."""

from typing import Any, Final, NamedTuple
from uuid import UUID

from models.ledger.commands import Command, Decision, Facts, Posted
from models.rules.actions import ConnectsAction
from models.rules.facts import Entry, ListedEntry, Lot, Wallet
from models.rules.instants import DAY
from models.rules.kinds import EntryKind
from models.rules.postings import UpcomingGrant, upcoming_grant
from models.rules.refusals import InvalidInput
from models.store.entry_pages import NEWEST, EntriesBelow
from models.store.ledger_tables import LISTED, LOT, listed_entry_from, lot_from
from models.store.pages import Page, Sliced
from models.store.search import Order
from models.store.statements import both
from models.store.transactions import Row
from resolvers.inputs import Checks
from resolvers.services import Services

EXPIRING_DAYS = 3660

_AVAILABLE_AT = both(
    """
    SELECT available_after FROM entry WHERE account_id = $1 AND created_at <= $2
    ORDER BY created_at DESC, sequence DESC LIMIT 1
    """
)
_EXPIRING = both(
    f"""
    SELECT {LOT.selected} FROM lot
    WHERE account_id = $1 AND remaining > 0 AND expires_at <= $2 ORDER BY expires_at, sequence
    """
)


async def current(services: Services, account_id: UUID) -> Wallet:
    """The account's wallet as it is this instant: what is due is booked first."""
    wallet = await services.loaders.wallets.load(account_id)
    assert wallet is not None, "every account has a wallet"
    if wallet.next_event_at > services.clock():
        return wallet
    posted = await services.ledger.post(Command(decide=_nothing, account_id=account_id))
    assert posted.wallet is not None
    return posted.wallet


def _nothing(_facts: Facts) -> Decision:
    return Decision()


class After(NamedTuple):
    """The wallet after a command, and the entry that moved its Connects, if they moved."""

    wallet: Wallet
    entry: Entry | None


async def after(services: Services, account_id: UUID, posted: Posted) -> After:
    """What a command left behind, read again where it was carried out earlier."""
    wallet = posted.wallet or await current(services, account_id)
    entry = posted.entry
    if entry is None and posted.sequence is not None:
        entry = await services.loaders.entries.load((account_id, posted.sequence))
    return After(wallet, entry)


async def next_grant(services: Services, wallet: Wallet) -> UpcomingGrant | None:
    return upcoming_grant(wallet, await services.loaders.prices())


async def expiring(services: Services, account_id: UUID, within_days: int) -> list[Lot]:
    """The live lots that lapse within 0 to EXPIRING_DAYS days, the next one first."""
    if not 0 <= within_days <= EXPIRING_DAYS:
        raise InvalidInput.at("withinDays", f"must be 0 to {EXPIRING_DAYS}, not {within_days}")
    until = services.clock() + within_days * DAY
    return [lot_from(row) for row in await services.database.fetch(_EXPIRING, account_id, until)]


async def available_at(services: Services, account_id: UUID, at: int) -> int:
    """What was available at the instant `at`, which must not lie in the future."""
    if at > services.clock():
        raise InvalidInput.at("time", "lies in the future; see nextGrant and expiring")
    rows = await services.database.fetch(_AVAILABLE_AT, account_id, at)
    return int(rows[0][0]) if rows else 0


class EntryFilter(NamedTuple):
    """Which entries: of these kinds, for these actions, from an instant until before another."""

    kinds: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    from_instant: int | None = None
    to_instant: int | None = None


EVERY_ENTRY: Final = EntryFilter()


async def entries(
    services: Services, account_id: UUID, wanted: EntryFilter, page: Page
) -> Sliced[ListedEntry]:
    """The wallet's entries, newest first. Raises InvalidInput for a filter of too many words.

    Pages from the newest on are read together with those of other requests.
    """
    if wanted == EVERY_ENTRY and not page.backwards and page.before is None:
        (below,) = page.after or (NEWEST,)
        newest = EntriesBelow(account_id, below, page.limit)
        return Sliced.of(await services.loaders.newest_entries.load(newest), page)
    checks = Checks()
    checks.most("filter.kinds", wanted.kinds or (), len(EntryKind))
    checks.most("filter.actions", wanted.actions or (), len(ConnectsAction))
    checks.done()
    conditions, parameters = _conditions(wanted, [account_id])
    rows = await _keyset(
        services,
        f"SELECT {LISTED.selected} FROM entry WHERE account_id = $1{conditions}",
        parameters,
        page,
        Order(("sequence",), descending=True),
    )
    return Sliced.of([listed_entry_from(row) for row in rows], page)


async def lots(services: Services, account_id: UUID, only_live: bool, page: Page) -> Sliced[Lot]:
    """The wallet's lots in the order in which they are drawn."""
    live = " AND remaining > 0" if only_live else ""
    rows = await _keyset(
        services,
        f"SELECT {LOT.selected} FROM lot WHERE account_id = $1{live}",
        [account_id],
        page,
        Order(("expires_at", "sequence"), descending=False),
    )
    return Sliced.of([lot_from(row) for row in rows], page)


def _conditions(wanted: EntryFilter, parameters: list[Any]) -> tuple[str, list[Any]]:
    sql = ""
    for column, given in (("kind", wanted.kinds), ("action", wanted.actions)):
        if given is not None:
            words = dict.fromkeys(given)
            marks = ", ".join(f"${len(parameters) + n}" for n in range(1, len(words) + 1))
            sql += f" AND {column} IN ({marks or 'NULL'})"
            parameters += words
    for comparison, moment in ((">=", wanted.from_instant), ("<", wanted.to_instant)):
        if moment is not None:
            parameters.append(moment)
            sql += f" AND created_at {comparison} ${len(parameters)}"
    return sql, parameters


async def _keyset(
    services: Services,
    sql: str,
    parameters: list[Any],
    page: Page,
    order: Order,
) -> list[Row]:
    """The rows of `sql` that the page asks for, in the direction of reading."""
    names = ", ".join(order.keys)
    for key, below in ((page.after, order.descending), (page.before, not order.descending)):
        if key is not None:
            marks = ", ".join(f"${len(parameters) + n}" for n in range(1, len(key) + 1))
            sql += f" AND ({names}) {'<' if below else '>'} ({marks})"
            parameters = [*parameters, *key]
    direction = "DESC" if order.descending is not page.backwards else "ASC"
    sql += f" ORDER BY {', '.join(f'{name} {direction}' for name in order.keys)}"
    return await services.database.fetch(both(f"{sql} LIMIT {page.limit}"), *parameters)
