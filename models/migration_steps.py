"""A migration as one transaction: its statements and its record, or neither.

A killed process leaves the database at the previous migration.
"""

import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple

import asyncpg

from models.store.database import APP, Dialect
from models.store.transactions import Row

DATABASE_ERRORS: Final = (
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
)
# One reason is that a table of the same name lacks a column.
_REFUSED: Final = (
    sqlite3.OperationalError,
    sqlite3.IntegrityError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
)
_ALREADY_THERE: Final = (
    asyncpg.DuplicateTableError,
    asyncpg.DuplicateColumnError,
    asyncpg.DuplicateFunctionError,
    asyncpg.DuplicateObjectError,
    asyncpg.UniqueViolationError,
)
_BEGIN: Final[dict[Dialect, str]] = {"sqlite": "BEGIN IMMEDIATE", "postgres": "BEGIN"}
# As created by Tortoise, which reads it to plan what is missing.
_RECORDS: Final = """\
CREATE TABLE IF NOT EXISTS "tortoise_migrations" (
    "id" {id} NOT NULL,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" {instant} NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
)"""
_RECORD_TYPES: Final[dict[Dialect, dict[str, str]]] = {
    "sqlite": {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", "instant": "TIMESTAMP"},
    "postgres": {"id": "SERIAL PRIMARY KEY", "instant": "TIMESTAMPTZ"},
}
_LOGGER = logging.getLogger(__name__)


class MigrationError(Exception):
    """Explains in one line why the tables could not be migrated.

    The failed migration has left no trace. Earlier ones are applied and recorded.
    """


class Step(NamedTuple):
    """A migration: its name and its statements, one command each."""

    name: str
    statements: Sequence[str]


class Session(NamedTuple):
    """The connection used for migrating: `fetch` runs one command and returns its rows."""

    dialect: Dialect
    fetch: Callable[[str], Awaitable[Sequence[Row]]]


async def make_records(session: Session) -> None:
    """Creates the table of applied migrations if it does not exist."""
    await session.fetch(_RECORDS.format_map(_RECORD_TYPES[session.dialect]))


async def apply(session: Session, step: Step) -> bool:
    """Applies and records `step`; returns False if already applied. Raises MigrationError."""
    try:
        return await _apply(session, step)
    except DATABASE_ERRORS as error:
        if not _is_already_there(error):
            raise MigrationError(
                f"Migration {step.name} failed and was rolled back: {in_a_line(error)}."
            ) from error
        found = error
    await _record_what_is_there(session, step, found)
    return False


async def _apply(session: Session, step: Step) -> bool:
    async with _transaction(session):
        # First, so that if two processes get past the lock, one waits here for the other.
        if not await session.fetch(_record(step)):
            return False
        for statement in step.statements:
            await session.fetch(statement)
    return True


def _record(step: Step) -> str:
    return f"""
        INSERT INTO "tortoise_migrations" (app, name, applied_at)
        VALUES ('{APP}', '{step.name}', CURRENT_TIMESTAMP)
        ON CONFLICT (app, name) DO NOTHING RETURNING name
    """


async def _record_what_is_there(session: Session, step: Step, found: Exception) -> None:
    """Records a migration that was fully applied but not recorded.

    Up to version 0.1.0 a killed process could leave this state. Every statement must fail because
    what it creates exists. Raises MigrationError if one does not.
    """
    async with _transaction(session):
        await session.fetch(_record(step))
        for statement in step.statements:
            if not await _finds_its_work_done(session, statement):
                raise MigrationError(
                    f"Migration {step.name} is not recorded as applied, but part of what it "
                    f"creates exists: {in_a_line(found)}. Nothing was changed. Use an empty "
                    "database, or restore a backup."
                )
    _LOGGER.warning("Migration %s was applied but not recorded; now it is recorded.", step.name)


async def _finds_its_work_done(session: Session, statement: str) -> bool:
    if statement.strip().startswith("ALTER TEXT SEARCH CONFIGURATION"):
        return True  # Repeating it neither fails nor changes anything.
    await session.fetch("SAVEPOINT probe")
    try:
        await session.fetch(statement)
    except _REFUSED as error:
        await session.fetch("ROLLBACK TO SAVEPOINT probe")
        return _is_already_there(error)
    return False


def _is_already_there(error: Exception) -> bool:
    if isinstance(error, sqlite3.IntegrityError):
        return error.sqlite_errorcode in (
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        )
    if isinstance(error, sqlite3.OperationalError):
        # SQLite has no error code for this.
        return str(error).endswith("already exists") or "duplicate column name" in str(error)
    return isinstance(error, _ALREADY_THERE)


def in_a_line(error: Exception) -> str:
    """Returns the error's first line, without the details that PostgreSQL appends."""
    return next(iter(str(error).splitlines()), type(error).__name__).removesuffix(".")


@asynccontextmanager
async def _transaction(session: Session) -> AsyncIterator[None]:
    try:
        await session.fetch(_BEGIN[session.dialect])
        yield
        await session.fetch("COMMIT")
    except BaseException:
        # Keep the first error: the transaction may be over already, or the connection lost.
        with suppress(*DATABASE_ERRORS):
            await session.fetch("ROLLBACK")
        raise
