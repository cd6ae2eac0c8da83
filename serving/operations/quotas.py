"""Limits on the connections and subscriptions that each caller may hold at a time."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from graphql import GraphQLError

from serving.application import Caller
from serving.operations.documents import Rejected

CONNECTIONS: Final = 10_000
"""For all callers together."""
SUBSCRIPTIONS: Final = 200
TOO_MANY_REQUESTS: Final = 429
UNAVAILABLE: Final = 503


class Limits(NamedTuple):
    """How many connections an address without a token may hold, and how many a user."""

    address: int = 200
    user: int = 50


class QuotaExceeded(Rejected):
    """The caller, or the server, has reached its limit. `status` is the HTTP status for it."""

    def __init__(self, message: str, status: int = TOO_MANY_REQUESTS) -> None:
        super().__init__(GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"}))
        self.message = message
        self.status = status


class Quotas:
    """The quotas of this process. Memory grows with what is held, which is bounded."""

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008  (immutable)
        *,
        connections: int = CONNECTIONS,
        subscriptions: int = SUBSCRIPTIONS,
    ) -> None:
        self._limits = limits
        self._most_connections = connections
        self._most_subscriptions = subscriptions
        self._connections = _Held()
        self._subscriptions = _Held()

    @property
    def connections(self) -> int:
        """How many connections all callers hold."""
        return self._connections.total

    @property
    def subscriptions(self) -> int:
        """How many subscriptions all callers hold."""
        return self._subscriptions.total

    def check_connection(self, caller: Caller) -> None:
        """Raises QuotaExceeded if the caller may not hold another connection."""
        most = self._limits.user if caller.user else self._limits.address
        if self._connections.count(caller.key) >= most:
            whose = "a user" if caller.user else "an address without a token"
            raise QuotaExceeded(
                f"At most {most} WebSockets and event streams may be open for {whose}."
            )
        if self._connections.total >= self._most_connections:
            raise QuotaExceeded(
                "This server has reached its limit of connections. Try again later.", UNAVAILABLE
            )

    @contextmanager
    def connection(self, caller: Caller) -> Iterator[None]:
        """Holds one of the caller's connections. Raises QuotaExceeded."""
        self.check_connection(caller)
        with self._connections.hold(caller.key):
            yield

    @contextmanager
    def subscription(self, caller: Caller) -> Iterator[None]:
        """Holds one of the caller's subscriptions. Raises QuotaExceeded."""
        if self._subscriptions.count(caller.key) >= self._most_subscriptions:
            raise QuotaExceeded(
                f"At most {self._most_subscriptions} subscriptions may run for one caller. "
                "End another one first."
            )
        with self._subscriptions.hold(caller.key):
            yield


class _Held:
    """Counts what each key holds. Forgets keys that hold nothing."""

    def __init__(self) -> None:
        self.total = 0
        self._counts: dict[Hashable, int] = {}

    def count(self, key: Hashable) -> int:
        return self._counts.get(key, 0)

    @contextmanager
    def hold(self, key: Hashable) -> Iterator[None]:
        self.total += 1
        self._counts[key] = self.count(key) + 1
        try:
            yield
        finally:
            self.total -= 1
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
