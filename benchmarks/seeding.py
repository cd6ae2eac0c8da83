"""Inserts rows into this server's tables past the ledger, quickly and as the ledger would."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

import asyncpg

from models.migrate import open_migrated
from models.store.database import dialect_of, sqlite_path
from models.store.statements import Table, for_sqlite


def migrated(database_url: str) -> None:
    """Migrates the tables."""

    async def run() -> None:
        await (await open_migrated(database_url)).close()

    asyncio.run(run())


def insert(database_url: str, tables: Iterable[tuple[Table, Iterable[Sequence[Any]]]]) -> None:
    """Inserts each table's rows, with all columns, and lets the database analyse them.

    References are not checked; `verify` tells whether the ledger is consistent.
    """
    if dialect_of(database_url) == "sqlite":
        _insert_into_sqlite(str(sqlite_path(database_url)), tables)
    else:
        asyncio.run(_insert_into_postgres(database_url, tables))


def _insert_into_sqlite(path: str, tables: Iterable[tuple[Table, Iterable[Sequence[Any]]]]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table, rows in tables:
            adapted = (tuple(map(for_sqlite, row)) for row in rows)
            names = ", ".join(column.name for column in table.columns)
            marks = ", ".join("?" for _ in table.columns)
            connection.executemany(
                f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',  # noqa: S608
                adapted,
            )
            connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _insert_into_postgres(
    url: str, tables: Iterable[tuple[Table, Iterable[Sequence[Any]]]]
) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for table, rows in tables:
            records = (tuple(map(_for_postgres, row)) for row in rows)
            names = [column.name for column in table.columns]
            await connection.copy_records_to_table(table.name, records=records, columns=names)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _for_postgres(value: object) -> object:
    return for_sqlite(value) if isinstance(value, list) else value
