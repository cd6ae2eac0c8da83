"""Classifies the drivers' errors: the database is unavailable, or there is a bug.

The only module that knows them, for both drivers and for Tortoise, which wraps some.
"""

import sqlite3

import asyncpg
from tortoise.exceptions import BaseORMException

_PASSING_RESULTS = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_LASTING_RESULTS = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_NOTADB,
    }
)
_OUT_OF_SPACE_RESULTS = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_CLOSED = ("Connection closed", "no active connection", "Cannot operate on a closed database.")
"""Messages of aiosqlite and sqlite3 for a closed connection; they have no class for it."""

_PASSING_STATES = (
    "08",  # connection exception
    "25006",  # read-only transaction: a standby, or a server whose disk is full
    "25P03",  # idle-in-transaction timeout
    "25P04",  # transaction timeout
    "40",  # transaction rollback: serialization failure, deadlock
    "53",  # insufficient resources: disk full, out of memory, too many connections
    "55P03",  # lock not available
    "57",  # operator intervention: shutdown, crash, starting up, query cancelled
    "58",  # system error: I/O
)
_LASTING_STATES = (
    "28",  # login refused
    "3D000",  # no such database
    "XX001",  # data corrupted
    "XX002",  # index corrupted
)
_ENDED = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
    ConnectionError,
)
_PASSING = (*_ENDED, asyncpg.InvalidCachedStatementError, OSError, TimeoutError)


class DatabaseFileError(Exception):
    """The file of an open SQLite database was removed or replaced. The message says which."""


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is unavailable, temporarily or not; otherwise `error` is a bug."""
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error):
        return _result(cause) in _LASTING_RESULTS or _is_passing(cause)
    if isinstance(cause, asyncpg.PostgresError) and _has_state(cause, _LASTING_STATES):
        return True
    return isinstance(cause, DatabaseFileError) or _is_passing(cause)


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed if it is retried shortly."""
    return _is_passing(_cause(error))


def is_lost_connection(error: BaseException) -> bool:
    """Whether the connection was lost during use; a new one may work."""
    return _is_lost_connection(_cause(error))


def is_lost_race(error: BaseException) -> bool:
    """Whether another process wrote the same unique key first; a retry will see it."""
    return isinstance(error, asyncpg.UniqueViolationError)


def is_out_of_space(error: BaseException) -> bool:
    """Whether SQLite ran out of space: a full disk or a file size limit."""
    return isinstance(error, sqlite3.Error) and _result(error) in _OUT_OF_SPACE_RESULTS


def _is_passing(cause: BaseException) -> bool:
    if isinstance(cause, sqlite3.Error) and _result(cause) in _PASSING_RESULTS:
        return True
    if isinstance(cause, asyncpg.PostgresError) and _has_state(cause, _PASSING_STATES):
        return True
    if isinstance(cause, (ValueError, sqlite3.ProgrammingError)) and str(cause) in _CLOSED:
        return True
    return isinstance(cause, _PASSING) or _is_lost_connection(cause)


def _is_lost_connection(cause: BaseException) -> bool:
    if isinstance(cause, asyncpg.InterfaceError):
        # asyncpg also raises it for wrong statement arguments.
        return not isinstance(cause, ValueError) and "argument" not in str(cause)
    return isinstance(cause, _ENDED)


def _result(error: sqlite3.Error) -> int:
    """SQLite's primary result code, the low byte of the extended code; 0 if there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _has_state(error: asyncpg.PostgresError, states: tuple[str, ...]) -> bool:
    return (error.sqlstate or "").startswith(states)


def _cause(error: BaseException) -> BaseException:
    """Returns the driver's error wrapped by Tortoise."""
    while isinstance(error, BaseORMException):
        inner = error.args[0] if error.args else None
        within = inner if isinstance(inner, BaseException) else error.__cause__
        if within is None:
            return error
        error = within
    return error
