"""Deadlines: whose work is ended, when, and what is told from it."""

import asyncio

import pytest

from serving.operations.deadlines import Deadlines
from tests.waiting import until


async def test_what_is_not_done_in_time_is_ended() -> None:
    deadlines = Deadlines(0.2)
    loop = asyncio.get_running_loop()
    began = loop.time()

    with pytest.raises(TimeoutError), deadlines.start():
        await asyncio.sleep(60)

    assert 0.2 <= loop.time() - began < 10
    assert not deadlines.running


async def test_what_is_done_in_time_goes_on_afterwards() -> None:
    deadlines = Deadlines(0.05)

    with deadlines.start():
        await asyncio.sleep(0)
    await asyncio.sleep(0.2)

    assert not deadlines.running


async def test_only_those_whose_time_is_up_are_ended() -> None:
    deadlines = Deadlines(0.4)

    async def work(seconds: float) -> str:
        try:
            with deadlines.start():
                await asyncio.sleep(seconds)
                return "done"
        except TimeoutError:
            return "ended"

    first = asyncio.create_task(work(60))
    await asyncio.sleep(0.2)
    later = [asyncio.create_task(work(seconds)) for seconds in (60, 0.1)]

    assert await first == "ended"
    assert not later[0].done()
    assert await later[1] == "done"
    assert await later[0] == "ended"


async def test_somebody_elses_cancelling_is_no_timeout() -> None:
    deadlines = Deadlines(30)

    async def work() -> None:
        with deadlines.start():
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await until(lambda: bool(deadlines.running))
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert not deadlines.running


async def test_an_error_of_the_work_is_its_own() -> None:
    deadlines = Deadlines(30)

    with pytest.raises(KeyError, match="of the work"), deadlines.start():
        raise KeyError("of the work")

    assert not deadlines.running


async def test_deadlines_stand_within_one_another() -> None:
    outer, inner = Deadlines(30), Deadlines(0.05)
    ended = False

    with outer.start():
        try:
            with inner.start():
                await asyncio.sleep(60)
        except TimeoutError:
            ended = True
        await asyncio.sleep(0)

    assert ended
    assert not outer.running


async def test_work_that_begins_after_a_pause_is_looked_after_too() -> None:
    deadlines = Deadlines(0.05)
    with deadlines.start():
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)

    with pytest.raises(TimeoutError), deadlines.start():
        await asyncio.sleep(60)
