"""Faults that pass by themselves: nobody who asked has to know of them."""

import asyncio
import sqlite3
from typing import TypeGuard

import asyncpg
import pytest

import models.ledger.ledger
from models.ledger.commands import Posted
from models.ledger.ledger import Ledger
from models.rules.refusals import TryAgain
from models.store.faults import is_lost_race, is_passing, is_unavailable
from tests.books import book_of, count, dump
from tests.faults.kinds import (
    BUGS,
    LASTING_ON_POSTGRES,
    LASTING_ON_SQLITE,
    PASSING_ON_POSTGRES,
    PASSING_ON_SQLITE,
    WRAPPED,
    Faults,
)
from tests.faulty import FaultyDatabase
from tests.models.builders import opened, post_together, spending, touching

SOON = 5.0

PASSING: Faults = {**PASSING_ON_POSTGRES, **PASSING_ON_SQLITE, **WRAPPED}
LASTING: Faults = {**LASTING_ON_POSTGRES, **LASTING_ON_SQLITE}
OUTLASTED = (
    *("deadlock", "connection lost", "connection refused", "server stops"),
    *("statement times out", "locked", "a full disk"),
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.ledger.ledger, "PATIENCE_SECONDS", 0.5)


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_told_from_what_lasts(fault: str) -> None:
    assert is_passing(PASSING[fault]())
    assert is_unavailable(PASSING[fault]())


@pytest.mark.parametrize("fault", LASTING)
def test_what_lasts_is_told_from_what_passes(fault: str) -> None:
    assert not is_passing(LASTING[fault]())
    assert is_unavailable(LASTING[fault]())


@pytest.mark.parametrize("fault", BUGS)
def test_a_bug_is_no_fault_of_the_database(fault: str) -> None:
    assert not is_passing(BUGS[fault]())
    assert not is_unavailable(BUGS[fault]())


def test_every_state_of_postgresql_that_says_it_is_unavailable_is_known() -> None:
    kinds = [kind for kind in vars(asyncpg).values() if is_error(kind)]
    classes = ("08", "40", "53", "57", "58")

    unknown = [kind for kind in kinds if not is_unavailable(kind("it happened"))]

    assert len(kinds) > 200
    assert not [kind for kind in unknown if (kind.sqlstate or "").startswith(classes)]


def is_error(kind: object) -> TypeGuard[type[asyncpg.PostgresError]]:
    return isinstance(kind, type) and issubclass(kind, asyncpg.PostgresError)


def test_only_a_key_that_another_process_wrote_first_is_a_lost_race() -> None:
    assert is_lost_race(asyncpg.UniqueViolationError("duplicate key"))
    assert not is_lost_race(asyncpg.CheckViolationError("check"))


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "within", "after"])
@pytest.mark.parametrize("fault", OUTLASTED)
async def test_a_passing_fault_is_outlasted_and_charges_once(
    ledger: Ledger, faulty: FaultyDatabase, fault: str, when: str
) -> None:
    holder = await opened(ledger)
    getattr(faulty, when).extend(PASSING[fault]() for _ in range(2))

    answers = await post_together(ledger, [spending(holder, c) for c in (1, 2, 61, 3)])

    refused = [not isinstance(answer, Posted) for answer in answers]
    assert refused == [False, False, True, False]
    assert (await book_of(faulty, holder.account_id)).wallet.available == 54
    assert await count(faulty, "job") == 3


async def test_a_spend_whose_commit_was_not_heard_of_is_answered_from_memory(
    ledger: Ledger, faulty: FaultyDatabase
) -> None:
    holder = await opened(ledger)
    faulty.after.append(asyncpg.ConnectionDoesNotExistError("connection was closed"))

    posted = await ledger.post(spending(holder, 7))

    book = await book_of(faulty, holder.account_id)
    assert (posted.sequence, posted.replayed) == (book.wallet.sequence, True)
    assert book.wallet.available == 53


