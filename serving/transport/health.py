"""Health checks for load balancers, which call often and have short timeouts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

FRESH_SECONDS: Final = 1.0
"""How long the database's last response is valid."""
WAIT_SECONDS: Final = 0.5
"""How long a health check waits for the database."""
SILENCE_SECONDS: Final = 5.0
"""How long a busy database may take to respond before it counts as unavailable."""
_logger = logging.getLogger(__name__)


class Health:
    """Checks the database with `ask`, once for all concurrent callers and no more than needed."""

    def __init__(self, ask: Callable[[], Awaitable[object]]) -> None:
        self._ask_database = ask
        self._asking: asyncio.Task[None] | None = None
        self._answered_at = -SILENCE_SECONDS
        self._is_well = False

    async def is_well(self) -> bool:
        """Whether the database responds. Takes at most WAIT_SECONDS."""
        if monotonic() - self._answered_at > FRESH_SECONDS or not self._is_well:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            await asyncio.wait({self._asking}, timeout=WAIT_SECONDS)
        return self._is_well and monotonic() - self._answered_at < SILENCE_SECONDS

    async def close(self) -> None:
        """Stops checking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._ask_database()
        except Exception:
            self._is_well = False
            _logger.exception("the database does not respond")
        else:
            self._is_well = True
            self._answered_at = monotonic()
