"""A ledger that cannot take a command says so at once; what it took, it finishes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from models.ledger.commands import Posted
from models.ledger.ledger import BATCH_LIMIT, Ledger
from models.rules.refusals import TryAgain
from models.store.database import Database
from models.store.transactions import Transaction
from tests.books import book_of
from tests.clocks import ManualClock
from tests.faulty import FaultyDatabase
from tests.models.builders import Holder, opened, post_together, spending

SOON = 5.0
"""Seconds: far less than the ledger waits for a fault that may pass."""


async def test_past_its_queue_the_ledger_says_try_again(
    database: Database, clock: ManualClock
) -> None:
    ledger = Ledger(database, clock, queue_limit=10)
    ledger.start()
    holder = await opened(ledger)

    answers = await post_together(ledger, [spending(holder, 1) for _ in range(15)])

    assert [isinstance(answer, Posted) for answer in answers] == [True] * 10 + [False] * 5
    assert {type(answer) for answer in answers[10:]} == {TryAgain}
    assert isinstance((await post_together(ledger, [spending(holder, 1)]))[0], Posted)
    await ledger.close()
    assert (await book_of(database, holder.account_id)).wallet.available == 49


async def test_what_arrives_together_shares_transactions(
    ledger: Ledger, faulty: FaultyDatabase
) -> None:
    holders = [await opened(ledger) for _ in range(4)]
    faulty.transactions.clear()

    await post_together(ledger, [spending(holder, 1) for holder in holders for _ in range(30)])

    # On PostgreSQL 60, 30, 16 and 14: half is left to the next, which begins meanwhile.
    assert len(faulty.transactions) == {"sqlite": 1, "postgres": 4}[faulty.dialect]


async def test_more_than_fit_in_a_batch_take_further_ones(
    ledger: Ledger, faulty: FaultyDatabase
) -> None:
    holders = [await opened(ledger) for _ in range(5)]
    faulty.transactions.clear()

    answers = await post_together(
        ledger, [spending(holder, 1) for holder in holders for _ in range(52)]
    )

    assert all(isinstance(answer, Posted) for answer in answers)
    assert BATCH_LIMIT == 128
    # 128, 128 and 4; or 128, 66, 33, 16, 16 and 1.
    assert len(faulty.transactions) == {"sqlite": 3, "postgres": 6}[faulty.dialect]


async def test_closing_finishes_what_was_accepted(ledger: Ledger, database: Database) -> None:
    holder = await opened(ledger)
    posting = asyncio.gather(*(ledger.post(spending(holder, 1)) for _ in range(50)))
    await asyncio.sleep(0)

    await ledger.close()

    async with asyncio.timeout(SOON):
        assert all(isinstance(answer, Posted) for answer in await posting)
    assert (await book_of(database, holder.account_id)).wallet.available == 10


async def test_who_gives_up_waiting_for_the_close_breaks_off_nothing(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    posting = asyncio.gather(*(ledger.post(spending(holder, 1)) for _ in range(50)))
    await asyncio.sleep(0)

    closing = asyncio.create_task(ledger.close())
    await asyncio.sleep(0)
    closing.cancel()

    async with asyncio.timeout(SOON):
        answers = await posting
    assert all(isinstance(answer, Posted) for answer in answers)
    assert (await book_of(database, holder.account_id)).wallet.available == 10


async def test_a_closed_ledger_says_try_again(ledger: Ledger) -> None:
    holder = await opened(ledger)
    await ledger.close()

    with pytest.raises(TryAgain):
        await ledger.post(spending(holder, 1))


async def test_a_ledger_can_be_closed_twice(ledger: Ledger) -> None:
    await ledger.close()
    await ledger.close()


class HangingDatabase(FaultyDatabase):
    """A database whose commits never come to an end."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with super().transaction() as transaction:
            yield transaction
            await asyncio.Event().wait()


async def hanging(database: Database, clock: ManualClock) -> tuple[Ledger, Holder]:
    """A ledger on a database that hangs from now on, and somebody with a wallet."""
    ledger = Ledger(database, clock)
    ledger.start()
    holder = await opened(ledger)
    await ledger.close()
    hangs = Ledger(HangingDatabase.around(database), clock)
    hangs.start()
    return hangs, holder


async def test_who_waits_while_the_database_hangs_is_answered_in_time(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, holder = await hanging(database, clock)
    monkeypatch.setattr("models.ledger.ledger.PATIENCE_SECONDS", 0.2)

    async with asyncio.timeout(SOON):
        answers = await post_together(ledger, [spending(holder, 1) for _ in range(300)])

    assert {type(answer) for answer in answers} == {TryAgain}
    await ledger.close(within=0)
    assert (await book_of(database, holder.account_id)).wallet.available == 60


async def test_a_close_that_takes_too_long_answers_everybody_and_breaks_off(
    database: Database, clock: ManualClock
) -> None:
    ledger, holder = await hanging(database, clock)
    posting = asyncio.gather(
        *(ledger.post(spending(holder, 1)) for _ in range(300)), return_exceptions=True
    )
    await asyncio.sleep(0.1)

    async with asyncio.timeout(SOON):
        await ledger.close(within=0.1)
        answers = await posting

    assert {type(answer) for answer in answers} == {TryAgain}
    assert (await book_of(database, holder.account_id)).wallet.available == 60
    async with asyncio.timeout(SOON), database.transaction():
        pass


async def test_a_ledger_that_gives_up_answers_who_waits_and_who_comes(
    database: Database, clock: ManualClock
) -> None:
    ledger, holder = await hanging(database, clock)
    waiting = asyncio.create_task(ledger.post(spending(holder, 1)))
    await asyncio.sleep(0.1)

    ledger.give_up()

    for late in (waiting, ledger.post(spending(holder, 1))):
        async with asyncio.timeout(SOON):
            with pytest.raises(TryAgain):
                await late
    await ledger.close(within=0)
