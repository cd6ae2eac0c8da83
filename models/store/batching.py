"""Answering together what is asked for in one tick of the event loop.

Strawberry's DataLoader does so too, but who gives up waiting can stop it for good: where all who
wait for a batch are cancelled just before it begins, it never begins, and every later load joins
it. Here nobody who goes away touches the work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

LEAST_HALF: Final = 8

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BatchLoader(Generic[K, V]):
    """Loads by `read`, which is given at most `most` keys and gives as many values, in order.

    Belongs to one event loop and keeps nothing. Whatever `read` raises, all who wait for it get.
    `in_halves`: more than LEAST_HALF keys are divided in two, so that the answers to one half are
    made while the database reads the other.
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
        """Kept: until Python 3.12, each look for the running one asks the system who asks."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def load(self, key: K) -> "asyncio.Future[V]":
        """The value of `key`, in the future."""
        loop = self.loop
        answer: asyncio.Future[V] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._begin)
        self._asked.append((key, answer))
        return answer

    def load_many(self, keys: Sequence[K]) -> "asyncio.Future[list[V]]":
        """The values of `keys`, in the future and in their order."""
        return asyncio.gather(*map(self.load, keys))

    def _begin(self) -> None:
        # A tick later, because those who ask together may begin in tasks of their own.
        self.loop.call_soon(self._answer_all)

    def _answer_all(self) -> None:
        asked, self._asked = self._asked, []
        awaited = [(key, answer) for key, answer in asked if not answer.done()]
        size = self._most
        if self._in_halves:
            size = min(size, max(LEAST_HALF, -(-len(awaited) // 2)))
        for start in range(0, len(awaited), size):
            task = self.loop.create_task(self._answer(awaited[start : start + size]))
            # The event loop itself holds its tasks by weak references only.
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
