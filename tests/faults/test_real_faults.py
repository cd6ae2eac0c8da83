"""Faults that the databases themselves make: a killed connection, a lock that is held."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

import models.ledger.ledger
from models.ledger.commands import Command, Decision, Facts, Lookup
from models.ledger.ledger import Ledger
from models.rules.refusals import TryAgain
from models.store.database import Database, open_database, sqlite_path
from models.store.ledger_tables import WALLETS, WALLETS_LOCKED
from models.store.statements import both
from models.tables import Membership, User
from tests.books import assert_books_balance, book_of, count
from tests.clocks import ManualClock
from tests.models.builders import opened, post_together, spending

SOON = 1.0
"""Seconds: far less than any timeout."""


OnPostgres = tuple[Ledger, Database, "asyncpg.Connection[asyncpg.Record]"]
OnSqlite = tuple[Ledger, Database, sqlite3.Connection]


@asynccontextmanager
async def ledger_at(url: str, clock: ManualClock) -> AsyncIterator[tuple[Ledger, Database]]:
    database = await open_database(url)
    ledger = Ledger(database, clock)
    ledger.start()
    try:
        yield ledger, database
        await ledger.close()
        await assert_books_balance(database)
    finally:
        await database.close()


@pytest.fixture
async def on_postgres(postgres_url: str, clock: ManualClock) -> AsyncIterator[OnPostgres]:
    """A ledger on PostgreSQL, and a connection of somebody else."""
    other = await asyncpg.connect(postgres_url)
    async with ledger_at(postgres_url, clock) as (ledger, database):
        yield ledger, database, other
    await other.close()


@pytest.fixture
async def on_sqlite(sqlite_url: str, clock: ManualClock) -> AsyncIterator[OnSqlite]:
    """A ledger on SQLite, and a connection of somebody else."""
    async with ledger_at(sqlite_url, clock) as (ledger, database):
        with closing(sqlite3.connect(sqlite_path(sqlite_url), isolation_level=None)) as other:
            yield ledger, database, other


async def waiting_backend(other: "asyncpg.Connection[asyncpg.Record]") -> int:
    """The process id of a connection that waits for a lock."""
    while True:
        # Inside a transaction the server shows the same picture of its activity again.
        await other.execute("SELECT pg_stat_clear_snapshot()")
        pid = await other.fetchval(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if pid is not None:
            return int(pid)
        await asyncio.sleep(0.01)


async def test_a_connection_killed_mid_way_charges_once(
    on_postgres: OnPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    ledger, database, other = on_postgres
    holder = await opened(ledger)

    async with other.transaction():
        await other.execute("SELECT 1 FROM wallet FOR UPDATE")
        posting = asyncio.gather(*(ledger.post(spending(holder, 2)) for _ in range(20)))
        for _ in range(2):
            pid = await waiting_backend(other)
            assert await other.fetchval("SELECT pg_terminate_backend($1, 1000)", pid)
    await posting

    assert caplog.text.count("failed with a transient fault") == 2
    assert (await book_of(database, holder.account_id)).wallet.available == 20
    assert await count(database, "job") == 20


async def test_connections_killed_while_idle_are_made_anew(on_postgres: OnPostgres) -> None:
    ledger, _, other = on_postgres
    holder = await opened(ledger)

    for _ in range(3):
        await other.execute(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await ledger.post(spending(holder, 1))

    assert await other.fetchval("SELECT available FROM wallet") == 57


async def test_a_read_whose_connection_is_killed_is_read_again(on_postgres: OnPostgres) -> None:
    _, database, other = on_postgres
    reading = asyncio.create_task(database.fetch(both("SELECT 7 FROM pg_sleep(0.5)")))
    killed = False

    while not killed:
        await asyncio.sleep(0.01)
        killed = await other.fetchval(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'SELECT 7%' AND state = 'active'"
        )

    assert [tuple(row) for row in await reading] == [(7,)]


async def test_a_wallet_locked_for_a_moment_is_waited_for(on_postgres: OnPostgres) -> None:
    ledger, _, other = on_postgres
    holder = await opened(ledger)

    async with other.transaction():
        await other.execute("SELECT 1 FROM wallet FOR UPDATE")
        posting = asyncio.create_task(ledger.post(spending(holder, 1)))
        await waiting_backend(other)
    posted = await posting

    assert posted.sequence == 2


async def test_a_batch_is_decided_while_the_one_before_it_is_written(
    on_postgres: OnPostgres,
) -> None:
    ledger, database, other = on_postgres
    first, second = await opened(ledger), await opened(ledger)
    decided = asyncio.Event()
    spend = spending(second, 1)

    def decide(facts: Facts) -> Decision:
        decided.set()
        return spend.decide(facts)

    async with other.transaction():
        await other.execute("LOCK TABLE entry IN SHARE MODE")
        written = asyncio.create_task(ledger.post(spending(first, 1)))
        await waiting_backend(other)
        following = asyncio.create_task(ledger.post(replace(spend, decide=decide)))
        await decided.wait()
        assert not written.done()
        assert not following.done()
    await asyncio.gather(written, following)

    for holder in (first, second):
        assert (await book_of(database, holder.account_id)).wallet.available == 59


async def test_a_batch_of_a_wallet_that_is_being_written_waits_for_it(
    on_postgres: OnPostgres,
) -> None:
    ledger, database, other = on_postgres
    holder = await opened(ledger)

    async with other.transaction():
        await other.execute("LOCK TABLE entry IN SHARE MODE")
        posting = [asyncio.create_task(ledger.post(spending(holder, 1)))]
        await waiting_backend(other)
        posting += [asyncio.create_task(ledger.post(spending(holder, 1))) for _ in range(3)]
        await asyncio.sleep(0.1)
    posted = await asyncio.gather(*posting)

    assert [one.sequence for one in posted] == [2, 3, 4, 5]
    assert (await book_of(database, holder.account_id)).wallet.available == 56


async def test_what_was_added_while_its_lock_was_waited_for_is_seen(
    on_postgres: OnPostgres,
) -> None:
    ledger, _, other = on_postgres
    holder, stranger = await opened(ledger), await opened(ledger)
    own = Lookup(User, ("id",), (holder.user_id,), exclusive=True)
    memberships = Lookup(Membership, ("user_id",), (holder.user_id,))
    seen: list[int] = []

    def decide(facts: Facts) -> Decision:
        seen.append(len(facts.rows(memberships)))
        return Decision()

    async with other.transaction():
        await other.execute('SELECT 1 FROM "user" WHERE id = $1 FOR UPDATE', holder.user_id)
        posting = asyncio.create_task(
            ledger.post(Command(decide=decide, lookups=(own, memberships)))
        )
        await waiting_backend(other)
        await other.execute(
            "INSERT INTO membership (id, account_id, user_id, created_at) VALUES ($1, $2, $3, 0)",
            *(uuid4(), stranger.account_id, holder.user_id),
        )
    await posting

    assert seen == [2]


async def test_a_deadlock_with_somebody_else_is_outlived(
    on_postgres: OnPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    ledger, database, other = on_postgres
    holders = [await opened(ledger) for _ in range(2)]
    first, last = sorted(holder.account_id for holder in holders)
    lock = "SELECT 1 FROM wallet WHERE account_id = $1 FOR UPDATE"
    # So that it is the ledger that the server picks as the victim.
    await other.execute("SET deadlock_timeout = '60s'")

    async with other.transaction():
        await other.execute(lock, last)
        posting = asyncio.gather(*(ledger.post(spending(holder, 1)) for holder in holders))
        await waiting_backend(other)
        await other.execute(lock, first)
    await posting

    assert "DeadlockDetectedError" in caplog.text
    for holder in holders:
        assert (await book_of(database, holder.account_id)).wallet.available == 59


async def test_the_write_lock_held_for_a_moment_is_waited_for(on_sqlite: OnSqlite) -> None:
    ledger, _, other = on_sqlite
    holder = await opened(ledger)

    other.execute("BEGIN IMMEDIATE")
    posting = asyncio.create_task(ledger.post(spending(holder, 1)))
    await asyncio.sleep(0.2)
    assert not posting.done()
    other.execute("ROLLBACK")

    assert (await posting).sequence == 2


async def test_the_write_lock_held_past_a_timeout_is_tried_for_again(on_sqlite: OnSqlite) -> None:
    ledger, database, other = on_sqlite
    holder = await opened(ledger)
    await database.writer.execute_script("PRAGMA busy_timeout = 20")

    other.execute("BEGIN IMMEDIATE")
    posting = asyncio.create_task(ledger.post(spending(holder, 1)))
    await asyncio.sleep(0.3)
    assert not posting.done()
    other.execute("ROLLBACK")

    assert (await posting).sequence == 2


async def test_the_write_lock_held_for_too_long_is_answered_try_again(
    on_sqlite: OnSqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, database, other = on_sqlite
    holder = await opened(ledger)
    await database.writer.execute_script("PRAGMA busy_timeout = 20")
    monkeypatch.setattr(models.ledger.ledger, "PATIENCE_SECONDS", 0.1)

    other.execute("BEGIN IMMEDIATE")
    (answer,) = await post_together(ledger, [spending(holder, 1)])
    other.execute("ROLLBACK")

    assert isinstance(answer, TryAgain)
    assert (await book_of(database, holder.account_id)).wallet.available == 60


async def test_reads_on_sqlite_do_not_wait_for_anothers_write(on_sqlite: OnSqlite) -> None:
    ledger, database, other = on_sqlite
    holder = await opened(ledger)

    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE wallet SET updated_at = updated_at + 1")
    async with asyncio.timeout(SOON):
        rows = await database.fetch(WALLETS, [holder.account_id])
    other.execute("ROLLBACK")

    assert [row[2] for row in rows] == [60]


async def test_reads_do_not_wait_for_the_ledgers_own_write(
    database: Database, clock: ManualClock
) -> None:
    ledger = Ledger(database, clock)
    ledger.start()
    holder = await opened(ledger)

    async with database.transaction() as transaction:
        await transaction.fetch(WALLETS_LOCKED, [holder.account_id])
        posting = asyncio.create_task(ledger.post(spending(holder, 1)))
        async with asyncio.timeout(SOON):
            rows = await database.fetch(WALLETS, [holder.account_id])

    assert [row[2] for row in rows] == [60]
    await posting
    await ledger.close()
