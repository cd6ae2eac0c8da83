"""Deadlines for many concurrent tasks, checked by one timer.

asyncio.timeout creates and cancels a timer per use. The two of a request took a seventh of a
balance's time. Here a deadline fires late by at most a tenth of its duration and at most half a
second.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

LATE_SECONDS: Final = 0.5
_LATE: Final = 0.1
_SOON_SECONDS: Final = 0.05


class Deadlines:
    """Gives each task the same number of `seconds`. Bound to one event loop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_ended = False
        self.running: dict[Deadline, float] = {}
        self._given = seconds
        self._pause = min(seconds * _LATE, LATE_SECONDS)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_looking = False

    def start(self) -> "Deadline":
        """Returns a context manager for the task: `with deadlines.start(): ...`."""
        return Deadline(self)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Cached: until Python 3.12, getting the running loop makes a system call."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def add(self, deadline: "Deadline") -> None:
        """Watches `deadline` until it is removed from `running`."""
        loop = self.loop
        self.running[deadline] = loop.time() + self._given
        if not self._is_looking:
            self._is_looking = True
            loop.call_later(self._pause, self._look)

    def end(self) -> None:
        """Ends all running tasks now, and those started later soon after."""
        self.is_ended = True
        self._given = 0.0
        self._pause = min(self._pause, _SOON_SECONDS)
        for deadline in self.running:
            deadline.pass_by()
        self.running.clear()

    def _look(self) -> None:
        """Ends expired tasks. Those that started first expire first."""
        now = self.loop.time()
        for deadline, over_at in list(self.running.items()):
            if over_at > now:
                break
            del self.running[deadline]
            deadline.pass_by()
        self._is_looking = bool(self.running)
        if self._is_looking:
            self.loop.call_later(self._pause, self._look)


class Deadline:
    """A task that is cancelled, and raises TimeoutError, if it does not finish in time.

    Other cancellations are told apart in the same way as in asyncio.timeout.
    """

    __slots__ = ("_cancelled_before", "_deadlines", "_is_over", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._is_over = False
        self._task: asyncio.Task[object] | None = None

    def pass_by(self) -> None:
        """Cancels the task."""
        assert self._task is not None, "it has begun"
        self._is_over = True
        self._task.cancel()

    def __enter__(self) -> Self:
        self._task = task = asyncio.current_task(self._deadlines.loop)
        assert task is not None, "it is a task that is cancelled"
        self._cancelled_before = task.cancelling()
        self._deadlines.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if not self._is_over:
            del self._deadlines.running[self]
            return
        assert self._task is not None
        cancelled = kind is not None and issubclass(kind, asyncio.CancelledError)
        if self._task.uncancel() <= self._cancelled_before and cancelled:
            raise TimeoutError from error
