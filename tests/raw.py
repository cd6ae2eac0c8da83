"""A database as anybody else may reach it: plain SQL, past everything that models/ does."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple, Protocol

import asyncpg

from models.store.database import Dialect, dialect_of, sqlite_path


class Refused(NamedTuple):
    """What the database said no with: `name` is the constraint's or the column's.

    SQLite names no constraint; there `name` is what it says instead.
    """

    kind: str
    name: str


class Raw(Protocol):
    """One connection, with foreign keys enforced."""

    dialect: Dialect

    def run(self, sql: str) -> None:
        """Carries out `sql` for good."""

    def attempt(self, sql: str) -> Refused | None:
        """Carries out `sql`, says what broke if the database refused it, and takes it back."""

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows that `sql` gives."""


@contextmanager
def raw(url: str) -> Iterator[Raw]:
    """A connection to the database at `url`."""
    if dialect_of(url) == "sqlite":
        with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            yield RawSqlite(connection)
        return
    with asyncio.Runner() as runner:
        postgres = runner.run(asyncpg.connect(url))
        yield RawPostgres(postgres, runner)
        runner.run(postgres.close())


class RawSqlite:
    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str) -> None:
        self._connection.executescript(sql)

    def attempt(self, sql: str) -> Refused | None:
        self._connection.execute("BEGIN")
        try:
            self._connection.execute(sql)
        except sqlite3.IntegrityError as error:
            kind, is_constraint, name = str(error).partition(" constraint failed")
            if not is_constraint:
                return Refused("GUARD", str(error))
            return Refused(kind, name.removeprefix(": "))
        finally:
            self._connection.rollback()
        return None

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self._connection.execute(sql).fetchall()


class RawPostgres:
    dialect: Dialect = "postgres"

    def __init__(
        self, connection: "asyncpg.Connection[asyncpg.Record]", runner: asyncio.Runner
    ) -> None:
        self._connection = connection
        self._runner = runner

    def run(self, sql: str) -> None:
        self._runner.run(self._connection.execute(sql))

    def attempt(self, sql: str) -> Refused | None:
        return self._runner.run(self._attempt(sql))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self._runner.run(self._connection.fetch(sql))]

    async def _attempt(self, sql: str) -> Refused | None:
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            await self._connection.execute(sql)
        except asyncpg.NotNullViolationError as error:
            return Refused("NOT NULL", f"{error.table_name}.{error.column_name}")
        except asyncpg.IntegrityConstraintViolationError as error:
            name = error.constraint_name
            return Refused(_KINDS[type(error)], name) if name else Refused("GUARD", str(error))
        finally:
            await transaction.rollback()
        return None


_KINDS: dict[type[asyncpg.PostgresError], str] = {
    asyncpg.CheckViolationError: "CHECK",
    asyncpg.UniqueViolationError: "UNIQUE",
    asyncpg.ForeignKeyViolationError: "FOREIGN KEY",
}
