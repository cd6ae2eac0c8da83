"""Limits how many requests run concurrently; the others wait or are refused.

Without a limit, each request slows down all others until none is answered in time. Here a request
waits for its place in order of arrival, for at most a second when many are waiting. New requests
are refused immediately while the longest wait exceeds half of that. No part of a refused request
has been executed.

Only a few requests start per iteration of the event loop, fewer if that takes long. Between
iterations the loop reads from the database and other connections.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

from serving.operations.answers import to_json
from serving.operations.workers import BusyError
from serving.transport.exchange import Reply

TOGETHER: Final = 256
"""How many requests run concurrently: enough for two full batches of the ledger."""
WAITING: Final = 2_048
"""How many may wait."""
FEW: Final = 64
"""Up to this many may wait indefinitely: a slow machine serves few callers slowly."""
PATIENCE_SECONDS: Final = 1.0
"""How long a request waits before it is refused."""
FULL_SECONDS: Final = 0.5
"""New requests are refused if one has waited longer, or half of WAITING are waiting."""
TURN_SECONDS: Final = 0.02
"""An iteration of the event loop that has taken longer starts no more requests."""
LEAST_IN_A_TURN: Final = 32
"""How many are received and started in any case: together they cost the database less."""
RETRY_SECONDS: Final = 1
"""When a refused client may retry."""
_MOST_IN_A_TURN: Final = 128
_REFUSED_IN_A_TURN: Final = 256
_LOOK_SECONDS: Final = 0.05
_HEADERS: Final = (
    (b"retry-after", b"%d" % RETRY_SECONDS),
    (b"cache-control", b"private, no-store"),
)
_MESSAGE: Final = "The server is overloaded. Nothing was executed. Try again in a moment."


class Admission:
    """The places for requests of one event loop.

    `is_full` means that new requests are to be refused.
    """

    def __init__(self, together: int = TOGETHER) -> None:
        self.is_full = False
        self._free = together
        self._busy_below = together - LEAST_IN_A_TURN
        self._turn_began = 0.0
        self._done_in_turn = 0
        self._in_a_turn = LEAST_IN_A_TURN
        self._looked_at = 0.0
        self._later: deque[Callable[[], None]] = deque()
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_look: asyncio.Handle | None = None
        self._is_soon = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Cached: until Python 3.12, getting the running loop makes a system call."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def enters(self) -> bool:
        """Takes a place if one is free. If this returns False, `wait` for one."""
        if not self._free or self._waiting:
            return False
        if self._free <= self._busy_below and self.is_late():
            return False
        self._free -= 1
        return True

    def is_late(self) -> bool:
        """Whether the current loop iteration has no time for more work.

        Call it once per piece of work if more than LEAST_IN_A_TURN requests are running: fewer
        cannot fill an iteration.
        """
        if self._done_in_turn < LEAST_IN_A_TURN:
            if not self._done_in_turn:
                self._turn_began = monotonic()
                self.loop.call_soon(self._end_turn)
            self._done_in_turn += 1
            return False
        return monotonic() - self._turn_began > TURN_SECONDS

    async def wait(self) -> None:
        """Takes a place when one is free. Raises BusyError if that takes too long."""
        if len(self._waiting) >= WAITING:
            self.is_full = True
            raise BusyError
        place = self.loop.create_future()
        self._waiting.append((monotonic(), place))
        self._look_soon()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.leave()
            raise

    def leave(self) -> None:
        """Frees a place."""
        self._free += 1
        if self._waiting:
            self._look_soon()

    def later(self, work: Callable[[], None]) -> None:
        """Runs `work` in a later loop iteration, in order, as much as each has time for."""
        if not self._later:
            self.loop.call_soon(self._catch_up)
        self._later.append(work)

    def _catch_up(self) -> None:
        until = monotonic() + TURN_SECONDS
        while self._later and monotonic() < until:
            self._later.popleft()()
        if self._later:
            self.loop.call_soon(self._catch_up)

    def _end_turn(self) -> None:
        self._done_in_turn = 0

    def _look_soon(self) -> None:
        if not self._is_soon:
            if self._next_look is not None:
                self._next_look.cancel()
            self._is_soon = True
            self._next_look = self.loop.call_soon(self._look)

    def _look(self) -> None:
        """Refuses requests that have waited too long, and gives free places to the next ones."""
        self._is_soon, self._next_look = False, None
        now = monotonic()
        self._refuse_the_late(now)
        self._adapt(now)
        self._admit()
        waiting = len(self._waiting)
        self.is_full = waiting > WAITING // 2 or (
            waiting > FEW and now - self._waiting[0][0] > FULL_SECONDS
        )
        if self._waiting and self._free:
            self._looked_at = now
            self._look_soon()
        elif self._waiting:
            self._next_look = self.loop.call_later(_LOOK_SECONDS, self._look)

    def _refuse_the_late(self, now: float) -> None:
        for _ in range(_REFUSED_IN_A_TURN):
            if len(self._waiting) <= FEW or now - self._waiting[0][0] <= PATIENCE_SECONDS:
                return
            _, place = self._waiting.popleft()
            if not place.done():
                place.set_exception(BusyError())

    def _adapt(self, now: float) -> None:
        """The requests admitted by the last check have started since then."""
        if not self._looked_at:
            return
        took, self._looked_at = now - self._looked_at, 0.0
        if took > TURN_SECONDS:
            self._in_a_turn = max(LEAST_IN_A_TURN, self._in_a_turn // 2)
        elif took < TURN_SECONDS / 2:
            self._in_a_turn = min(_MOST_IN_A_TURN, self._in_a_turn * 2)

    def _admit(self) -> None:
        for _ in range(min(self._in_a_turn, self._free)):
            while self._waiting:
                _, place = self._waiting.popleft()
                if not place.done():
                    self._free -= 1
                    place.set_result(None)
                    break


def busy(request_id: str, media_type: bytes) -> Reply:
    """The response to a refused request. Minimal, because it is sent often."""
    extensions = {"code": "TRY_AGAIN", "requestId": request_id}
    content = to_json({"errors": [{"message": _MESSAGE, "extensions": extensions}]})
    return Reply(request_id, 503, content, media_type, _HEADERS)
