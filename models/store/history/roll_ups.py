"""Rolls up spending in the background, beside the reads that found much to sum."""

import asyncio
import logging
from typing import Final
from uuid import UUID

from models.rules.history.spending import SpendingBy
from models.store.database import Database
from models.store.history import spending_sums

LATE: Final = 2_000
"""So many entries may be left out of the kept sums before they are rolled up."""
_log = logging.getLogger(__name__)


class RollUps:
    """One per process and event loop. Rolls up one wallet at a time, in short transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[tuple[UUID, SpendingBy], int] = {}
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def begin(self, account_id: UUID, by: SpendingBy, upto: int) -> None:
        """Rolls up the wallet's entries up to `upto`, if that is not being done already."""
        if self._closing or len(self._waiting) >= LATE:
            return
        self._waiting.setdefault((account_id, by), upto)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="spending")

    async def finish(self) -> None:
        """Returns when all that was begun is done."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def close(self) -> None:
        """Ends after the transaction at hand. What is left is rolled up by a later read."""
        self._closing = True
        await self.finish()

    async def _run(self) -> None:
        while self._waiting and not self._closing:
            (account_id, by), upto = next(iter(self._waiting.items()))
            try:
                await self._roll_up(account_id, by, upto)
            except Exception:
                # Reads are exact without it, and begin it again.
                _log.warning("Spending could not be rolled up.", exc_info=True)
            finally:
                del self._waiting[account_id, by]

    async def _roll_up(self, account_id: UUID, by: SpendingBy, upto: int) -> None:
        while await spending_sums.roll_up(self._database, account_id, by, upto):
            if self._closing:
                return
