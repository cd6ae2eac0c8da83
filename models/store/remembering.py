"""A loader that caches results for a while, for rows that are only ever inserted."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Final

from models.store.batching import BatchLoader, K, V

REMEMBERED: Final = 10_000
REMEMBERED_SECONDS: Final = 60.0
"""How long a row deleted by hand may remain visible."""


class RememberingLoader(BatchLoader[K, V]):
    """Caches the values it returned last, except None, since the row may still be inserted."""

    def __init__(self, read: Callable[[list[K]], Awaitable[Sequence[V]]], most: int) -> None:
        super().__init__(self._reading(read), most)
        self._remembered: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def known(self, key: K) -> V | None:
        """Returns the cached value of `key`, without a future, which takes a µs."""
        remembered = self._remembered.get(key)
        if remembered is None or remembered[0] < monotonic():
            return None
        return remembered[1]

    def load(self, key: K) -> "asyncio.Future[V]":
        """Returns the value of `key`; immediately if it is cached."""
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
            # The time before the read, since its result may be outdated when it returns.
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
