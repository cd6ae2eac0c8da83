"""What a wallet's entries add up to, read in pieces.

Entries never change, so that the pieces need no transaction of their own: other reads come
between them, which on SQLite have one connection for all.
"""

from typing import Final, NamedTuple
from uuid import UUID

from models.rules.statements import NOTHING, Standing, Sum
from models.store.database import Database
from models.store.statements import both
from models.store.transactions import Row
from models.store.wallets import sequence_at

PIECE: Final = 50_000
"""How many entries are added up by one statement."""


class Span(NamedTuple):
    """A wallet's entries after the sequence `after`, up to and including `upto`."""

    after: int
    upto: int


IN_SPAN: Final = "entry.account_id = $1 AND entry.sequence > $2 AND entry.sequence <= $3"
# A capture takes nothing that is available: it takes what was held before it.
TAKEN: Final = """CASE WHEN entry.kind = 'CAPTURE' THEN entry.held_after - (
    SELECT before.held_after FROM entry AS before
    WHERE before.account_id = entry.account_id AND before.sequence = entry.sequence - 1
    ) ELSE entry.connects END"""
_SUMS: Final = both(
    f"SELECT kind, action, sum({TAKEN}) FROM entry WHERE {IN_SPAN} GROUP BY kind, action"
)
# The purchases first: they are few.
_PAID: Final = both(
    f"""
    SELECT purchase.currency, sum(purchase.total_minor)
    FROM purchase CROSS JOIN entry
    WHERE purchase.account_id = $1 AND {IN_SPAN} AND entry.subject_id = purchase.id
        AND entry.kind = 'PURCHASE' AND entry.kind IN ('SPEND', 'PURCHASE')
    GROUP BY purchase.currency ORDER BY purchase.currency
    """
)
_STANDING: Final = both(
    "SELECT available_after, held_after FROM entry WHERE account_id = $1 AND sequence = $2"
)
_SPENT: Final = both(
    f"""
    SELECT (created_at - $4) / $5 AS part, -sum({TAKEN}) FROM entry
    WHERE {IN_SPAN} AND kind IN ('SPEND', 'CAPTURE') GROUP BY part
    """
)


async def span(database: Database, account_id: UUID, upto: int, start: int, end: int) -> Span:
    """The entries from the instant `start` until before `end`, of those up to `upto`."""
    after = await sequence_at(database, account_id, upto, start - 1)
    return Span(after, max(after, await sequence_at(database, account_id, upto, end - 1)))


async def standing(database: Database, account_id: UUID, sequence: int) -> Standing:
    """What the wallet had after the entry `sequence`; nothing before the first."""
    rows = await database.fetch(_STANDING, account_id, sequence)
    return Standing(*map(int, rows[0])) if rows else NOTHING


async def sums(database: Database, account_id: UUID, span: Span) -> list[Sum]:
    """What the entries add up to, by kind and action, each once for each piece.

    Captures count as the held Connects that they took, negative.
    """
    rows: list[Row] = []
    for piece in pieces(span):
        rows += await database.fetch(_SUMS, account_id, *piece)
    return [Sum(kind, action, int(connects)) for kind, action, connects in rows]


async def paid(database: Database, account_id: UUID, span: Span) -> list[tuple[str, int]]:
    """What was paid for the purchases among the entries: minor units, by currency."""
    rows = await database.fetch(_PAID, account_id, *span)
    return [(currency, int(total)) for currency, total in rows]


async def spent(
    database: Database, account_id: UUID, span: Span, start: int, width: int, parts: int
) -> list[int]:
    """The Connects spent in each of `parts` parts of time, `width` microseconds from `start` on."""
    found = [0] * parts
    for piece in pieces(span):
        for part, connects in await database.fetch(_SPENT, account_id, *piece, start, width):
            found[int(part)] += int(connects)
    return found


def pieces(span: Span) -> list[Span]:
    """The span in pieces of up to PIECE entries, in order."""
    return [
        Span(after, min(after + PIECE, span.upto)) for after in range(span.after, span.upto, PIECE)
    ]
