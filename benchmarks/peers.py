"""The peers' wallets, requests, and what their tables say afterwards.

Mercurius and pgbench have the tables of `peers.sql`, the textbook those that Tortoise makes of its
models; wallets are numbered from 1, and the hot one is the last.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks.plans import request
from benchmarks.wallets import FREELANCERS
from benchmarks.works import MARKERS, NEWEST_ENTRIES, Form, Work, invitation, of_wallet
from models.database import dialect_of, sqlite_path

CONNECTS: Final = 1_000_000
BALANCE: Final = "query Balance($id: ID!) { wallet(id: $id) { id available } }"
NEWEST: Final = f"query Newest($id: ID!) {{ wallet(id: $id) {{ id {NEWEST_ENTRIES} }} }}"

_TABLES: Final = Path(__file__).with_name("peers.sql")
_TYPES: Final = {
    "postgres": {"key": "bigserial NOT NULL PRIMARY KEY", "time": "timestamptz"},
    "sqlite": {"key": "integer NOT NULL PRIMARY KEY", "time": "text"},
}
_NUMBERS: Final = {
    "postgres": "SELECT generate_series(1, {most}) AS n",
    "sqlite": (
        "WITH RECURSIVE counted (n) AS"
        " (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {most}) SELECT n FROM counted"
    ),
}
_WALLETS: Final = (
    "INSERT INTO wallet (id, available, sequence) "
    "SELECT n, {connects} - {entries}, {entries} FROM ({wallets}) AS w"
)
_ENTRIES: Final = (
    "INSERT INTO entry (wallet_id, sequence, kind, action, connects, available_after, created_at) "
    "SELECT w.n, e.n, 'SPEND', 'INVITE_FREELANCER', -1, {connects} - e.n, CURRENT_TIMESTAMP "
    "FROM ({wallets}) AS w CROSS JOIN ({lines}) AS e"
)
_INVITATIONS: Final = (
    "INSERT INTO invitation (wallet_id, freelancer_id, message, connects, status, created_at) "
    "SELECT w.n, e.n, 'We like your bread.', 1, 'PENDING', CURRENT_TIMESTAMP "
    "FROM ({wallets}) AS w CROSS JOIN ({lines}) AS e"
)
_MOVED: Final = (
    "SELECT (SELECT COUNT(*) FROM entry), (SELECT COUNT(*) FROM invitation),"
    " (SELECT COUNT(*) FROM idempotency)"
)
_WRONG: Final = (
    "SELECT COUNT(*) FROM wallet AS w WHERE available <> {connects} - sequence OR sequence <>"
    " (SELECT COUNT(*) FROM entry AS e WHERE e.wallet_id = w.id)"
)


def make_tables(database_url: str) -> None:
    """Makes the tables of `peers.sql`."""
    types = _TYPES[dialect_of(database_url)]
    _execute(database_url, *_TABLES.read_text().format(**types).split(";"))


def seed(database_url: str, wallets: int, entries: int) -> None:
    """Fills the tables with `wallets` wallets of `entries` entries, and the hot one."""
    numbers = _NUMBERS[dialect_of(database_url)]
    names = {
        "wallets": numbers.format(most=wallets + 1),
        "lines": numbers.format(most=entries),
        "connects": CONNECTS,
        "entries": entries,
    }
    statements = (_WALLETS, _ENTRIES, _INVITATIONS)
    _execute(database_url, *(sql.format(**names) for sql in statements))
    if dialect_of(database_url) == "postgres":
        _execute(database_url, "VACUUM ANALYZE", "CHECKPOINT")
    else:
        _execute(database_url, "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)")


def forms(wallets: int) -> dict[str, Form]:
    """The requests of every work."""
    picks = [f"{number:04}" for number in range(1, FREELANCERS + 1)]
    ids = [str(number) for number in range(1, wallets + 1)]
    return {
        Work.SPEND: Form([_spend(id) for id in ids], picks, *MARKERS[Work.SPEND]),
        Work.HOT: Form([_spend(str(wallets + 1))], picks, *MARKERS[Work.HOT]),
        Work.BALANCE: Form(
            [request(of_wallet(BALANCE, id)) for id in ids], [], *MARKERS[Work.BALANCE]
        ),
        Work.NEWEST: Form(
            [request(of_wallet(NEWEST, id)) for id in ids], [], *MARKERS[Work.NEWEST]
        ),
    }


def _spend(wallet: str) -> str:
    return request(invitation(walletId=wallet), pick_length=4)


def spends_in(database_url: str) -> int:
    """How many entries the ledger holds."""
    return int(_fetch(database_url, _MOVED)[0])


def unsound(database_url: str, before: int) -> list[str]:
    """What is wrong with the ledger, which held `before` entries when it was seeded."""
    entries, invitations, keys = _fetch(database_url, _MOVED)
    [wrong] = _fetch(database_url, _WRONG.format(connects=CONNECTS))
    faults = []
    if invitations != entries or keys != entries - before:
        faults.append(f"{entries} entries, {invitations} invitations and {keys} keys do not match.")
    if wrong:
        faults.append(f"{wrong} wallets do not agree with their entries.")
    return faults


def _execute(database_url: str, *statements: str) -> None:
    wanted = [sql for sql in statements if sql.strip()]
    if dialect_of(database_url) == "sqlite":
        with closing(sqlite3.connect(sqlite_path(database_url))) as database:
            database.execute("PRAGMA journal_mode = WAL")
            for sql in wanted:
                database.execute(sql)
                database.commit()
        return

    async def run() -> None:
        connection = await asyncpg.connect(database_url)
        try:
            for sql in wanted:
                await connection.execute(sql)
        finally:
            await connection.close()

    asyncio.run(run())


def _fetch(database_url: str, sql: str) -> list[int]:
    """The only row that `sql` gives."""
    if dialect_of(database_url) == "sqlite":
        with closing(sqlite3.connect(sqlite_path(database_url))) as database:
            return list(database.execute(sql).fetchone())

    async def run() -> list[int]:
        connection = await asyncpg.connect(database_url)
        try:
            row = await connection.fetchrow(sql)
            assert row is not None, "it counts"
            return list(row)
        finally:
            await connection.close()

    return asyncio.run(run())
