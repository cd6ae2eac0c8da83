"""A cache keyed by clients' texts, bounded by memory."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

V = TypeVar("V")

ENTRY_WEIGHT: Final = 500
"""The weight of an entry in addition to its text, in characters."""


class Remembered(Generic[V]):
    """Values by text. The least recently used are dropped if they weigh too much.

    `most` is the total weight: each text weighs its characters plus ENTRY_WEIGHT.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._entries: OrderedDict[str, tuple[int, V]] = OrderedDict()

    def get(self, key: str) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def put(self, key: str, value: V, length: int) -> None:
        """Caches `value`, whose text has that many characters."""
        self._weight -= self._entries.pop(key, (0, value))[0]
        self._entries[key] = (length + ENTRY_WEIGHT, value)
        self._weight += length + ENTRY_WEIGHT
        while self._weight > self._most:
            self._weight -= self._entries.popitem(last=False)[1][0]
