"""Which of the drivers' errors pass by themselves. The one place that knows them."""

import sqlite3

import asyncpg

_LOST_CONNECTION = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)
_PASSING = (
    *_LOST_CONNECTION,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    OSError,
    TimeoutError,
)
_BUSY = ("locked", "busy")


def is_passing(error: BaseException) -> bool:
    """Whether the same work may well succeed when it is tried again a little later."""
    if isinstance(error, sqlite3.OperationalError):
        return any(word in str(error) for word in _BUSY)
    return isinstance(error, _PASSING)


def is_lost_connection(error: BaseException) -> bool:
    """Whether the connection ended while it was used; a new one may be had."""
    return isinstance(error, _LOST_CONNECTION)


def is_lost_race(error: BaseException) -> bool:
    """Whether another process wrote the same unique key first: decided again, it will be seen."""
    return isinstance(error, asyncpg.UniqueViolationError)
