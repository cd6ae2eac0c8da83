"""What was spent, by action, member or job: kept sums, and the entries that they leave out.

The sums of a wallet cover its entries up to a watermark, one for each dimension. An entry is never
older than the one before it, so that all slots before the one of the last covered entry are
complete: what is read of them never changes. `roll_up` moves the watermark, never a spend.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import orjson

from models.rules.history.spending import QUARTER, WIDTHS, Slots, SpendingBy, SpendTotal
from models.store.database import Database
from models.store.history.sums import IN_SPAN, PIECE, TAKEN, Span
from models.store.statements import Column, SqlStatement, Table, both

WATERMARK: Final = Table(
    "spending_watermark",
    (Column("account_id", "uuid"), Column("dimension", "text"), Column("sequence", "bigint")),
    key_size=2,
)
SUM: Final = Table(
    "spending_sum",
    (
        Column("account_id", "uuid"),
        Column("dimension", "text"),
        Column("width", "integer"),
        Column("slot", "bigint"),
        Column("spent_on", "text"),
        Column("connects", "bigint"),
        Column("spends", "bigint"),
    ),
    key_size=5,
)
STEP: Final = 2_000
"""How many entries are rolled up by one transaction."""

# A capture is booked when the boost ends, by nobody: who placed the boost spent it.
_HOLDER: Final = """(
    SELECT hold.actor_id FROM entry AS hold
    WHERE hold.account_id = entry.account_id AND hold.subject_id = entry.subject_id
        AND hold.subject_id IS NOT NULL
        AND hold.kind NOT IN ('SPEND', 'PURCHASE', 'RETURN', 'REVERSAL')
        AND hold.kind = 'HOLD' AND hold.sequence < entry.sequence
    ORDER BY hold.sequence DESC LIMIT 1)"""
_JOB: Final = """CASE entry.action
    WHEN 'POST_JOB' THEN entry.subject_id
    WHEN 'SUBMIT_PROPOSAL' THEN (SELECT job_id FROM proposal WHERE id = entry.subject_id)
    WHEN 'BOOST_PROPOSAL' THEN (SELECT job_id FROM proposal WHERE id = entry.subject_id)
    WHEN 'INVITE_FREELANCER' THEN (SELECT job_id FROM invitation WHERE id = entry.subject_id)
    END"""
SLOT: Final = f"entry.created_at / {QUARTER}"
SPENT_ON: Final = {
    SpendingBy.ACTION: "COALESCE(entry.action, '')",
    SpendingBy.MEMBER: "COALESCE(CAST(CASE WHEN entry.kind = 'CAPTURE' "
    f"THEN {_HOLDER} ELSE entry.actor_id END AS TEXT), '')",
    SpendingBy.JOB: f"COALESCE(CAST({_JOB} AS TEXT), '')",
}
IS_SPENT: Final = "entry.kind IN ('SPEND', 'CAPTURE')"
_OF_ENTRIES: Final = {
    by: both(
        f"""
        SELECT {SLOT} AS slot, {spent_on} AS spent_on, -sum({TAKEN}), count(*) FROM entry
        WHERE {IN_SPAN} AND {IS_SPENT} GROUP BY 1, 2
        """
    )
    for by, spent_on in SPENT_ON.items()
}
_COVERED: Final = both(
    f"""
    SELECT watermark.sequence, {SLOT} FROM spending_watermark AS watermark
    JOIN entry ON entry.account_id = watermark.account_id AND entry.sequence =
        CASE WHEN watermark.sequence < $3 THEN watermark.sequence ELSE $3 END
    WHERE watermark.account_id = $1 AND watermark.dimension = $2
    """
)
_WATERMARK: Final = """
    FROM spending_watermark WHERE account_id = $1 AND dimension = $2"""


def _kept(part: str, found: str) -> str:
    return f"""
        SELECT -1, '', sequence, 0, 0 {_WATERMARK}
        UNION ALL SELECT * FROM (
            SELECT part, spent_on, sum(connects), sum(spends), count(*) FROM (
                SELECT {part} AS part, kept.spent_on, kept.connects, kept.spends
                FROM {found} LIMIT $4) AS found
            GROUP BY part, spent_on) AS summed
        """


def _in_slots(width: str, first: str, end: str) -> str:
    return f"""spending_sum AS kept
        WHERE kept.account_id = $1 AND kept.dimension = $2 AND kept.width = {width}
            AND kept.slot >= {first} AND kept.slot < {end}"""


_PART, *_SLOTS = (f"(wanted.value ->> {n})" for n in range(4))
# Without OFFSET, PostgreSQL joins all sums of a width with all slots of that width.
_KEPT: Final = SqlStatement(
    _kept(_PART, f"json_each($3) AS wanted CROSS JOIN {_in_slots(*_SLOTS)}").replace("$", "?"),
    _kept(
        f"{_PART}::bigint",
        f"""json_array_elements($3::text::json) AS wanted
        CROSS JOIN LATERAL (
            SELECT * FROM {_in_slots(*(f"{text}::bigint" for text in _SLOTS))} OFFSET 0) AS kept""",
    ),
)
_BEGIN: Final = both(
    """
    INSERT INTO spending_watermark (account_id, dimension, sequence) VALUES ($1, $2, 0)
    ON CONFLICT (account_id, dimension) DO NOTHING RETURNING sequence
    """
)
_MOVE: Final = both(
    """
    UPDATE spending_watermark SET sequence = $4
    WHERE account_id = $1 AND dimension = $2 AND sequence = $3 RETURNING sequence
    """
)
_ROLLED: Final = both(f"SELECT sequence {_WATERMARK}")


def _add(given: str, *columns: str) -> str:
    return f"""
        INSERT INTO spending_sum (account_id, dimension, width, slot, spent_on, connects, spends)
        SELECT {", ".join(columns)} FROM {given} AS given WHERE TRUE
        ON CONFLICT (account_id, dimension, width, slot, spent_on) DO UPDATE
        SET connects = spending_sum.connects + excluded.connects,
            spends = spending_sum.spends + excluded.spends
        """


_TYPES: Final = ("integer", "bigint", "text", "bigint", "bigint")
_ADD: Final = SqlStatement(
    _add("json_each(?3)", "?1", "?2", *(f"given.value ->> {n}" for n in range(5))),
    _add(
        "json_array_elements($3::text::json)",
        "$1::uuid",
        "$2::text",
        *(f"(given.value ->> {n})::{kind}" for n, kind in enumerate(_TYPES)),
    ),
)
# The watermark first: its row is the lock.
_FORGET_WATERMARK: Final = both(
    "DELETE FROM spending_watermark WHERE account_id = $1 AND dimension = $2"
)
_FORGET_SUMS: Final = both("DELETE FROM spending_sum WHERE account_id = $1 AND dimension = $2")
_ALL: Final = both(
    """
    SELECT kept.account_id, kept.dimension, wallet.sequence FROM (
        SELECT account_id, dimension FROM spending_watermark
        UNION SELECT account_id, dimension FROM spending_sum) AS kept
    LEFT JOIN wallet ON wallet.account_id = kept.account_id
    ORDER BY kept.account_id, kept.dimension
    """
)


class Covered(NamedTuple):
    """The sums cover the entries up to `sequence`. Those of quarters before `quarter` are complete,
    and of no entry after the one that was asked for.
    """

    sequence: int
    quarter: int


NOTHING_COVERED: Final = Covered(0, 0)


class InQuarter(NamedTuple):
    """What was spent on something in a quarter of an hour."""

    quarter: int
    spent_on: str
    spent: SpendTotal


class InPart(NamedTuple):
    """What was spent on something in a numbered part of a range."""

    part: int
    spent_on: str
    spent: SpendTotal


class TooManyError(Exception):
    """More kept sums were found than were asked for."""


async def of_entries(
    database: Database, account_id: UUID, by: SpendingBy, span: Span
) -> list[InQuarter]:
    """What the entries spent, summed from themselves. At most sums.PIECE of them."""
    rows = await database.fetch(_OF_ENTRIES[by], account_id, *span)
    return [InQuarter(int(row[0]), row[1], SpendTotal(int(row[2]), int(row[3]))) for row in rows]


async def covered(database: Database, account_id: UUID, by: SpendingBy, upto: int) -> Covered:
    """What the kept sums cover of the entries up to `upto`."""
    rows = await database.fetch(_COVERED, account_id, by, upto)
    return Covered(*map(int, rows[0])) if rows else NOTHING_COVERED


async def kept(
    database: Database,
    account_id: UUID,
    by: SpendingBy,
    sequence: int,
    wanted: Iterable[tuple[int, Slots]],
    most: int,
) -> list[InPart] | None:
    """The kept sums of slots, which are each of a numbered part of a range.

    None if the sums no longer cover the entries up to `sequence`, because they were deleted. Raises
    TooManyError if there are more than `most` kept rows.
    """
    slots = orjson.dumps([[part, *slots] for part, slots in wanted]).decode()
    rows = await database.fetch(_KEPT, account_id, by, slots, most + 1)
    watermark = [int(row[2]) for row in rows if int(row[0]) < 0]
    if not watermark or watermark[0] < sequence:
        return None
    found = [row for row in rows if int(row[0]) >= 0]
    if sum(int(row[4]) for row in found) > most:
        raise TooManyError
    return [InPart(int(row[0]), row[1], SpendTotal(int(row[2]), int(row[3]))) for row in found]


async def rolled_up_to(database: Database, account_id: UUID, by: SpendingBy) -> int:
    """The last entry that the kept sums cover; 0 if there are none."""
    rows = await database.fetch(_ROLLED, account_id, by)
    return int(rows[0][0]) if rows else 0


async def roll_up(
    database: Database, account_id: UUID, by: SpendingBy, upto: int, step: int = STEP
) -> bool:
    """Adds the next `step` entries, but none after `upto`, to the kept sums.

    Returns False if there are none, or if somebody else rolls up at the same time. Opens a
    transaction: must not be cancelled.
    """
    after = await rolled_up_to(database, account_id, by)
    piece = Span(after, min(after + min(step, PIECE), upto))
    if piece.upto <= after:
        return False
    rows = _at_all_widths(await of_entries(database, account_id, by, piece))
    async with database.transaction() as transaction:
        if after == 0 and await transaction.fetch(_BEGIN, account_id, by):
            await transaction.fetch(_FORGET_SUMS, account_id, by)
        if not await transaction.fetch(_MOVE, account_id, by, after, piece.upto):
            return False
        if rows:
            given = orjson.dumps(rows).decode()
            await transaction.fetch(_ADD, account_id, by, given)
    return True


async def forget(database: Database, account_id: UUID, by: SpendingBy) -> None:
    """Deletes the kept sums. Others may read and roll up meanwhile."""
    async with database.transaction() as transaction:
        for statement in (_FORGET_WATERMARK, _FORGET_SUMS):
            await transaction.fetch(statement, account_id, by)


async def rebuild(database: Database) -> int:
    """Deletes all kept sums and rolls the same up again. Returns of how many entries."""
    entries = 0
    for account, dimension, upto in await database.fetch(_ALL):
        account_id, by = UUID(str(account)), SpendingBy(dimension)
        await forget(database, account_id, by)
        while await roll_up(database, account_id, by, int(upto or 0)):
            pass
        entries += int(upto or 0)
    return entries


def _at_all_widths(spent: Sequence[InQuarter]) -> list[tuple[int, int, str, int, int]]:
    """The rows of all widths, in the order of their keys."""
    connects: defaultdict[tuple[int, int, str], int] = defaultdict(int)
    counts: defaultdict[tuple[int, int, str], int] = defaultdict(int)
    for quarter, spent_on, part in spent:
        for width in WIDTHS:
            key = (width, quarter // width, spent_on)
            connects[key] += part.connects
            counts[key] += part.spends
    return [(*key, connects[key], counts[key]) for key in sorted(connects)]
