"""Batches loads that are requested in one iteration of the event loop.

Strawberry's DataLoader does the same, but cancellation can stop it permanently: if all callers
waiting for a batch are cancelled just before it starts, it never starts, and every later load joins
it. Here cancelling a caller does not affect the batch.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

LEAST_HALF: Final = 8

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BatchLoader(Generic[K, V]):
    """Loads by `read`, which takes at most `most` keys and returns as many values, in order.

    Bound to one event loop; caches nothing. An exception of `read` is raised in all callers of that
    batch. `in_halves`: more than LEAST_HALF keys are split in two, so that one half is answered
    while the database reads the other.
    """

    def __init__(
        self,
        read: Callable[[list[K]], Awaitable[Sequence[V]]],
        most: int,
        *,
        in_halves: bool = False,
    ) -> None:
        self._read = read
        self._most = most
        self._in_halves = in_halves
        self._asked: list[tuple[K, asyncio.Future[V]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Cached: until Python 3.12, getting the running loop makes a system call."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def load(self, key: K) -> "asyncio.Future[V]":
        """Returns a future of the value of `key`."""
        loop = self.loop
        answer: asyncio.Future[V] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._begin)
        self._asked.append((key, answer))
        return answer

    def load_many(self, keys: Sequence[K]) -> "asyncio.Future[list[V]]":
        """Returns a future of the values of `keys`, in order."""
        return asyncio.gather(*map(self.load, keys))

    def _begin(self) -> None:
        # One iteration later, because callers may first start tasks of their own.
        self.loop.call_soon(self._answer_all)

    def _answer_all(self) -> None:
        asked, self._asked = self._asked, []
        awaited = [(key, answer) for key, answer in asked if not answer.done()]
        size = self._most
        if self._in_halves:
            size = min(size, max(LEAST_HALF, -(-len(awaited) // 2)))
        for start in range(0, len(awaited), size):
            task = self.loop.create_task(self._answer(awaited[start : start + size]))
            # The event loop holds only weak references to tasks.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, asked: "list[tuple[K, asyncio.Future[V]]]") -> None:
        try:
            values = await self._read([key for key, _ in asked])
            answered = list(zip(asked, values, strict=True))
        except Exception as error:
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), value in answered:
            if not answer.done():
                answer.set_result(value)
