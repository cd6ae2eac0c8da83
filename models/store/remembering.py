"""A loader that remembers for a while what it has found, for rows that only ever are added."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Final

from models.store.batching import BatchLoader, K, V

REMEMBERED: Final = 10_000
REMEMBERED_SECONDS: Final = 60.0
"""How long a row that somebody took away by hand may still be seen."""


class RememberingLoader(BatchLoader[K, V]):
    """Remembers the values that it gave last, save for None: what is not there may come."""

    def __init__(self, read: Callable[[list[K]], Awaitable[Sequence[V]]], most: int) -> None:
        super().__init__(self._reading(read), most)
        self._remembered: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def known(self, key: K) -> V | None:
        """The value of `key`, where it is remembered: without a future, which takes a µs."""
        remembered = self._remembered.get(key)
        if remembered is None or remembered[0] < monotonic():
            return None
        return remembered[1]

    def load(self, key: K) -> "asyncio.Future[V]":
        """The value of `key`: at once where it is remembered."""
        value = self.known(key)
        if value is None:
            return super().load(key)
        answer: asyncio.Future[V] = self.loop.create_future()
        answer.set_result(value)
        return answer

    def _reading(
        self, read: Callable[[list[K]], Awaitable[Sequence[V]]]
    ) -> Callable[[list[K]], Awaitable[Sequence[V]]]:
        async def reading(keys: list[K]) -> Sequence[V]:
            # The time before the read: what it found may be gone when it comes back.
            until = monotonic() + REMEMBERED_SECONDS
            values = await read(keys)
            for key, value in zip(keys, values, strict=True):
                if value is not None:
                    self._remembered[key] = (until, value)
                    self._remembered.move_to_end(key)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
            return values

        return reading
