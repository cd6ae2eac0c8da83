"""Brings a database's tables to the newest migration, one process at a time.

Tortoise finds and orders the migrations. Its executor does not run them, because it records a
migration after the transaction that applied it: a process killed in between would leave a database
that cannot be migrated again.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import asyncpg
from filelock import AsyncFileLock

from models.data_definition import DefineTables
from models.migration_steps import (
    DATABASE_ERRORS,
    MigrationError,
    Session,
    Step,
    apply,
    in_a_line,
    make_records,
)
from models.store.database import APP, Database, Dialect, open_database, sqlite_path
from models.store.internals.tortoise import MigrationExecutor, MigrationTarget

LOCK_SECONDS = 60
MIGRATION_SECONDS = 24 * 60 * 60
"""Timeout of one statement on PostgreSQL. Indexing a large table takes long."""
_ADVISORY_LOCK = 0x636F6E6E656374  # "connect"


async def migrate(database: Database, url: str) -> list[str]:
    """Applies the migrations that `database` lacks and returns their names, in order.

    Waits up to LOCK_SECONDS for another process that is migrating the same database. Only reads if
    there is nothing to apply. Raises MigrationError.
    """
    steps = await _missing(database)
    if not steps:
        return []
    try:
        async with _alone(database, url) as session:
            await make_records(session)
            return [step.name for step in steps if await apply(session, step)]
    except TimeoutError as error:
        raise MigrationError(
            f"Another process has been migrating this database for {LOCK_SECONDS} seconds. "
            "Start again when it is done."
        ) from error
    except DATABASE_ERRORS as error:
        raise MigrationError(f"The tables can't be migrated: {in_a_line(error)}.") from error


async def open_migrated(url: str) -> Database:
    """Opens the database at `url` and migrates it. Raises MigrationError."""
    database = await open_database(url)
    try:
        await migrate(database, url)
    except BaseException:
        await database.close()
        raise
    return database


async def _missing(database: Database) -> list[Step]:
    """Returns the migrations that are not recorded, in order.

    Returns all of them if the records cannot be read, because Tortoise hides that error; `apply`
    then finds the recorded ones.
    """
    app = {
        "models": ["models.tables"],
        "default_connection": "reader",
        "migrations": "models.migrations",
    }
    executor = MigrationExecutor(database.reader, {APP: app})
    plan = await executor.plan([MigrationTarget(APP, "__latest__")])
    return [
        Step(planned.migration.name, _statements(planned.migration.operations, database.dialect))
        for planned in plan
    ]


def _statements(operations: Sequence[object], dialect: Dialect) -> list[str]:
    statements: list[str] = []
    for operation in operations:
        if not isinstance(operation, DefineTables):
            raise TypeError(f"a migration consists of DefineTables, not of {operation!r}")
        statements.extend(operation.statements_for(dialect))
    return statements


@asynccontextmanager
async def _alone(database: Database, url: str) -> AsyncIterator[Session]:
    """The connection to migrate on, while no other process migrates.

    Its lock ends with the process: the kernel's with the open file, PostgreSQL's with the session.
    """
    async with database.writer.acquire_connection() as connection:
        if database.dialect == "sqlite":
            async with AsyncFileLock(Path(f"{sqlite_path(url)}.lock"), timeout=LOCK_SECONDS):
                yield Session("sqlite", connection.execute_fetchall)
            return
        try:
            await _lock(connection)
            yield Session("postgres", partial(connection.fetch, timeout=MIGRATION_SECONDS))
            await connection.execute(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})")
            await connection.execute("RESET client_connection_check_interval")
        except BaseException:
            # Releases the lock and rolls back the transaction, whatever their state.
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
            raise


async def _lock(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Makes PostgreSQL cancel a long statement of a killed process. Some platforms lack it.
    with suppress(asyncpg.PostgresError):
        await connection.execute("SET client_connection_check_interval = '1s'")
    await connection.execute(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})", timeout=LOCK_SECONDS)
