"""A read that is cancelled, as a closed tab does it, harms no other read."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest

from models.store.database import Database, open_database
from models.store.loaders import Loaders
from models.store.statements import both

SOON = 2.0
ONE = both("SELECT 1")


async def cancelled_after(database: Database, ticks: int) -> None:
    """Begins a read and cancels it so many ticks of the event loop later."""
    reading = asyncio.create_task(database.fetch(ONE))
    for _ in range(ticks):
        await asyncio.sleep(0)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading


@pytest.mark.parametrize("ticks", range(0, 12, 2))
async def test_the_first_read_of_all_can_be_cancelled(database_url: str, ticks: int) -> None:
    database = await open_database(database_url)
    try:
        await cancelled_after(database, ticks)

        async with asyncio.timeout(SOON):
            assert [tuple(row) for row in await database.fetch(ONE)] == [(1,)]
    finally:
        await database.close()


async def test_any_number_of_reads_can_be_cancelled(database: Database) -> None:
    await asyncio.gather(*(cancelled_after(database, ticks) for ticks in range(40)))

    async with asyncio.timeout(SOON):
        rows = await asyncio.gather(*(database.fetch(ONE) for _ in range(40)))

    assert [[tuple(row) for row in answer] for answer in rows] == [[(1,)]] * 40


@pytest.mark.parametrize("ticks", range(6))
async def test_a_loader_goes_on_when_all_who_wait_for_it_are_gone(
    database: Database, ticks: int
) -> None:
    loaders = Loaders(database)

    async def load() -> object:
        return await loaders.wallets.load(uuid4())

    loading = asyncio.create_task(load())
    for _ in range(ticks):
        await asyncio.sleep(0)
    loading.cancel()
    with suppress(asyncio.CancelledError):
        await loading

    async with asyncio.timeout(SOON):
        assert await load() is None
