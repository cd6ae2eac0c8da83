"""Deadlines for many pieces of work at a time, looked at together.

asyncio.timeout sets a timer of its own for each and takes it back, which for the two of a request
took a seventh of the time of a balance. Who works here for too long is told within a tenth of the
time that was given, and half a second at most.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

LATE_SECONDS: Final = 0.5
_LATE: Final = 0.1
_SOON_SECONDS: Final = 0.05


class Deadlines:
    """Gives each piece of work the same number of `seconds`. Belongs to one event loop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_ended = False
        self.running: dict[Deadline, float] = {}
        self._given = seconds
        self._pause = min(seconds * _LATE, LATE_SECONDS)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_looking = False

    def start(self) -> "Deadline":
        """What to do the work within: `with deadlines.start(): ...`."""
        return Deadline(self)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Kept: until Python 3.12, each look for the running one asks the system who asks."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def add(self, deadline: "Deadline") -> None:
        """Has `deadline` looked after until it is taken out of `running`."""
        loop = self.loop
        self.running[deadline] = loop.time() + self._given
        if not self._is_looking:
            self._is_looking = True
            loop.call_later(self._pause, self._look)

    def end(self) -> None:
        """Ends all work now, and what begins later soon."""
        self.is_ended = True
        self._given = 0.0
        self._pause = min(self._pause, _SOON_SECONDS)
        for deadline in self.running:
            deadline.pass_by()
        self.running.clear()

    def _look(self) -> None:
        """Ends what is over. The first to begin is the first to be."""
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
    """Work that is cancelled, and raises TimeoutError, where it is not done in time.

    What else cancels it is told apart as asyncio.timeout does.
    """

    __slots__ = ("_cancelled_before", "_deadlines", "_is_over", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._is_over = False
        self._task: asyncio.Task[object] | None = None

    def pass_by(self) -> None:
        """Cancels the work."""
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
