"""Migrating with faults, and what it made of a database in a form that can be compared."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import models.migrate
from models.migrate import open_migrated
from models.migration_steps import Session
from models.store.database import Dialect
from models.store.transactions import Row
from tests.processes import PATIENCE_SECONDS
from tests.raw import Raw, raw

ALL: Final = sorted(path.stem for path in Path("models/migrations").glob("0*.py"))
"""The migrations by their names, in order."""

_SCHEMA: Final[dict[Dialect, list[str]]] = {
    "sqlite": ["SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"],
    "postgres": [
        """
        SELECT table_name, column_name, data_type, is_nullable, column_default,
            generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'
        ORDER BY table_name, ordinal_position
        """,
        """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
        """,
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
        """
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY tgrelid::regclass::text, tgname
        """,
        """
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        ORDER BY proname
        """,
        """
        SELECT cfgname, dictname, maptokentype, mapseqno, dictinitoption
        FROM pg_ts_config JOIN pg_ts_config_map ON mapcfg = pg_ts_config.oid
            JOIN pg_ts_dict ON mapdict = pg_ts_dict.oid
        WHERE cfgnamespace = 'public'::regnamespace ORDER BY 1, 2, 3, 4
        """,
    ],
}
_TABLES: Final[dict[Dialect, str]] = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
}
_OTHERS: Final = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""
_FILLED: Final = ("cost_rule", "grant_rule", "package", "return_rule")
"""The tables that migrations put rows into."""

Snapshot = list[list[tuple[object, ...]]]


def snapshot(url: str) -> Snapshot:
    """All that is defined, the rows that migrations insert, and which migrations are recorded."""
    with raw(url) as connection:
        defined = [connection.rows(sql) for sql in _SCHEMA[connection.dialect]]
        filled = [
            sorted(connection.rows(f"SELECT * FROM {table}"), key=str)
            for (table,) in connection.rows(_TABLES[connection.dialect])
            if table in _FILLED
        ]
        return [*defined, *filled, [(name,) for name in _recorded(connection)]]


def snapshot_at_rest(url: str) -> Snapshot:
    """The snapshot once PostgreSQL has noticed that those who were killed are gone."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with raw(url) as connection:
        while connection.dialect == "postgres" and connection.rows(_OTHERS):
            assert time.monotonic() < deadline, "a session outlives its process"
            time.sleep(0.01)
    return snapshot(url)


def recorded(url: str) -> list[str]:
    """The migrations that are recorded as applied, in order."""
    with raw(url) as connection:
        return _recorded(connection)


def _recorded(connection: Raw) -> list[str]:
    if ("tortoise_migrations",) not in connection.rows(_TABLES[connection.dialect]):
        return []
    rows = connection.rows("SELECT name FROM tortoise_migrations ORDER BY id")
    return [str(name) for (name,) in rows]


def migrate_now(url: str) -> None:
    """Opens the database at `url` as the server does, and closes it."""

    async def run() -> None:
        await (await open_migrated(url)).close()

    asyncio.run(run())


class Lost(ConnectionError):
    """The fault that `losing` makes."""


@contextmanager
def losing(meets: Callable[[int, str], bool]) -> Iterator[None]:
    """Migrations in this block fail with Lost before the first command that `meets`.

    It is given the command's number on the connection that migrates, from 0, and its text.
    """

    def session(dialect: Dialect, fetch: Any) -> Session:
        number = -1

        async def fetch_or_lose(sql: str) -> Sequence[Row]:
            nonlocal number
            number += 1
            if meets(number, sql):
                raise Lost("lost")
            rows: Sequence[Row] = await fetch(sql)
            return rows

        return Session(dialect, fetch_or_lose)

    with patch.object(models.migrate, "Session", session):
        yield
