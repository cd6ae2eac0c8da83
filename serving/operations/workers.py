"""Long calculations beside the event loop, one after the other.

In a thread they still share Python's lock with the loop, which asks to have it back. By itself a
thread keeps it for 5 ms then, and a request needs it several times.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

WAITING: Final = 100
"""How many calculations may wait or be under way."""
SWITCH_SECONDS: Final = 0.0005
"""How long a calculation keeps Python's lock when others want it."""
_USUAL_SECONDS: Final = sys.getswitchinterval()


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
        running = asyncio.get_running_loop().run_in_executor(self._executor, _yielding, work)
        # Who gives up does not end it: it counts until it is done, or was taken back unbegun.
        running.add_done_callback(self._done)
        return await asyncio.shield(running)

    def _done(self, running: "asyncio.Future[T]") -> None:
        self._waiting -= 1
        if not running.cancelled():
            running.exception()


def _yielding(work: Callable[[], T]) -> T:
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        return work()
    finally:
        sys.setswitchinterval(_USUAL_SECONDS)
