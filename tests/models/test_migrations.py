"""Migrations: wholly or not at all, once, and by one process at a time."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import pytest
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, SqliteSchemaEditor

from models.data_definition import DefineTables
from models.migrate import migrate, open_migrated
from models.migration_steps import MigrationError
from models.store.database import Database, Dialect, open_database, sqlite_path
from models.store.statements import SqlStatement, both
from tests.books import count
from tests.databases import SqliteFiles
from tests.models.migrated import ALL, losing, snapshot
from tests.processes import at_once

ENDS_A_TRANSACTION = re.compile(
    r"\s*(BEGIN|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|VACUUM|ATTACH|START"
    r"|PRAGMA(?! defer_foreign_keys = ON))\b",
    re.I,
)
"""PRAGMA, because foreign keys, for one, stay as they are inside a transaction; that they are
checked at the commit is what SQLite has `defer_foreign_keys` for, which ends with it."""
TABLES = SqlStatement(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'",
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = await open_database(url)
    try:
        yield database
    finally:
        await database.close()


async def test_an_empty_database_gets_all_migrations_in_order(empty_database_url: str) -> None:
    async with opened(empty_database_url) as database:
        assert await migrate(database, empty_database_url) == ALL

        assert await count(database, "cost_rule") == 10
        assert await count(database, "grant_rule") == 3
        assert await count(database, "package") == 7


async def test_migrating_again_applies_nothing(empty_database_url: str) -> None:
    async with opened(empty_database_url) as database:
        await migrate(database, empty_database_url)

        assert await migrate(database, empty_database_url) == []


async def test_a_migrated_database_can_be_opened_again(empty_database_url: str) -> None:
    for _ in range(2):
        database = await open_migrated(empty_database_url)
        await database.close()


async def test_two_processes_that_migrate_at_once_both_come_up(empty_database_url: str) -> None:
    applied = await at_once("tests.models.migrating", *[[empty_database_url]] * 2)

    assert sorted(applied) == [[], ALL]


@pytest.mark.parametrize("name", ALL)
async def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    migration = import_module(f"models.migrations.{name}").Migration
    broken = [*migration.operations, DefineTables("INSERT INTO nowhere VALUES (1)")]
    async with opened(empty_database_url) as database:
        with monkeypatch.context() as patched, pytest.raises(Exception, match="nowhere"):
            patched.setattr(migration, "operations", broken)
            await migrate(database, empty_database_url)

        applied = await database.fetch(both("SELECT name FROM tortoise_migrations"))
        tables = await database.fetch(TABLES)

        before = ALL[: ALL.index(name)]
        assert [row[0] for row in applied] == before
        assert (len(tables) > 1) == bool(before)
        assert await migrate(database, empty_database_url) == ALL[len(before) :]


async def test_a_failed_migration_lets_the_next_process_in(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = import_module(f"models.migrations.{ALL[0]}").Migration
    with monkeypatch.context() as patched, pytest.raises(Exception, match="nowhere"):
        patched.setattr(migration, "operations", [DefineTables("DROP TABLE nowhere")])
        await open_migrated(empty_database_url)

    assert await at_once("tests.models.migrating", [empty_database_url]) == [ALL]


async def test_tortoise_reads_the_records_and_would_make_the_same_table(
    empty_database_url: str,
) -> None:
    async with opened(empty_database_url) as database:
        await MigrationRecorder(database.writer).ensure_schema(
            {"sqlite": SqliteSchemaEditor, "postgres": AsyncpgSchemaEditor}[database.dialect](
                database.writer
            )
        )
        made_by_tortoise = await asyncio.to_thread(snapshot, empty_database_url)
        await database.writer.execute_query("DROP TABLE tortoise_migrations")

        with losing(lambda _, sql: "INSERT" in sql), pytest.raises(MigrationError):
            await migrate(database, empty_database_url)

        assert await asyncio.to_thread(snapshot, empty_database_url) == made_by_tortoise
        await migrate(database, empty_database_url)
        read = await MigrationRecorder(database.writer).applied_migrations()
        assert [(key.app_label, key.name) for key in read] == [("connects", name) for name in ALL]


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
@pytest.mark.parametrize("name", ALL)
def test_a_migration_does_nothing_that_ends_its_transaction(name: str, dialect: Dialect) -> None:
    operations = import_module(f"models.migrations.{name}").Migration.operations
    statements = [text for made in operations for text in made.statements_for(dialect)]

    assert statements
    assert [text for text in statements if ENDS_A_TRANSACTION.match(text)] == []


async def test_a_database_that_lacks_nothing_is_only_read(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(empty_database_url) as database:
        await migrate(database, empty_database_url)

        with losing(lambda number, _: number >= 0):
            assert await migrate(database, empty_database_url) == []


async def test_the_sqlite_file_is_made_where_the_url_says(sqlite_files: SqliteFiles) -> None:
    with sqlite_files.empty() as url:
        assert not sqlite_path(url).exists()

        await (await open_migrated(url)).close()

        assert sqlite_path(url).stat().st_size > 0
