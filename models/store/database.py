"""One interface to both databases: connections, transactions, and reads.

Each database has a writer and a reader. On SQLite they are two connections to one file in WAL mode,
so reads never wait for writes. On PostgreSQL there are three pools, because reads by key use their
own planner settings, which their pool sends at connection startup.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import aiosqlite
import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient

from models.store.faults import is_lost_connection
from models.store.internals.tortoise import connect_models
from models.store.postgres_address import connection_options
from models.store.readers import READ_SECONDS, Readers
from models.store.sqlite_file import SqliteFile
from models.store.statements import SqlStatement, both
from models.store.transactions import (
    BY_INDEX,
    PostgresTransaction,
    Row,
    SqliteTransaction,
    Transaction,
)

T = TypeVar("T")

NextRows = Callable[[int], Awaitable[Sequence[Row]]]
"""Returns up to that many further rows of a statement; fewer only at the end."""
Open = Callable[[SqlStatement], Awaitable[NextRows]]
Dialect = Literal["sqlite", "postgres"]

APP = "connects"
STATEMENT_SECONDS = 10
LOCK_SECONDS = 4
"""How long SQLite waits for another process's lock, in a thread that cannot be interrupted."""
CLOSING_SECONDS = 0.5
"""How long PostgreSQL's connections may take to close gracefully, per pool."""
SNAPSHOT_SECONDS = 24 * 60 * 60
READERS = 5
"""PostgreSQL's connections for reads other than by key."""
KEY_READERS = 5
"""PostgreSQL's connections for reads by key."""
WAL_ATTEMPTS = 100
WAL_PAUSE_SECONDS = 0.05
WAL_PAGES = 8_000
"""SQLite checkpoints its write-ahead log after this many pages.

A checkpoint writes each page once, however often it changed. With SQLite's default of 1,000, a
spend took a fifth longer.
"""
WAL_BYTES = 64 * 2**20
"""The log's file keeps its space up to this size; Tortoise would keep 16 kB."""
_ANYTHING = both("SELECT 1 FROM sqlite_master LIMIT 1")
_SCHEMES: dict[str, Dialect] = {
    "sqlite": "sqlite",
    "postgres": "postgres",
    "postgresql": "postgres",
    "asyncpg": "postgres",
}


