"""Makes a checkpoint once in an interval, in the background of a server."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from models.checkpoints.keys import CheckpointKey
from models.checkpoints.making import StoppedError, make_checkpoint
from models.clock import Clock
from models.rules.instants import SECOND
from models.store.checkpoints.rows import newest_checkpoint
from models.store.database import Database

LONGEST_WAIT: Final = 60.0
"""After so many seconds it looks again: another process may have made one, or an attempt failed."""
CLOSING_SECONDS: Final = 1.0
_logger = logging.getLogger(__name__)


class CheckpointSchedule:
    """Makes a checkpoint when the newest one is `interval` seconds old, whoever made that."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        key: CheckpointKey,
        interval: int,
        *,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._interval = interval * SECOND
        self._longest_wait = longest_wait
        self._stopped = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stops. A checkpoint that is being made is given up at the next page of wallets."""
        self._stopped.set()
        if self._task is not None:
            # Not cancelled at once: it may be in a transaction.
            await asyncio.wait({self._task}, timeout=CLOSING_SECONDS)
            self._task.cancel()

    async def _run(self) -> None:
        while not self._stopped.is_set():
            seconds = self._longest_wait
            try:
                seconds = min(seconds, await self._make_if_due())
            except StoppedError:
                return
            except Exception:
                _logger.exception("no checkpoint could be made; it is tried again")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), seconds)

    async def _make_if_due(self) -> float:
        """Returns the seconds until the next one is due."""
        newest = await newest_checkpoint(self._database)
        if newest is None or newest.at + self._interval <= self._clock():
            newest = await make_checkpoint(
                self._database,
                self._clock,
                self._key,
                lambda: not self._stopped.is_set(),
                # Another process may have made one since the newest was read.
                least_age=self._interval,
            )
        return max(newest.at + self._interval - self._clock(), 0) / SECOND
