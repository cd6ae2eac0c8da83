"""Brings a database's tables to the newest migration, one process at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import AsyncFileLock
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from models.database import APP, Database, open_database, sqlite_path

LOCK_SECONDS = 60
_ADVISORY_LOCK = 0x636F6E6E656374  # "connect"


async def migrate(database: Database, url: str) -> list[str]:
    """Applies the migrations that `database` lacks and returns their names, in order.

    Another process that migrates the same database is waited for, at most LOCK_SECONDS.
    """
    async with _alone(database, url):
        applied: list[str] = []

        def note(event: str, _app: str, name: str) -> None:
            if event == "apply_done":
                applied.append(name)

        executor = MigrationExecutor(
            database.writer,
            {
                APP: {
                    "models": ["models.tables"],
                    "default_connection": "writer",
                    "migrations": "models.migrations",
                }
            },
        )
        await executor.migrate(
            [MigrationTarget(APP, "__latest__")], direction="forward", progress=note
        )
        return applied


@asynccontextmanager
async def _alone(database: Database, url: str) -> AsyncIterator[None]:
    if database.dialect == "sqlite":
        path = sqlite_path(url)
        async with AsyncFileLock(Path(f"{path}.lock"), timeout=LOCK_SECONDS):
            yield
        return
    async with database.reader.acquire_connection() as connection:
        await connection.execute(
            "SELECT pg_advisory_lock($1)", _ADVISORY_LOCK, timeout=LOCK_SECONDS
        )
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _ADVISORY_LOCK)


async def open_migrated(url: str) -> Database:
    """Opens the database at `url`, its tables brought up to date."""
    database = await open_database(url)
    try:
        await migrate(database, url)
    except BaseException:
        await database.close()
        raise
    return database