@dataclass(frozen=True)
class Database:
    """An open database. Created by `open_database`, closed by `close`."""

    dialect: Dialect
    writer: BaseDBAsyncClient
    reader: BaseDBAsyncClient
    readers: Readers
    """For reads by key; on PostgreSQL they use a separate pool."""
    file: SqliteFile | None = None
    """Set on SQLite once the database is open."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A write transaction: committed at the end, rolled back on an error.

        Must not be opened in a task that other code may cancel.
        """
        async with self.writer.acquire_connection() as connection:
            transaction = (
                SqliteTransaction(connection, self.file)
                if self.dialect == "sqlite"
                else PostgresTransaction(connection)
            )
            try:
                await transaction.begin()
                yield transaction
                await transaction.commit()
            except BaseException as error:
                await transaction.rollback(error)
                raise

    @property
    def clients(self) -> list[BaseDBAsyncClient]:
        """Each client once, the writer last."""
        return list(dict.fromkeys((self.readers.client, self.reader, self.writer)))

    @property
    def fault(self) -> str | None:
        """Describes what prevents its use until the server is restarted, if anything."""
        return None if self.file is None else self.file.fault

    async def fetch(self, statement: SqlStatement, *parameters: object) -> list[Row]:
        """Returns the rows of `statement`, found by indexes, outside any transaction.

        Retries once if the connection is lost. Takes at most READ_SECONDS; raises TimeoutError.
        """
        if self.dialect == "sqlite":
            return await self._fetch(statement, parameters)
        return await _again_if_lost(partial(self.readers.fetch, statement.postgres, parameters))

    async def fetch_as_planned(self, statement: SqlStatement, *parameters: object) -> list[Row]:
        """Like `fetch`, but planned by the database for these parameters."""
        return await _again_if_lost(partial(self._fetch, statement, parameters))

    async def select(self, query: Callable[[BaseDBAsyncClient], Awaitable[T]]) -> T:
        """Returns the result of a Tortoise query, which `query` builds for the reading client.

        Retries once if the connection is lost. Takes at most READ_SECONDS.
        """
        return await _again_if_lost(partial(self._select, query))

    async def _fetch(self, statement: SqlStatement, parameters: tuple[object, ...]) -> list[Row]:
        if self.dialect == "sqlite":
            if self.file is not None:
                self.file.require()
            async with self.reader.acquire_connection() as connection:
                return await SqliteTransaction(connection, None).fetch(statement, *parameters)
        async with asyncio.timeout(READ_SECONDS), self.reader.acquire_connection() as connection:
            return await PostgresTransaction(connection).fetch(statement, *parameters)

    async def _select(self, query: Callable[[BaseDBAsyncClient], Awaitable[T]]) -> T:
        if self.file is not None:
            self.file.require()
        async with asyncio.timeout(READ_SECONDS):
            return await query(self.reader)

    @asynccontextmanager
    async def snapshot(self, *, apart: bool = False) -> AsyncIterator[Open]:
        """Opens statements on one snapshot, taken at the first rows of the first statement.

        Any number may be open at a time. Not for requests: on SQLite other reads of this process
        wait, unless it is `apart`, on a connection of its own, and on both databases no old row
        versions are cleaned up meanwhile.
        """
        async with self._snapshot_connection(apart) as connection:
            if self.dialect == "sqlite":
                async with _deferred(connection) as open_statement:
                    yield open_statement
            else:
                async with connection.transaction(readonly=True, isolation="repeatable_read"):
                    yield partial(_open_on_postgres, connection)

    def _snapshot_connection(self, apart: bool) -> AbstractAsyncContextManager[Any]:
        if self.file is None or not apart:
            return self.reader.acquire_connection()
        self.file.require()
        uri = f"{Path(self.file.path).as_uri()}?mode=ro"
        return aiosqlite.connect(uri, uri=True, isolation_level=None, timeout=STATEMENT_SECONDS)

    async def close(self) -> None:
        """Closes the connections gracefully; on PostgreSQL, slow ones are terminated."""
        if self.file is not None:
            self.file.unwatch()
        # In sequence: on SQLite the last connection to close checkpoints the write-ahead log.
        for close in (self.readers.close, *(client.close for client in self.clients)):
            with suppress(TimeoutError):
                async with asyncio.timeout(None if self.dialect == "sqlite" else CLOSING_SECONDS):
                    await close()
        await Tortoise.close_connections()


async def _again_if_lost(read: Callable[[], Awaitable[T]]) -> T:
    """Returns the result of `read`, retrying once if its connection is lost."""
    try:
        return await read()
    except Exception as error:
        if not is_lost_connection(error):
            raise
        return await read()


@asynccontextmanager
async def _deferred(connection: aiosqlite.Connection) -> AsyncIterator[Open]:
    async with AsyncExitStack() as cursors:

        async def open_statement(statement: SqlStatement) -> NextRows:
            cursor = await cursors.enter_async_context(connection.execute(statement.sqlite))
            return partial(_next_rows_on_sqlite, cursor)

        await connection.execute("BEGIN")
        cursors.push_async_callback(connection.rollback)
        yield open_statement


async def _next_rows_on_sqlite(cursor: aiosqlite.Cursor, size: int) -> Sequence[Row]:
    return list(await cursor.fetchmany(size))


async def _open_on_postgres(
    connection: "asyncpg.Connection[asyncpg.Record]", statement: SqlStatement
) -> NextRows:
    cursor = await connection.cursor(statement.postgres, timeout=SNAPSHOT_SECONDS)
    return cast(NextRows, partial(cursor.fetch, timeout=SNAPSHOT_SECONDS))


def dialect_of(url: str) -> Dialect:
    """Which database `url` names. Raises ValueError where it is neither."""
    scheme, separator, _ = url.partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        raise ValueError("must begin with sqlite:// or postgres://")
    return _SCHEMES[scheme.lower()]