async def test_a_fault_that_does_not_pass_is_answered_try_again_and_changed_nothing(
    ledger: Ledger, faulty: FaultyDatabase, impatient: None
) -> None:
    holder = await opened(ledger)
    before = await dump(faulty)
    faulty.before.extend(PASSING["locked"]() for _ in range(1000))

    answers = await post_together(ledger, [spending(holder, 1) for _ in range(5)])

    assert {type(answer) for answer in answers} == {TryAgain}
    assert await dump(faulty) == before


@pytest.mark.parametrize("fault", LASTING)
async def test_a_fault_that_lasts_is_answered_try_again_at_once(
    ledger: Ledger, faulty: FaultyDatabase, fault: str
) -> None:
    holder = await opened(ledger)
    before = await dump(faulty)
    faulty.within.append(LASTING[fault]())

    async with asyncio.timeout(SOON):
        answers = await post_together(ledger, [spending(holder, 1) for _ in range(5)])

    assert {type(answer) for answer in answers} == {TryAgain}
    assert await dump(faulty) == before


async def test_when_the_fault_has_passed_the_same_key_goes_through(
    ledger: Ledger, faulty: FaultyDatabase, impatient: None
) -> None:
    holder = await opened(ledger)
    faulty.within.extend(PASSING["deadlock"]() for _ in range(1000))
    with pytest.raises(TryAgain):
        await ledger.post(spending(holder, 7, "intent"))
    faulty.within.clear()

    posted = await ledger.post(spending(holder, 7, "intent"))

    assert not posted.replayed
    assert (await book_of(faulty, holder.account_id)).wallet.available == 53


async def test_who_comes_while_the_fault_lasts_is_answered_try_again_too(
    ledger: Ledger, faulty: FaultyDatabase, impatient: None
) -> None:
    holder = await opened(ledger)
    faulty.before.extend(PASSING["locked"]() for _ in range(1000))

    async def come_after(seconds: float) -> object:
        await asyncio.sleep(seconds)
        return (await post_together(ledger, [touching(holder)]))[0]

    async with asyncio.timeout(SOON):
        answers = await asyncio.gather(*(come_after(number / 20) for number in range(12)))

    assert {type(answer) for answer in answers} == {TryAgain}


async def test_a_caller_that_left_does_not_keep_the_ledger_at_a_lasting_fault(
    ledger: Ledger, faulty: FaultyDatabase, impatient: None
) -> None:
    holder = await opened(ledger)
    faulty.before.extend(PASSING["locked"]() for _ in range(1000))
    leaving = asyncio.create_task(ledger.post(spending(holder, 1)))
    await asyncio.sleep(0.05)
    leaving.cancel()

    try:
        async with asyncio.timeout(SOON):
            (answer,) = await post_together(ledger, [spending(holder, 1)])
    finally:
        faulty.before.clear()

    assert isinstance(answer, TryAgain)


@pytest.mark.parametrize("when", ["before", "within"])
async def test_a_bug_is_everybodys_answer_and_the_ledger_goes_on(
    ledger: Ledger, faulty: FaultyDatabase, when: str
) -> None:
    holder = await opened(ledger)
    getattr(faulty, when).extend(BUGS["no such table"]() for _ in range(1 + 3))

    answers = await post_together(ledger, [spending(holder, 1) for _ in range(3)])

    assert {type(answer) for answer in answers} == {sqlite3.OperationalError}
    assert (await ledger.post(spending(holder, 1))).sequence == 2


async def test_a_lost_race_is_run_again(ledger: Ledger, faulty: FaultyDatabase) -> None:
    holder = await opened(ledger)
    faulty.within.extend(BUGS["a broken constraint"]() for _ in range(3))

    posted = await ledger.post(spending(holder, 1))

    assert posted.sequence == 2


async def test_a_race_that_is_always_lost_is_a_lasting_fault(
    ledger: Ledger, faulty: FaultyDatabase
) -> None:
    holder = await opened(ledger)
    faulty.within.extend(BUGS["a broken constraint"]() for _ in range(10))

    async with asyncio.timeout(SOON):
        (answer,) = await post_together(ledger, [spending(holder, 1)])

    assert isinstance(answer, asyncpg.UniqueViolationError)
    faulty.within.clear()
