"""Checks the design's six invariants on a live database, row by row, a checkpoint (7), and the kept
sums of spending (8).
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from models.rules.proof.checkpoints import Head
from models.store.database import Database, Open
from models.store.statements import both
from models.verify.counterparts import CHECKS
from models.verify.heads import HeadCheck
from models.verify.merge import Merge
from models.verify.spending import SPENDING_CHECKS
from models.verify.violations import Violation
from models.verify.walk import Walk

__all__ = ["Violation", "verify"]

Progress = Callable[[int, int], None]

ENTRIES = both("SELECT COUNT(*) FROM entry")
ROWS_AT_A_TIME: Final = 2000


async def verify(
    database: Database,
    progress: Progress | None = None,
    *,
    limit: int = 1,
    heads: Iterable[Head] = (),
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> list[Violation]:
    """Returns the first `limit` violations of the ledger; an empty list if all invariants hold.

    Reads everything from one snapshot, so concurrent writes do no harm. Keeps at most twice
    `rows_at_a_time` rows of a table in memory. It first walks the ledger by wallet and entry: sums,
    sequences, hash chains, lots and draws (invariants 1 to 4). Then the database joins it with what
    Connects paid for, with stored outcomes and with kept sums (5, 6 and 8). `heads` are those of a
    checkpoint, in the order of their accounts: the ledger must still have them (7). `progress` is
    called with the number of entries checked and the total.
    """
    async with database.snapshot() as open_statement:
        found = _Findings(limit)
        await _walk(open_statement, found, progress, HeadCheck(iter(heads)), rows_at_a_time)
        for check in (*CHECKS, *SPENDING_CHECKS):
            if found.wanted:
                rows = await (await open_statement(check.statement))(found.wanted)
                found.add(Violation(check.invariant, where, message) for where, message in rows)
        return found.violations


class _Findings:
    def __init__(self, limit: int) -> None:
        self.violations: list[Violation] = []
        self._limit = limit

    @property
    def wanted(self) -> int:
        """The number of violations still wanted."""
        return self._limit - len(self.violations)

    def add(self, violations: Iterable[Violation]) -> None:
        self.violations += islice(violations, self.wanted)


async def _walk(
    open_statement: Open,
    found: _Findings,
    progress: Progress | None,
    head_check: HeadCheck,
    rows_at_a_time: int,
) -> None:
    [[total]] = await (await open_statement(ENTRIES))(1)
    done = 0
    merge = await Merge.start(open_statement, rows_at_a_time)
    walk = Walk()
    while found.wanted and (page := await merge.page()) is not None:
        found.add(walk.take(page))
        found.add(head_check.take(page))
        done += len(page.entries)
        if progress is not None:
            progress(done, total)
    found.add(walk.finish())
    found.add(head_check.finish())
