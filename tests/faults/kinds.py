"""Errors as the two drivers raise them, each made anew."""

import sqlite3
from collections.abc import Callable

import asyncpg
import tortoise.exceptions

Faults = dict[str, Callable[[], Exception]]


def sqlite_error(result: str, message: str, kind: type[sqlite3.Error] | None = None) -> Exception:
    """What sqlite3 raises for a result code of SQLite's, such as SQLITE_BUSY."""
    error = (kind or sqlite3.OperationalError)(message)
    error.sqlite_errorname = result
    error.sqlite_errorcode = getattr(sqlite3, result)
    return error


PASSING_ON_SQLITE: Faults = {
    "locked": lambda: sqlite_error("SQLITE_BUSY", "database is locked"),
    "a snapshot too old": lambda: sqlite_error("SQLITE_BUSY_SNAPSHOT", "database is locked"),
    "busy": lambda: sqlite_error("SQLITE_LOCKED", "database table is locked"),
    "a full disk": lambda: sqlite_error("SQLITE_FULL", "database or disk is full"),
    "a failed write": lambda: sqlite_error("SQLITE_IOERR_WRITE", "disk I/O error"),
    "a failed read": lambda: sqlite_error("SQLITE_IOERR_READ", "disk I/O error"),
    "a failed sync": lambda: sqlite_error("SQLITE_IOERR_FSYNC", "disk I/O error"),
    "no file to be opened": lambda: sqlite_error("SQLITE_CANTOPEN", "unable to open database file"),
    "a race for the log": lambda: sqlite_error("SQLITE_PROTOCOL", "locking protocol"),
    "no memory": lambda: sqlite_error("SQLITE_NOMEM", "out of memory"),
    "closed": lambda: ValueError("no active connection"),
}
LASTING_ON_SQLITE: Faults = {
    "read-only": lambda: sqlite_error("SQLITE_READONLY", "attempt to write a readonly database"),
    "a broken file": lambda: sqlite_error(
        "SQLITE_CORRUPT", "database disk image is malformed", sqlite3.DatabaseError
    ),
    "another file": lambda: sqlite_error(
        "SQLITE_NOTADB", "file is not a database", sqlite3.DatabaseError
    ),
}
PASSING_ON_POSTGRES: Faults = {
    "deadlock": lambda: asyncpg.DeadlockDetectedError("deadlock detected"),
    "serialization": lambda: asyncpg.SerializationError("could not serialize access"),
    "connection lost": lambda: asyncpg.ConnectionDoesNotExistError("connection was closed"),
    "connection refused": lambda: ConnectionRefusedError(111, "Connect call failed"),
    "no socket": lambda: FileNotFoundError(2, "No such file or directory"),
    "connection closed": lambda: asyncpg.InterfaceError("connection is closed"),
    "pool closing": lambda: asyncpg.InterfaceError("pool is closing"),
    "server stops": lambda: asyncpg.AdminShutdownError("terminating connection"),
    "server crashed": lambda: asyncpg.CrashShutdownError("terminating connection"),
    "server starts": lambda: asyncpg.CannotConnectNowError("the database system is starting up"),
    "too many connections": lambda: asyncpg.TooManyConnectionsError("too many clients"),
    "statement times out": TimeoutError,
    "statement cancelled": lambda: asyncpg.QueryCanceledError("canceling statement"),
    "lock not to be had": lambda: asyncpg.LockNotAvailableError("could not obtain lock"),
    "a full disk": lambda: asyncpg.DiskFullError("could not extend file"),
    "no memory": lambda: asyncpg.OutOfMemoryError("out of memory"),
    "a failed read": lambda: asyncpg.PostgresIOError("could not read block"),
    "a standby": lambda: asyncpg.ReadOnlySQLTransactionError("read-only transaction"),
    "too long idle": lambda: asyncpg.IdleInTransactionSessionTimeoutError("terminating connection"),
    "a plan too old": lambda: asyncpg.InvalidCachedStatementError("cached plan must not change"),
}
LASTING_ON_POSTGRES: Faults = {
    "a broken table": lambda: asyncpg.DataCorruptedError("invalid page in block 0"),
    "login refused": lambda: asyncpg.InvalidPasswordError("password authentication failed"),
    "no database": lambda: asyncpg.InvalidCatalogNameError("database does not exist"),
}
WRAPPED: Faults = {
    "a lock within Tortoise's": lambda: tortoise.exceptions.OperationalError(
        sqlite_error("SQLITE_BUSY", "database is locked")
    ),
    "a lost connection within Tortoise's": lambda: tortoise.exceptions.TransactionManagementError(
        asyncpg.ConnectionDoesNotExistError("connection was closed")
    ),
}
BUGS: Faults = {
    "a broken constraint": lambda: asyncpg.UniqueViolationError("duplicate key"),
    "a broken constraint on SQLite": lambda: sqlite_error(
        "SQLITE_CONSTRAINT_UNIQUE", "UNIQUE constraint failed", sqlite3.IntegrityError
    ),
    "a value that does not fit": lambda: asyncpg.DataError("value out of int32 range"),
    "wrong arguments": lambda: asyncpg.InterfaceError("the server expects 1 argument"),
    "no such table": lambda: sqlite_error("SQLITE_ERROR", "no such table: wallet"),
    "no such table within Tortoise's": lambda: tortoise.exceptions.OperationalError(
        sqlite_error("SQLITE_ERROR", "no such table: wallet")
    ),
    "no row where one must be": lambda: tortoise.exceptions.DoesNotExist("User"),
    "a wrong value": lambda: ValueError("not enough values to unpack"),
    "a bug": ZeroDivisionError,
}
