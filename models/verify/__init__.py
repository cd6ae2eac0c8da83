"""Checks the six invariants of the design on a database, row by row, while it is in use."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from models.store.database import Database, Open
from models.store.statements import both
from models.verify.counterparts import CHECKS
from models.verify.faults import Fault
from models.verify.merge import Merge
from models.verify.walk import Walk

__all__ = ["Fault", "verify"]

Progress = Callable[[int, int], None]

ENTRIES = both("SELECT COUNT(*) FROM entry")
ROWS_AT_A_TIME: Final = 2000


async def verify(
    database: Database,
    progress: Progress | None = None,
    *,
    limit: int = 1,
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> list[Fault]:
    """The first `limit` faults of the ledger; an empty list where all invariants hold.

    Everything is read from one snapshot, so that what is written meanwhile does no harm, and
    no more than `rows_at_a_time` rows of a table are in memory, or twice that. First the ledger
    is walked, wallet by wallet and entry by entry: sums, sequences, hash chains, lots and draws
    (invariants 1 to 4). Then the database joins it to what Connects paid for and to what callers
    were answered (5 and 6). `progress` is told the entries done and the entries there are.
    """
    async with database.snapshot() as open_statement:
        found = _Found(limit)
        await _walk(open_statement, found, progress, rows_at_a_time)
        for check in CHECKS:
            if found.wanted:
                rows = await (await open_statement(check.statement))(found.wanted)
                found.add(Fault(check.invariant, where, message) for where, message in rows)
        return found.faults


class _Found:
    def __init__(self, limit: int) -> None:
        self.faults: list[Fault] = []
        self._limit = limit

    @property
    def wanted(self) -> int:
        """How many more are wanted."""
        return self._limit - len(self.faults)

    def add(self, faults: Iterable[Fault]) -> None:
        self.faults += islice(faults, self.wanted)


async def _walk(
    open_statement: Open, found: _Found, progress: Progress | None, rows_at_a_time: int
) -> None:
    [[total]] = await (await open_statement(ENTRIES))(1)
    done = 0
    merge = await Merge.start(open_statement, rows_at_a_time)
    walk = Walk()
    while found.wanted and (page := await merge.page()) is not None:
        found.add(walk.take(page))
        done += len(page.entries)
        if progress is not None:
            progress(done, total)
    found.add(walk.finish())