def sqlite_path(url: str) -> Path:
    """The file of an SQLite `url`. Raises ValueError where it names none."""
    path, _, options = url.partition("://")[2].partition("?")
    if path in ("", ":memory:") or options:
        raise ValueError("must name a file and nothing else, as in sqlite://connects.sqlite3")
    return Path(path)


async def open_database(url: str) -> Database:
    """Opens the database at `url` (sqlite://FILE or postgres://...) for this event loop."""
    dialect = dialect_of(url)
    if dialect == "sqlite":
        await _make_wal(sqlite_path(url))
    await connect_models(
        {
            "connections": _connections(url, dialect),
            "apps": {
                APP: {
                    "models": ["models.tables"],
                    "default_connection": "writer",
                    "migrations": "models.migrations",
                }
            },
        }
    )
    writer, reader = map(Tortoise.get_connection, ("writer", "reader"))
    by_key = reader if dialect == "sqlite" else Tortoise.get_connection("by_key")
    database = Database(dialect, writer, reader, Readers(by_key))
    try:
        await _connect(database)
        if dialect == "sqlite":
            file = SqliteFile(sqlite_path(url))
            file.watch()
            database = replace(database, file=file)
    except BaseException:
        await database.close()
        raise
    return database


async def _make_wal(path: Path) -> None:
    """Switches the file to WAL mode permanently.

    SQLite ignores its busy timeout if another process is switching at the same time.
    """
    for attempt in count():
        async with aiosqlite.connect(path, timeout=STATEMENT_SECONDS) as connection:
            try:
                await connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                is_locked = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
                if not is_locked or attempt == WAL_ATTEMPTS:
                    raise
        await asyncio.sleep(WAL_PAUSE_SECONDS)


async def _connect(database: Database) -> None:
    """Connects before anything can cancel it.

    On SQLite, Tortoise never releases its connection lock if connecting is cancelled or fails.
    """
    for client in reversed(database.clients):
        async with client.acquire_connection() as connection:
            if database.dialect == "sqlite":
                # The first read creates the files beside the database's.
                await SqliteTransaction(connection, None).fetch(_ANYTHING)


async def _keep_as_it_is(_connection: object) -> None:
    """No session settings are changed here, so resetting them would be a wasted round trip."""


def _connections(url: str, dialect: Dialect) -> dict[str, Any]:
    if dialect == "sqlite":
        credentials = {
            "file_path": str(sqlite_path(url)),
            "busy_timeout": LOCK_SECONDS * 1000,
            "journal_mode": "WAL",
            "synchronous": "FULL",
            "wal_autocheckpoint": WAL_PAGES,
            "journal_size_limit": WAL_BYTES,
            "foreign_keys": "ON",
        }
        engine = "tortoise.backends.sqlite"
        # Otherwise a statement that changes many rows journals their pages to a temporary file: a
        # tenth of a spend's cost in the writer's thread. Not for the reader: `verify` may sort more
        # than fits into memory.
        writing = {**credentials, "temp_store": "MEMORY"}
        return {
            "writer": {"engine": engine, "credentials": writing},
            "reader": {"engine": engine, "credentials": {**credentials, "query_only": "ON"}},
        }
    engine = "tortoise.backends.asyncpg"
    address = connection_options(url)
    shared = {
        "timeout": STATEMENT_SECONDS,
        **address,
        "reset": _keep_as_it_is,
        "minsize": 1,
    }
    writing = {**shared, "command_timeout": STATEMENT_SECONDS, "maxsize": 2}
    reading = {**shared, "command_timeout": READ_SECONDS, "maxsize": READERS}
    of_keys = {**address["server_settings"], **BY_INDEX}
    by_key = {**reading, "maxsize": KEY_READERS, "server_settings": of_keys}
    return {
        "writer": {"engine": engine, "credentials": writing},
        "reader": {"engine": engine, "credentials": reading},
        "by_key": {"engine": engine, "credentials": by_key},
    }


def grouped(rows: Iterable[Row], width: int = 1) -> dict[Any, list[Row]]:
    """Groups `rows` by their first value, or by a tuple of their first `width` values."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        key = row[0] if width == 1 else tuple(row[:width])
        groups.setdefault(key, []).append(row)
    return groups
