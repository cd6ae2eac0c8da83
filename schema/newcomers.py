"""How many new users, and how many new accounts, come from one address and from one issuer.

Each account brings free Connects, and whoever gets tokens for invented users could open any number.
The counts are each server process's own.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from models.clock import Clock
from models.rules.instants import SECOND, Instant
from models.rules.refusals import LimitExceeded, Refusal
from serving.operations.throttle import Rate, Throttle

ISSUER_FACTOR: Final = 10
"""How many times as much one issuer may bring as one address."""


class Origin(NamedTuple):
    """Where a newcomer comes from: a network address, and the `iss` of the token or nothing."""

    address: str
    issuer: str


class Full(NamedTuple):
    """There is no room for `wait` seconds: `limit` came from the same `place` lately."""

    place: str
    limit: int
    wait: float


class Newcomers:
    """Counts newcomers of one sort. `rate` is for an address; `clock` gives microseconds."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        of_issuer = Rate(rate.maximum * ISSUER_FACTOR, rate.restored * ISSUER_FACTOR)
        self._by_address = Throttle(rate, clock)
        self._by_issuer = Throttle(of_issuer, clock)

    def admit(self, origin: Origin) -> Full | None:
        """Counts one newcomer, or says why there is no room and counts nothing."""
        wait = self._by_address.charge(origin.address, 1).wait
        if wait:
            return Full("address", self._by_address.rate.maximum, wait)
        wait = self._by_issuer.charge(origin.issuer, 1).wait
        if wait:
            self._by_address.settle(origin.address, -1)
            return Full("issuer", self._by_issuer.rate.maximum, wait)
        return None

    def take_back(self, origin: Origin) -> None:
        """Uncounts one newcomer, who did not come after all."""
        self._by_address.settle(origin.address, -1)
        self._by_issuer.settle(origin.issuer, -1)


@dataclass(frozen=True)
class Openings:
    """The accounts that one caller opens, counted with all of the same origin."""

    newcomers: Newcomers
    origin: Origin
    clock: Clock

    def admit(self) -> LimitExceeded | None:
        """Counts an account that is about to be opened, or gives the refusal to open one now."""
        full = self.newcomers.admit(self.origin)
        if full is None:
            return None
        return LimitExceeded(
            f"Many accounts were opened from your {full.place} lately. Try again in a while.",
            limit=full.limit,
            used=full.limit,
            resets_at=Instant(self.clock() + math.ceil(full.wait * SECOND)),
        )


@dataclass
class Opening:
    """An account that is about to be opened. `full` says why there is no room for a new one.

    Set `is_unused` where no account came of it.
    """

    full: LimitExceeded | None = None
    is_unused: bool = False


@contextmanager
def counted(openings: Openings | None) -> Iterator[Opening]:
    """Counts the account that is opened within, unless it is refused or was there before.

    One whose outcome is not known stays counted.
    """
    if openings is None:
        yield Opening()
        return
    opening = Opening(openings.admit())
    try:
        yield opening
    except Refusal:
        opening.is_unused = True
        raise
    finally:
        if opening.full is None and opening.is_unused:
            openings.newcomers.take_back(openings.origin)
