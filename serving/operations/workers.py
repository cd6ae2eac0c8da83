"""Long calculations beside the event loop, one after the other.

In a thread they still share Python's lock, but the loop gets it back every 5 ms.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

WAITING: Final = 100
"""How many calculations may wait or be under way."""


class BusyError(Exception):
    """There is more to do than can be done in time; nothing was executed."""


class Worker:
    """A thread for what takes the processor more than a moment."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="worker")
        self._waiting = 0

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` gives or raises. Raises BusyError where too many wait already."""
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        running = asyncio.get_running_loop().run_in_executor(self._executor, work)
        # Who gives up does not end it: it counts until it is done, or was taken back unbegun.
        running.add_done_callback(self._done)
        return await asyncio.shield(running)

    def _done(self, running: "asyncio.Future[T]") -> None:
        self._waiting -= 1
        if not running.cancelled():
            running.exception()
