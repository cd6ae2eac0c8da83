"""What is asked for together is read together, and who goes away takes nothing along."""

import asyncio
from contextlib import suppress

import pytest

from models.store.batching import BatchLoader

SOON = 1.0


class Doubles:
    """Reads the double of each key, in its own time; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.finished = 0

    async def __call__(self, keys: list[int]) -> list[int]:
        self.asked.append(keys)
        await asyncio.sleep(0.01)
        if 0 in keys:
            raise ZeroDivisionError
        self.finished += 1
        return [2 * key for key in keys]


async def one(loader: BatchLoader[int, int], key: int) -> int:
    return await loader.load(key)


async def test_many_keys_can_be_read_in_two_halves() -> None:
    doubles = Doubles()
    loader = BatchLoader(doubles, 500, in_halves=True)

    for many in (1, 8, 9, 40):
        keys = range(1, many + 1)
        assert await loader.load_many(keys) == [2 * key for key in keys]

    assert [len(keys) for keys in doubles.asked] == [1, 8, 8, 1, 20, 20]


async def test_what_is_asked_for_in_one_tick_is_read_at_once() -> None:
    doubles = Doubles()
    loader = BatchLoader(doubles, 500)

    answers = await asyncio.gather(*(one(loader, key) for key in (3, 1, 3)), loader.load_many([7]))

    assert answers == [6, 2, 6, [14]]
    assert [sorted(keys) for keys in doubles.asked] == [[1, 3, 3, 7]]


async def test_no_read_is_given_more_keys_than_it_takes() -> None:
    doubles = Doubles()

    assert await BatchLoader(doubles, 2).load_many([1, 2, 3, 4, 5]) == [2, 4, 6, 8, 10]
    assert doubles.asked == [[1, 2], [3, 4], [5]]


async def test_a_fault_reaches_all_who_wait_for_it_and_nobody_else() -> None:
    loader = BatchLoader(Doubles(), 2)

    answers = await asyncio.gather(*map(loader.load, (1, 0, 3)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [ZeroDivisionError, ZeroDivisionError, int]
    assert await loader.load(1) == 2


async def test_a_read_that_gives_too_little_is_a_fault() -> None:
    async def nothing(_keys: list[int]) -> list[int]:
        return []

    async with asyncio.timeout(SOON):
        with pytest.raises(ValueError, match="shorter"):
            await BatchLoader(nothing, 2).load(1)


@pytest.mark.parametrize("ticks", range(8))
async def test_when_all_who_wait_go_away_the_next_one_is_answered(ticks: int) -> None:
    doubles = Doubles()
    loader = BatchLoader(doubles, 500)
    waiting = [asyncio.create_task(one(loader, key)) for key in (1, 2)]
    for _ in range(ticks):
        await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*waiting)

    async with asyncio.timeout(SOON):
        assert await loader.load(3) == 6
    await asyncio.sleep(0.02)
    assert doubles.finished == len(doubles.asked), "a read was broken off"
