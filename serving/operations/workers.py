"""Runs long computations outside the event loop, one after the other.

A thread still shares the interpreter lock with the event loop. By default it keeps the lock for 5
ms when the loop requests it, and a request needs it several times.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

WAITING: Final = 100
"""How many computations may be waiting or running."""
SWITCH_SECONDS: Final = 0.0005
"""How long a computation keeps the interpreter lock when another thread wants it."""
_USUAL_SECONDS: Final = sys.getswitchinterval()


class BusyError(Exception):
    """The server is overloaded; nothing was executed."""


class Worker:
    """A thread for work that takes the processor more than a moment."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="worker")
        self._waiting = 0

    async def do(self, work: Callable[[], T]) -> T:
        """Returns or raises the result of `work`. Raises BusyError if too many are waiting."""
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        running = asyncio.get_running_loop().run_in_executor(self._executor, _yielding, work)
        # Cancelling the caller does not stop it: it counts until done or removed before its start.
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
