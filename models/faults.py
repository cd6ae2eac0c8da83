"""Which of the drivers' errors pass by themselves. The one place that knows them."""

import sqlite3

import asyncpg

_PASSING = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_BUSY = ("locked", "busy")


def is_passing(error: BaseException) -> bool:
    """Whether the same work may well succeed when it is tried again a little later."""
    if isinstance(error, sqlite3.OperationalError):
        return any(word in str(error) for word in _BUSY)
    return isinstance(error, _PASSING)


def is_lost_race(error: BaseException) -> bool:
    """Whether another process wrote the same unique key first: decided again, it will be seen."""
    return isinstance(error, asyncpg.UniqueViolationError)
