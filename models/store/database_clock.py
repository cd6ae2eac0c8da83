"""The process's clock, kept from running ahead of the database's.

All processes book into one database: one whose clock is ahead would grant a month early. On SQLite
the database's clock is this machine's, and there is nothing to compare.
"""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic_ns
from typing import Final

from models.clock import Clock
from models.rules.instants import SECOND
from models.store.database import Database
from models.store.statements import both

LARGEST_SKEW: Final = 2 * SECOND
COMPARING_SECONDS: Final = 60.0
_NOW: Final = both("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
_logger = logging.getLogger(__name__)


def _monotonic() -> int:
    return monotonic_ns() // 1000


class DatabaseClock:
    """Gives the instant by `system`, or what the database's clock shows for sure, if that is less.

    `compare` has to be called before, and now and then. In between the database's clock is taken to
    go on as this machine's monotonic clock does, which nobody sets.
    """

    def __init__(
        self, database: Database, system: Clock, monotonic: Callable[[], int] = _monotonic
    ) -> None:
        self._database = database
        self._system = system
        self._monotonic = monotonic
        self._offset: int | None = None
        self._skew = 0

    def __call__(self) -> int:
        now = self._system()
        if self._offset is None:
            return now
        sure = self._offset + self._monotonic()
        # A call of min takes as long as all the rest.
        return now if now < sure else sure

    async def compare(self) -> None:
        """Reads the database's clock. Raises what the database raises."""
        if self._database.dialect == "sqlite":
            return
        before = self._monotonic()
        rows = await self._database.fetch(_NOW)
        after, here = self._monotonic(), self._system()
        # It showed this some time between asking and answering.
        earliest = int(rows[0][0])
        latest = earliest + after - before
        self._offset = earliest - after
        self._skew = max(here - latest, 0) or min(here - earliest, 0)

    @property
    def fault(self) -> str | None:
        """In words, where the clocks were too far apart when they were compared last."""
        if abs(self._skew) <= LARGEST_SKEW:
            return None
        side = "ahead of" if self._skew > 0 else "behind"
        seconds = abs(self._skew) / SECOND
        return (
            f"this machine's clock is {seconds:,.1f} s {side} the database's; "
            f"at most {LARGEST_SKEW // SECOND} s are accepted"
        )

    async def keep_comparing(self) -> None:
        """Compares once in COMPARING_SECONDS until it is cancelled."""
        while True:
            await asyncio.sleep(COMPARING_SECONDS)
            try:
                await self.compare()
            except Exception:
                _logger.warning("the database's clock could not be read", exc_info=True)
                continue
            if self.fault:
                _logger.error("%s", self.fault)
