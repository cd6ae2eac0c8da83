"""Statements in one database transaction, in as few round trips as possible.

Reads that are known together are sent together. Writes are deferred until the commit and sent
together: to PostgreSQL as one statement, to SQLite's thread as one call that includes the commit.
"""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

import aiosqlite
import asyncpg

from models.store.faults import is_out_of_space
from models.store.internals.aiosqlite import in_its_thread
from models.store.sqlite_file import SqliteFile
from models.store.statements import SqlStatement, Table, for_sqlite
from models.store.writes import Write, on_postgres, on_sqlite

T = TypeVar("T")
Row = Sequence[Any]


_PARAMETER = re.compile(r"\$(\d+)")
BY_INDEX: Final = {
    "enable_seqscan": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""PostgreSQL settings for statements that find every row by an index.

A plan made while a table is small scans all of it and stays cached while the table grows. With
5,000 stored intents a spend cost PostgreSQL a sixth less with these settings, and the difference
grows. A merge join, chosen once there are a thousand wallets, would read all of them to change a
few. If a scan is unavoidable, older versions estimate it so high that they JIT-compile the
statement first. And statements with short arrays would be planned again each time.
"""
_BEGIN: Final = "; ".join(
    ["BEGIN", *(f"SET LOCAL {name} = {value}" for name, value in BY_INDEX.items())]
)
ROLLBACK_SECONDS: Final = 1.0
"""If a rollback takes longer, the connection is dropped, which also rolls back."""


class Read(NamedTuple):
    """A statement and its parameters."""

    statement: SqlStatement
    parameters: tuple[object, ...] = ()


class Transaction(Protocol):
    """A database transaction."""

    async def fetch(self, statement: SqlStatement, *parameters: object) -> list[Row]:
        """Returns the rows of `statement`."""

    async def fetch_all(self, reads: Sequence[Read]) -> list[list[Row]]:
        """Returns the rows of each of `reads`, all from one snapshot.

        Rows are locked in the order of `reads` and returned as of after the lock.
        """

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Inserts `rows`, with all columns of `table`, before the next read or the commit."""

    async def update(self, table: Table, names: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Sets the columns `names`, in table order, before the next read or the commit.

        `rows` contain the key, then the values.
        """


class _PendingWrites:
    """Writes deferred until the next read or the commit."""

    def __init__(self) -> None:
        self._writes: list[Write] = []

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._writes.append(Write(table, None, rows))

    async def update(self, table: Table, names: tuple[str, ...], rows: Sequence[Row]) -> None:
        if rows:
            self._writes.append(Write(table, names, rows))

    def _taken(self) -> list[Write]:
        writes, self._writes = self._writes, []
        return writes


class SqliteTransaction(_PendingWrites):
    """A transaction on SQLite, which takes the write lock when it begins."""

    def __init__(self, connection: aiosqlite.Connection, file: SqliteFile | None) -> None:
        super().__init__()
        self._connection = connection
        self._file = file

    async def fetch(self, statement: SqlStatement, *parameters: object) -> list[Row]:
        (rows,) = await self.fetch_all([Read(statement, parameters)])
        return rows

    async def fetch_all(self, reads: Sequence[Read]) -> list[list[Row]]:
        return await in_its_thread(self._connection, partial(_fetch_all, self._taken(), reads))

    async def begin(self) -> None:
        """Takes the write lock at once: a transaction that reads first could not get it later."""
        if self._file is not None:
            self._file.require()
        await in_its_thread(self._connection, _begin)

    async def commit(self) -> None:
        """Raises DatabaseFileError if the commit did not reach the database's file."""
        await in_its_thread(self._connection, partial(_commit, self._taken(), self._file))

    async def rollback(self, error: BaseException) -> None:
        """Rolls back after `error`. If the disk was full, frees space."""
        file = self._file if is_out_of_space(error) else None
        await in_its_thread(self._connection, partial(_roll_back, file))


class PostgresTransaction(_PendingWrites):
    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        super().__init__()
        self._connection = connection

    async def fetch(self, statement: SqlStatement, *parameters: object) -> list[Row]:
        await self._write()
        return cast(list[Row], await self._connection.fetch(statement.postgres, *parameters))

    async def fetch_all(self, reads: Sequence[Read]) -> list[list[Row]]:
        await self._write()
        text = _joined(tuple(read.statement for read in reads))
        parameters = [parameter for read in reads for parameter in read.parameters]
        (row,) = await self._connection.fetch(text, *parameters)
        return list(row)

    async def begin(self) -> None:
        await self._connection.execute(_BEGIN)

    async def commit(self) -> None:
        await self._write()
        await self._connection.execute("COMMIT")

    async def rollback(self, error: BaseException) -> None:
        """If it fails, the connection is dropped, so that it is not reused in an open transaction.

        If a statement did not end in time, it is unknown whether it began a transaction.
        """
        try:
            if self._connection.is_in_transaction() or isinstance(error, TimeoutError):
                await self._connection.execute("ROLLBACK", timeout=ROLLBACK_SECONDS)
        except BaseException:
            # The pool drops a lost connection by itself.
            with suppress(asyncpg.InterfaceError):
                self._connection.terminate()
            raise

    async def _write(self) -> None:
        for sql, columns in on_postgres(self._taken()):
            await self._connection.execute(sql, *columns)


@cache
def _joined(statements: tuple[SqlStatement, ...]) -> str:
    """Returns one statement that returns the rows of each of `statements` as an array.

    Its parameters are theirs, concatenated.
    """
    arrays = []
    parameters = 0
    for statement in statements:
        text = _renumbered(statement.postgres, parameters)
        parameters += len(set(_PARAMETER.findall(text)))
        arrays.append(f"ARRAY(SELECT read FROM ({text}) AS read)")
    return f"SELECT {', '.join(arrays)}"


def _renumbered(text: str, by: int) -> str:
    return _PARAMETER.sub(lambda match: f"${int(match[1]) + by}", text)


def _fetch_all(
    writes: Sequence[Write], reads: Sequence[Read], connection: sqlite3.Connection
) -> list[list[Row]]:
    _write(writes, connection)
    return [
        connection.execute(statement.sqlite, [for_sqlite(value) for value in parameters]).fetchall()
        for statement, parameters in reads
    ]


def _begin(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        # Left behind by a failed rollback.
        connection.rollback()
    connection.execute("BEGIN IMMEDIATE")


def _commit(
    writes: Sequence[Write], file: SqliteFile | None, connection: sqlite3.Connection
) -> None:
    _write(writes, connection)
    connection.commit()
    if file is not None:
        file.keep_room(connection, file.check())


def _roll_back(file: SqliteFile | None, connection: sqlite3.Connection) -> None:
    connection.rollback()
    if file is not None:
        file.make_room(connection)


def _write(writes: Sequence[Write], connection: sqlite3.Connection) -> None:
    for write in writes:
        for sql, values in on_sqlite(write):
            connection.execute(sql, values)
