"""Reads of one wallet: pages of entries and lots, upcoming expiries, past balances."""

from typing import Any, Final, NamedTuple
from uuid import UUID

from models.rules.facts import ListedEntry, Lot
from models.store.database import Database
from models.store.ledger_tables import LISTED, LOT, listed_entry_from, lot_from
from models.store.pages import Page, Sliced
from models.store.search import SortOrder
from models.store.statements import both
from models.store.transactions import Row

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


class EntryFilter(NamedTuple):
    """Selects entries of these kinds and actions, from an instant (inclusive) to another."""

    kinds: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    from_instant: int | None = None
    to_instant: int | None = None


EVERY_ENTRY: Final = EntryFilter()


async def expiring(database: Database, account_id: UUID, until: int) -> list[Lot]:
    """Returns the live lots that expire at or before the instant `until`, next one first."""
    return [lot_from(row) for row in await database.fetch(_EXPIRING, account_id, until)]


async def available_at(database: Database, account_id: UUID, at: int) -> int:
    """Returns the Connects available at the instant `at`."""
    rows = await database.fetch(_AVAILABLE_AT, account_id, at)
    return int(rows[0][0]) if rows else 0


async def entries(
    database: Database, account_id: UUID, wanted: EntryFilter, page: Page
) -> Sliced[ListedEntry]:
    """Returns the wallet's entries, newest first."""
    conditions, parameters = _conditions(wanted, [account_id])
    rows = await _keyset(
        database,
        f"SELECT {LISTED.selected} FROM entry WHERE account_id = $1{conditions}",
        parameters,
        page,
        SortOrder(("sequence",), descending=True),
    )
    return Sliced.of([listed_entry_from(row) for row in rows], page)


async def lots(database: Database, account_id: UUID, only_live: bool, page: Page) -> Sliced[Lot]:
    """Returns the wallet's lots in drawing order."""
    live = " AND remaining > 0" if only_live else ""
    rows = await _keyset(
        database,
        f"SELECT {LOT.selected} FROM lot WHERE account_id = $1{live}",
        [account_id],
        page,
        SortOrder(("expires_at", "sequence"), descending=False),
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
    database: Database,
    sql: str,
    parameters: list[Any],
    page: Page,
    order: SortOrder,
) -> list[Row]:
    """Runs `sql` for the rows of the page, in reading order."""
    names = ", ".join(order.keys)
    for key, below in ((page.after, order.descending), (page.before, not order.descending)):
        if key is not None:
            marks = ", ".join(f"${len(parameters) + n}" for n in range(1, len(key) + 1))
            sql += f" AND ({names}) {'<' if below else '>'} ({marks})"
            parameters = [*parameters, *key]
    direction = "DESC" if order.descending is not page.backwards else "ASC"
    sql += f" ORDER BY {', '.join(f'{name} {direction}' for name in order.keys)}"
    return await database.fetch(both(f"{sql} LIMIT {page.limit}"), *parameters)
