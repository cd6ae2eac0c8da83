"""Reads of one wallet: pages of its entries, and its past."""

from typing import Any, Final, NamedTuple
from uuid import UUID

from models.rules.facts import ListedEntry
from models.store.database import Database
from models.store.ledger_tables import LISTED, listed_entry_from
from models.store.pages import Page, Sliced
from models.store.search.ranked import SortOrder
from models.store.statements import both
from models.store.transactions import Row

_OF_SUBJECT: Final = " UNION ALL ".join(
    f"SELECT sequence AS found FROM entry WHERE account_id = $1 AND subject_id = $3 AND {condition}"
    for condition in (
        "kind IN ('SPEND', 'PURCHASE')",
        "kind IN ('RETURN', 'REVERSAL')",
        "subject_id IS NOT NULL AND kind NOT IN ('SPEND', 'PURCHASE', 'RETURN', 'REVERSAL')",
    )
)
"""A subject's entries, in parts that have an index each."""
_SEQUENCE_AT = both(
    """
    SELECT sequence FROM entry WHERE account_id = $1 AND created_at <= $2 AND sequence <= $3
    ORDER BY created_at DESC, sequence DESC LIMIT 1
    """
)
_AVAILABLE_AT = both(
    """
    SELECT available_after FROM entry
    WHERE account_id = $1 AND created_at <= $2 AND sequence <= $3
    ORDER BY created_at DESC, sequence DESC LIMIT 1
    """
)


class EntryFilter(NamedTuple):
    """Selects entries of these kinds and actions, from an instant (inclusive) to another.

    `subject_id` selects those about a job, proposal, invitation, contact or purchase, `actor_id`
    those that a user made.
    """

    kinds: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    from_instant: int | None = None
    to_instant: int | None = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None


EVERY_ENTRY: Final = EntryFilter()


async def available_at(database: Database, account_id: UUID, upto: int, at: int) -> int:
    """The Connects that were available at the instant `at`, by the entries up to `upto`."""
    rows = await database.fetch(_AVAILABLE_AT, account_id, at, upto)
    return int(rows[0][0]) if rows else 0


async def sequence_at(database: Database, account_id: UUID, upto: int, at: int) -> int:
    """The last entry at the instant `at` or before, of those up to `upto`; 0 before the first."""
    rows = await database.fetch(_SEQUENCE_AT, account_id, at, upto)
    return int(rows[0][0]) if rows else 0


async def entries(
    database: Database, account_id: UUID, upto: int, wanted: EntryFilter, page: Page
) -> Sliced[ListedEntry]:
    """The wallet's entries up to the sequence `upto`, newest first."""
    source, parameters = _wanted(account_id, upto, wanted)
    sql = f"SELECT {LISTED.selected} {source}"
    rows = await keyset(database, sql, parameters, page, SortOrder(("sequence",), descending=True))
    return Sliced.of([listed_entry_from(row) for row in rows], page)


async def count_entries(
    database: Database, account_id: UUID, upto: int, wanted: EntryFilter, most: int
) -> int:
    """How many entries up to the sequence `upto` are wanted; `most` where there are more."""
    source, parameters = _wanted(account_id, upto, wanted)
    counted = f"SELECT count(*) FROM (SELECT 1 {source} LIMIT {most}) AS counted"
    ((number,),) = await database.fetch(both(counted), *parameters)
    return int(number)


def _wanted(account_id: UUID, upto: int, wanted: EntryFilter) -> tuple[str, list[Any]]:
    """From where the wanted entries are read, up to the sequence `upto`, and the parameters."""
    parameters: list[Any] = [account_id, upto]
    sql = "FROM entry WHERE entry.account_id = $1 AND entry.sequence <= $2"
    if wanted.subject_id is not None:
        parameters.append(wanted.subject_id)
        # In this order: a subject has few entries.
        sql = f"""FROM ({_OF_SUBJECT}) AS named CROSS JOIN entry
            WHERE entry.account_id = $1 AND entry.sequence = named.found AND entry.sequence <= $2"""
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
    if wanted.actor_id is not None:
        parameters.append(wanted.actor_id)
        sql += f" AND actor_id = ${len(parameters)}"
    return sql, parameters


async def keyset(
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
