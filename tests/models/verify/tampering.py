"""Whoever can write to the database by hand, past the ledger and past every guard."""

import sqlite3
from contextlib import closing

import asyncpg

from models.store.database import dialect_of, sqlite_path

UNIQUE_INDEXES = (
    "entry_of_subject",
    "entry_return_of_subject",
    "lot_of_month",
    "lot_of_purchase",
)
_DROP_INDEXES = "".join(f"DROP INDEX {name};" for name in UNIQUE_INDEXES)

_UNGUARD_POSTGRES = """
    DO $$ DECLARE guard record; BEGIN
        FOR guard IN
            SELECT conrelid::regclass AS name, conname FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u')
        LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', guard.name, guard.conname);
        END LOOP;
        FOR guard IN
            SELECT tgrelid::regclass AS name, tgname FROM pg_trigger WHERE NOT tgisinternal
        LOOP EXECUTE format('DROP TRIGGER %I ON %s', guard.tgname, guard.name);
        END LOOP;
    END $$;
"""


async def tamper(database_url: str, sql: str) -> None:
    """Takes all guards off the database at `database_url`, then runs `sql` on it."""
    if dialect_of(database_url) == "sqlite":
        _tamper_sqlite(database_url, sql)
        return
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_UNGUARD_POSTGRES + _DROP_INDEXES + sql)
    finally:
        await connection.close()


def _tamper_sqlite(database_url: str, sql: str) -> None:
    with closing(sqlite3.connect(sqlite_path(database_url), isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.executescript(_DROP_INDEXES + sql)
