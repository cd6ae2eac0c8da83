"""Long statements: as many entries as there are, in the memory of a few."""

import resource
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from models.ledger.ledger import Ledger
from models.store.database import Database
from models.store.history.sums import Span
from models.store.loaders import Loaders
from models.store.statements import SqlStatement, both
from resolvers.history import statements
from resolvers.history.addresses import Named
from resolvers.services import Services
from statements import csv_file
from tests.clocks import ManualClock

ACCOUNT = UUID("0192a000-0000-7000-8000-00000000aaaa")
USER = UUID("0192a000-0000-7000-8000-00000000bbbb")
PIECE_BYTES = 100_000
HELD_BYTES = 1_400_000
"""What may be held while a file is written."""
GROWN_BYTES = 40_000_000
"""By how much this process may grow meanwhile, whatever else it does."""

PEOPLE = (
    "INSERT INTO \"user\" (id, subject, name, created_at) VALUES ($2, 'ada', 'Ada', 0)",
    "INSERT INTO account (id, kind, name, created_at) VALUES ($1, 'CLIENT', 'Lovelace', 0)",
    """INSERT INTO wallet (account_id, account_kind, available, held, sequence, head_hash,
        next_event_at, last_grant_month, updated_at, next_return_at)
    VALUES ($1, 'CLIENT', 0, 0, $3, $4, 1, 1, 1, 1)""",
)
ENTRIES = SqlStatement(
    """INSERT INTO entry SELECT ?1, value, 'SPEND', -1, ?3 - value, 0, 'POST_JOB', ?1, ?2,
        value, ?4, ?4
    FROM (WITH RECURSIVE n(value) AS (SELECT ?5 UNION ALL SELECT value + 1 FROM n WHERE value < ?6)
        SELECT value FROM n)""",
    """INSERT INTO entry SELECT $1, value, 'SPEND', -1, $3 - value, 0, 'POST_JOB',
        md5(value::text)::uuid, $2, value, $4, $4 FROM generate_series($5::integer, $6) AS value""",
)
TOGETHER = 20_000
"""How many entries one statement makes, which has 10 seconds."""


async def filled(database: Database, entries: int) -> None:
    """A wallet with so many entries, one a microsecond. They are no sound ledger."""
    zeros = bytes(32)
    async with database.transaction() as transaction:
        await transaction.fetch(both(PEOPLE[0].replace("$2", "$1")), USER)
        await transaction.fetch(both(PEOPLE[1]), ACCOUNT)
        wallet = PEOPLE[2].replace("$3", "$2").replace("$4", "$3")
        await transaction.fetch(both(wallet), ACCOUNT, entries, zeros)
        if database.dialect == "sqlite":
            # One spend for each subject: the index says so.
            await transaction.fetch(both("DROP INDEX entry_of_subject"))
        for first in range(1, entries, TOGETHER):
            last = first + TOGETHER - 1
            await transaction.fetch(ENTRIES, ACCOUNT, USER, entries, zeros, first, last)


async def written(database: Database, clock: ManualClock, entries: int) -> AsyncIterator[bytes]:
    """The file of a wallet with so many entries, piece by piece, checked as it goes."""
    await filled(database, entries)
    ledger = Ledger(database, clock)
    services = Services(database, ledger, clock, Loaders(database), None, None, b"")  # type: ignore[arg-type]
    named = Named(ACCOUNT, 0, entries + 1, Span(0, entries))
    lines = 0
    async for piece in csv_file.written(statements.lines(services, named)):
        lines += piece.count(b"\r\n")
        assert len(piece) < PIECE_BYTES
        yield piece
    assert lines == entries + 1
    found = await statements.of_named(services, named)
    assert (found.parts.spent, found.parts.closing.available) == (entries, 0)


def resident() -> int:
    """How many bytes of memory this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


@pytest.mark.slow
async def test_twenty_thousand_entries_take_little_memory(
    database: Database, clock: ManualClock
) -> None:
    total = 0
    async for piece in written(database, clock, 20_000):
        if not total:
            tracemalloc.start()
        total += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < HELD_BYTES < total


@pytest.mark.slow
async def test_a_million_entries_take_no_more(database: Database, clock: ManualClock) -> None:
    total = before = most = 0
    async for piece in written(database, clock, 1_000_000):
        before = before or resident()
        total += len(piece)
        most = max(most, resident() - before)

    assert most < GROWN_BYTES < total
