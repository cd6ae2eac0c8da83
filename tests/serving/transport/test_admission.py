"""Requests that wait for their turn: who begins at once, who waits, and who is refused."""

import asyncio
from collections.abc import Callable

import pytest

from serving.operations.workers import BusyError
from serving.transport import admission
from serving.transport.admission import Admission
from tests.books import dump
from tests.schema.callers import Api
from tests.waiting import until


async def test_places_are_taken_at_once_while_there_are_some() -> None:
    places = Admission(together=2)

    assert [places.enters() for _ in range(3)] == [True, True, False]
    places.leave()
    assert places.enters()


async def test_who_waits_goes_before_who_comes_later() -> None:
    places = Admission(together=1)
    order: list[int] = []

    async def one(number: int) -> None:
        if not places.enters():
            await places.wait()
        order.append(number)
        await asyncio.sleep(0.001)
        places.leave()

    await asyncio.gather(*map(one, range(20)))

    assert order == list(range(20))
    assert places.enters()


async def test_who_waits_for_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(admission, "FULL_SECONDS", 0.05)
    monkeypatch.setattr(admission, "FEW", 0)
    places = Admission(together=1)
    assert places.enters()

    waiting = asyncio.create_task(places.wait())
    await until(lambda: places.is_full)
    with pytest.raises(BusyError):
        await waiting

    await until(lambda: not places.is_full)
    places.leave()
    assert places.enters()


async def test_few_wait_for_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(admission, "FULL_SECONDS", 0.01)
    monkeypatch.setattr(admission, "FEW", 2)
    places = Admission(together=1)
    assert places.enters()

    waiting = [asyncio.create_task(places.wait()) for _ in range(3)]
    await until(waiting[0].done)
    await asyncio.sleep(0.1)

    assert isinstance(waiting[0].exception(), BusyError)
    assert not places.is_full
    for task in waiting[1:]:
        places.leave()
        await task


async def test_no_more_may_wait_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "WAITING", 4)
    places = Admission(together=1)
    assert places.enters()
    waiting = [asyncio.create_task(places.wait()) for _ in range(4)]
    await asyncio.sleep(0)

    with pytest.raises(BusyError):
        await places.wait()

    assert places.is_full
    for task in waiting:
        places.leave()
        await task


@pytest.mark.parametrize("ticks", range(6))
async def test_who_goes_away_keeps_no_place(ticks: int) -> None:
    places = Admission(together=1)
    assert places.enters()
    waiting = asyncio.create_task(places.wait())
    await asyncio.sleep(0)
    places.leave()
    for _ in range(ticks):
        await asyncio.sleep(0)
    gone = waiting.cancel()
    await asyncio.wait({waiting})
    if not gone or not waiting.cancelled():
        places.leave()

    await asyncio.sleep(0.01)
    assert places.enters()
    assert not places.enters()


async def test_later_work_is_done_in_order() -> None:
    places = Admission()
    done: list[int] = []

    def noting(number: int) -> Callable[[], None]:
        return lambda: done.append(number)

    for number in range(100):
        places.later(noting(number))
    await until(lambda: len(done) == 100)

    assert done == list(range(100))


async def test_a_request_is_refused_before_anything_is_executed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client("clara")
    before = await dump(api.services.database)
    monkeypatch.setattr(Admission, "enters", lambda _: False)
    monkeypatch.setattr(admission, "WAITING", 0)

    answer = await clara.send(
        'mutation($a: ID!) { postJob(input: {accountId: $a, title: "A", description: "B",'
        ' idempotencyKey: "busy"}) { __typename } }',
        {"a": clara.account_id},
    )

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {
        "code": "TRY_AGAIN",
        "requestId": answer.headers["x-request-id"],
    }
    assert await dump(api.services.database) == before
