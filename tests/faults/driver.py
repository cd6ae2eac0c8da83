"""Database drivers that fail where a test wants it: at any of the trips to the database.

A trip is whatever goes to SQLite's thread, and on PostgreSQL each statement and each connection
that is taken from a pool.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import aiosqlite
import asyncpg
import pytest

_ACQUIRE = "_acquire"
"""Never fails after it was done: nobody would have the connection, or give it back."""
PATIENCE_SECONDS = 0.2
"""How long the ledger waits for a fault to pass."""
TRIPS: tuple[tuple[type, str], ...] = (
    (aiosqlite.Connection, "_execute"),
    (asyncpg.Connection, "execute"),
    (asyncpg.Connection, "fetch"),
    (asyncpg.Connection, "fetchrow"),
    (asyncpg.pool.Pool, _ACQUIRE),
)


class Way(Enum):
    """How a fault comes: once, before or after the work was done, or at each trip from one on."""

    BEFORE = auto()
    AFTER = auto()
    LASTING = auto()


@dataclass
class Plan:
    """The trip, counted from 1, that meets the fault. `met` says how often it was met."""

    at: int
    way: Way
    fault: Callable[[], Exception]
    trips: int = 0
    met: int = 0

    def is_met(self) -> bool:
        """Counts a trip, and says whether it fails."""
        self.trips += 1
        lasts = self.way is Way.LASTING and self.trips > self.at
        met = lasts or self.trips == self.at
        self.met += met
        return met


class FaultyDriver:
    """Both drivers. Without a plan they work as ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._plan: Plan | None = None
        self._monkeypatch = monkeypatch
        for owner, name in TRIPS:
            monkeypatch.setattr(owner, name, self._failing(getattr(owner, name)))

    @contextmanager
    def failing(self, at: int, way: Way, fault: Callable[[], Exception]) -> Iterator[Plan]:
        """Lets the trips within meet the fault."""
        plan = self._plan = Plan(at, way, fault)
        with self._monkeypatch.context() as patched:
            patched.setattr("models.ledger.ledger.PATIENCE_SECONDS", PATIENCE_SECONDS)
            try:
                yield plan
            finally:
                self._plan = None

    def _failing(self, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def failing(*args: Any, **named: Any) -> Any:
            plan = self._plan
            if plan is None or not plan.is_met():
                return await work(*args, **named)
            if plan.way is Way.AFTER and work.__name__ != _ACQUIRE:
                await work(*args, **named)
            raise plan.fault()

        return failing
