"""Checkpoints on a schedule: when they are due, after a failure, and until the server stops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from models.checkpoints import schedule as module
from models.checkpoints.making import make_checkpoint
from models.checkpoints.schedule import CheckpointSchedule
from models.ledger.ledger import Ledger
from models.rules.instants import SECOND
from models.rules.proof.checkpoints import Checkpoint
from models.store.checkpoints.rows import newest_checkpoint
from models.store.database import Database
from tests.books import count
from tests.clocks import ManualClock
from tests.models.checkpoints.checkpointing import KEY, many_opened
from tests.waiting import until

INTERVAL = 3600
PATIENCE_SECONDS = 20
LOOKING_SECONDS = 0.02


@asynccontextmanager
async def scheduled(database: Database, clock: ManualClock) -> AsyncIterator[CheckpointSchedule]:
    schedule = CheckpointSchedule(database, clock, KEY, INTERVAL, longest_wait=LOOKING_SECONDS)
    schedule.start()
    try:
        yield schedule
    finally:
        await schedule.close()


async def checkpoint_number(database: Database, number: int) -> Checkpoint:
    """The checkpoint, once it is made; no later one has been."""
    for _ in range(int(PATIENCE_SECONDS / LOOKING_SECONDS)):
        newest = await newest_checkpoint(database)
        if newest is not None and newest.number >= number:
            assert newest.number == number
            return newest
        await asyncio.sleep(LOOKING_SECONDS)
    raise AssertionError(f"there is no checkpoint {number}")


async def test_one_is_made_at_the_start_and_the_next_after_the_interval(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    await many_opened(ledger, 3)
    async with scheduled(database, clock):
        first = await checkpoint_number(database, 1)
        clock.advance(INTERVAL * SECOND - 1)
        await asyncio.sleep(5 * LOOKING_SECONDS)
        assert await count(database, "checkpoint") == 1

        clock.advance(1)
        second = await checkpoint_number(database, 2)

    assert (first.size, second.at - first.at) == (3, INTERVAL * SECOND)
    clock.advance(INTERVAL * SECOND)
    await asyncio.sleep(5 * LOOKING_SECONDS)
    assert await count(database, "checkpoint") == 2


async def test_several_servers_make_one_for_each_interval(
    database: Database, clock: ManualClock
) -> None:
    async with scheduled(database, clock), scheduled(database, clock), scheduled(database, clock):
        for number in (1, 2, 3):
            await checkpoint_number(database, number)
            await asyncio.sleep(5 * LOOKING_SECONDS)
            await checkpoint_number(database, number)
            clock.advance(INTERVAL * SECOND)


async def test_one_made_by_hand_counts(database: Database, clock: ManualClock) -> None:
    await make_checkpoint(database, clock, KEY)

    async with scheduled(database, clock):
        await asyncio.sleep(5 * LOOKING_SECONDS)

    assert await count(database, "checkpoint") == 1


async def test_a_failure_is_logged_and_it_is_tried_again(
    database: Database,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures = [ConnectionError("gone"), ConnectionError("gone")]

    async def failing(*arguments: object, **options: object) -> Checkpoint:
        if failures:
            raise failures.pop()
        return await make_checkpoint(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "make_checkpoint", failing)
    async with scheduled(database, clock):
        await checkpoint_number(database, 1)

    logged = [record for record in caplog.records if record.name == module.__name__]
    assert [record.levelno for record in logged] == [logging.ERROR] * 2


async def test_closing_gives_up_what_is_being_made(
    database: Database, ledger: Ledger, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many_opened(ledger, 3)
    begun = asyncio.Event()

    async def slow(
        database: Database,
        clock: ManualClock,
        key: object,
        goes_on: Callable[[], bool],
        *,
        least_age: int,
    ) -> Checkpoint:
        begun.set()
        await until(lambda: not goes_on())
        return await make_checkpoint(database, clock, KEY, goes_on)

    monkeypatch.setattr(module, "make_checkpoint", slow)
    async with scheduled(database, clock):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await begun.wait()

    assert await count(database, "checkpoint") == 0
    assert await count(database, "checkpoint_heads") == 0
