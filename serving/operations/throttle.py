"""A leaky bucket of points for each caller, as Shopify's and others' APIs have.

Each operation pours its cost in; the bucket leaks at a steady rate; what would make it run over is
refused. In the words that callers see: `available` points go down with each operation and are
restored with time.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, NamedTuple

from serving.application import SECOND, Clock

BUCKETS: Final = 100_000
"""Beyond so many callers, those who were away for longest are forgotten."""


class Rate(NamedTuple):
    """How many points a caller may have at most, and how many come back each second."""

    maximum: int
    restored: int


class Throttled(Exception):
    """Too much was asked for in a short time. There will be room again after `wait` seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Charge(NamedTuple):
    """What came of charging a caller. `wait` is in seconds; 0 where the charge was taken."""

    available: int
    wait: float


@dataclass(slots=True)
class _Bucket:
    available: float
    at: int


class Throttle:
    """The buckets of this process. `clock` gives microseconds."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self.rate = rate
        self._clock = clock
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def charge(self, caller: Hashable, points: int) -> Charge:
        """Takes `points`, if the caller has them. What nobody can ever have costs all there is."""
        bucket = self._bucket(caller)
        asked = min(points, self.rate.maximum)
        missing = asked - bucket.available
        if missing > 0:
            return Charge(int(bucket.available), missing / self.rate.restored)
        bucket.available -= asked
        return Charge(int(bucket.available), 0)

    def settle(self, caller: Hashable, points: int) -> int:
        """Takes `points`, or gives them back where they are below 0; what is then available.

        A caller may come to owe points, and has to wait until they are restored.
        """
        bucket = self._bucket(caller)
        bucket.available = min(self.rate.maximum, bucket.available - points)
        return int(bucket.available)

    def wait(self, caller: Hashable) -> float:
        """The seconds until the caller owes nothing."""
        return max(0.0, -self._bucket(caller).available / self.rate.restored)

    def _bucket(self, caller: Hashable) -> _Bucket:
        """The caller's bucket as it is now, moved to the end of those that are remembered."""
        now = self._clock()
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(self.rate.maximum, now)
            if len(self._buckets) > BUCKETS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(caller)
        restored = max(0, now - bucket.at) * self.rate.restored / SECOND
        bucket.available = min(self.rate.maximum, bucket.available + restored)
        bucket.at = now
        return bucket
