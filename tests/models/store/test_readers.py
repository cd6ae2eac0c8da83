"""Connections to PostgreSQL that are kept at hand for reads harm no read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

import models.store.readers
from models.store.database import KEY_READERS, READERS, Database, open_database
from models.store.readers import KEPT
from models.store.statements import both
from models.store.transactions import BY_INDEX
from tests.waiting import until

SOON = 10.0
ONE = both("SELECT 1")
SLOW = both("SELECT 7 FROM pg_sleep(0.3)")
HANGING = both("SELECT 7 FROM pg_sleep(60)")
END_ALL = """
    SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def pooled(postgres_url: str) -> AsyncIterator[Database]:
    database = await open_database(postgres_url)
    yield database
    await database.close()


async def read_together(database: Database, times: int) -> list[list[tuple[object, ...]]]:
    async with asyncio.timeout(SOON):
        answers = await asyncio.gather(*(database.fetch(ONE) for _ in range(times)))
    return [[tuple(row) for row in rows] for rows in answers]


async def pids(database: Database, times: int) -> list[list[Any]]:
    """The processes that serve so many reads at a time."""
    waiting = both("SELECT pg_backend_pid() FROM pg_sleep(0.2)")
    return await asyncio.gather(*(database.fetch(waiting) for _ in range(times)))


async def test_more_reads_than_there_are_connections_are_all_answered(pooled: Database) -> None:
    for times in (1, KEPT, KEY_READERS, 10 * KEY_READERS):
        assert await read_together(pooled, times) == [[(1,)]] * times


async def test_who_waits_gets_the_first_connection_that_is_free(pooled: Database) -> None:
    hanging = [asyncio.create_task(pooled.fetch(HANGING)) for _ in range(KEY_READERS - 1)]
    slow = asyncio.create_task(pooled.fetch(SLOW))
    await asyncio.sleep(0.1)

    assert await read_together(pooled, 1) == [[(1,)]]

    assert [tuple(row) for row in await slow] == [(7,)]
    for task in hanging:
        task.cancel()
    await asyncio.wait(hanging)


async def test_a_kept_connection_is_used_again(pooled: Database) -> None:
    pid = both("SELECT pg_backend_pid()")

    first, *others = [await pooled.fetch(pid) for _ in range(5)]

    assert [tuple(row) for rows in others for row in rows] == [tuple(first[0])] * 4


async def test_reads_go_on_when_the_server_has_ended_all_connections(
    pooled: Database, postgres_url: str
) -> None:
    other = await asyncpg.connect(postgres_url)
    for _ in range(3):
        await read_together(pooled, KEY_READERS)
        await other.execute(END_ALL)
        await asyncio.sleep(0.05)

        assert await read_together(pooled, 1) == [[(1,)]]
    await other.close()


async def test_one_lost_connection_stands_for_all_that_lie_idle(
    pooled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_together(pooled, KEY_READERS)
    old = {tuple(row) for rows in await pids(pooled, KEY_READERS) for row in rows}
    fetch = asyncpg.Connection.fetch

    async def lost(connection: Any, *given: Any, **options: Any) -> Any:
        if (connection.get_server_pid(),) in old:
            raise asyncpg.ConnectionDoesNotExistError("lost")
        return await fetch(connection, *given, **options)

    monkeypatch.setattr(asyncpg.Connection, "fetch", lost)

    assert len(old) == KEY_READERS
    assert await read_together(pooled, 1) == [[(1,)]]


async def test_a_statement_broken_off_runs_in_no_connection_that_is_kept(
    pooled: Database,
) -> None:
    await read_together(pooled, KEY_READERS)
    for _ in range(5):
        tasks = [asyncio.create_task(pooled.fetch(HANGING)) for _ in range(KEY_READERS)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)

        assert await read_together(pooled, 5 * KEY_READERS) == [[(1,)]] * 5 * KEY_READERS


async def test_a_statement_that_fails_harms_none_after_it(pooled: Database) -> None:
    for _ in range(KEY_READERS):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await pooled.fetch(both("SELECT 1 / 0"))

    assert await read_together(pooled, KEY_READERS) == [[(1,)]] * KEY_READERS


async def test_reads_under_way_are_answered_before_the_database_is_closed(
    postgres_url: str,
) -> None:
    database = await open_database(postgres_url)
    await read_together(database, KEY_READERS)
    answers = asyncio.gather(*(database.fetch(SLOW) for _ in range(KEY_READERS)))
    await asyncio.sleep(0.1)

    async with asyncio.timeout(SOON):
        await database.close()

    assert [tuple(row) for rows in await answers for row in rows] == [(7,)] * KEY_READERS


async def test_the_pool_gets_back_what_was_kept(
    pooled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.store.readers, "KEPT_SECONDS", 0.1)
    pool: Any = pooled.readers.client._pool

    await read_together(pooled, KEY_READERS)
    kept = pool.get_size() - pool.get_idle_size()

    assert 0 < kept <= KEPT
    await until(lambda: pool.get_idle_size() == pool.get_size())
    assert await read_together(pooled, KEY_READERS) == [[(1,)]] * KEY_READERS


async def test_a_connection_that_takes_too_long_to_be_free_is_closed(
    pooled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.store.readers, "RETURN_SECONDS", 0.1)
    release, held = asyncpg.Pool.release, asyncio.Event()

    async def slow(pool: Any, connection: Any, **options: Any) -> None:
        await held.wait()
        await release(pool, connection, **options)

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Pool, "release", slow)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await pooled.fetch(both("SELECT 1 / 0"))

    assert await read_together(pooled, 2 * KEY_READERS) == [[(1,)]] * 2 * KEY_READERS


async def test_no_session_is_changed_after_it_began(pooled: Database) -> None:
    """What a statement sets would stay with a pooler's connection, which others use too."""
    changed = both("SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY name")
    begun = both("SELECT name, setting FROM pg_settings WHERE source = 'client' ORDER BY name")

    found = [await pooled.fetch(changed), await pooled.fetch_as_planned(changed)]
    async with pooled.transaction() as transaction:
        await transaction.fetch(ONE)
    async with pooled.writer.acquire_connection() as connection:
        found.append(await connection.fetch(changed.postgres))

    assert [list(map(tuple, rows)) for rows in found] == [[], [], []]
    assert BY_INDEX.items() <= {tuple(row) for row in await pooled.fetch(begun)}


async def test_only_reads_by_index_are_set_to_it(pooled: Database) -> None:
    settings = both("SELECT current_setting('enable_seqscan'), current_setting('plan_cache_mode')")

    await read_together(pooled, READERS)
    by_index = await pooled.fetch(settings)
    reads = [pooled.fetch_as_planned(settings) for _ in range(READERS)]
    as_planned = await asyncio.gather(*reads)

    assert [tuple(row) for row in by_index] == [("off", "force_generic_plan")]
    assert [tuple(row) for rows in as_planned for row in rows] == [("on", "auto")] * READERS


async def test_a_snapshot_is_had_while_connections_are_kept(pooled: Database) -> None:
    await read_together(pooled, READERS)

    async with asyncio.timeout(SOON), pooled.snapshot() as open_statement:
        next_rows = await open_statement(ONE)
        assert [tuple(row) for row in await next_rows(2)] == [(1,)]
