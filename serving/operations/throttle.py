"""A leaky bucket of points per caller, as in Shopify's and other APIs.

Each operation adds its cost; the bucket leaks at a steady rate; an operation that would overflow it
is rejected. In the API's terms: `available` points decrease with each operation and are restored
over time.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, NamedTuple

from serving.application import SECOND, Clock

BUCKETS: Final = 100_000
"""Beyond this many callers, the least recently seen are dropped."""


class Rate(NamedTuple):
    """How many points a caller may have at most, and how many are restored each second."""

    maximum: int
    restored: int


class Throttled(Exception):
    """Too much was requested in a short time. There will be room again after `wait` seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Charge(NamedTuple):
    """The result of charging a caller. `wait` is in seconds; 0 if the charge was accepted."""

    available: int
    wait: float


@dataclass(slots=True)
class _Bucket:
    available: float
    at: int


class Throttle:
    """The buckets of this process. `clock` returns microseconds."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self.rate = rate
        self._clock = clock
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def charge(self, caller: Hashable, points: int) -> Charge:
        """Takes `points` if the caller has them. A charge above the maximum takes the maximum."""
        bucket = self._bucket(caller)
        asked = min(points, self.rate.maximum)
        missing = asked - bucket.available
        if missing > 0:
            return Charge(int(bucket.available), missing / self.rate.restored)
        bucket.available -= asked
        return Charge(int(bucket.available), 0)

    def settle(self, caller: Hashable, points: int) -> int:
        """Takes `points`, or refunds them if negative; returns the points then available.

        A caller may go into debt and then has to wait until the points are restored.
        """
        bucket = self._bucket(caller)
        bucket.available = min(self.rate.maximum, bucket.available - points)
        return int(bucket.available)

    def wait(self, caller: Hashable) -> float:
        """The seconds until the caller is out of debt."""
        return max(0.0, -self._bucket(caller).available / self.rate.restored)

    def _bucket(self, caller: Hashable) -> _Bucket:
        """Returns the caller's current bucket, marked as most recently used."""
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
