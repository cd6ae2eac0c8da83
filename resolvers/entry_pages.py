"""The newest entries of many wallets by one statement: what most who look at a wallet ask for."""

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID

from models.database import Database
from models.ledger_tables import ENTRY, entry_from
from models.rules.facts import Entry
from models.statements import Statement

NEWEST: Final = 2**62
"""Above all sequences."""


class EntriesBelow(NamedTuple):
    """Names the `limit` newest of the wallet's entries whose sequence is below `below`."""

    account_id: UUID
    below: int
    limit: int


async def read(database: Database, names: Sequence[EntriesBelow]) -> list[list[Entry]]:
    """The entries that each of `names` names, the newest first; a statement for each limit."""
    found: dict[EntriesBelow, list[Entry]] = {name: [] for name in names}
    for limit in {name.limit for name in found}:
        alike = [name for name in found if name.limit == limit]
        rows = await database.fetch(
            _newest(limit), [name.account_id for name in alike], [name.below for name in alike]
        )
        pages = [found[name] for name in alike]
        for row in rows:
            pages[row[0] - 1].append(entry_from(row[1:]))
    return [found[name] for name in names]


@cache
def _newest(limit: int) -> Statement:
    """Numbers the pairs of two lists from 1; gives each one's entries after its number."""
    return Statement(
        f"""
        SELECT a.key + 1, {ENTRY.selected}
        FROM json_each(?1) AS a JOIN json_each(?2) AS below ON a.key = below.key
        JOIN entry ON entry.rowid IN (
            SELECT rowid FROM entry WHERE account_id = a.value AND sequence < below.value
            ORDER BY sequence DESC LIMIT {limit})
        ORDER BY a.key, entry.sequence DESC
        """,
        f"""
        SELECT wanted.number, {ENTRY.selected}
        FROM unnest($1::uuid[], $2::bigint[])
            WITH ORDINALITY AS wanted (account_id, below, number)
        CROSS JOIN LATERAL (
            SELECT * FROM entry WHERE account_id = wanted.account_id AND sequence < wanted.below
            ORDER BY sequence DESC LIMIT {limit}) AS entry
        ORDER BY wanted.number, entry.sequence DESC
        """,
    )
