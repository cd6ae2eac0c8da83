"""A ledger that cannot take a command says so at once; what it took, it finishes."""

import asyncio

import pytest

from models.ledger.commands import Posted
from models.ledger.ledger import BATCH_LIMIT, Ledger
from models.rules.refusals import TryAgain
from models.store.database import Database
from tests.books import book_of
from tests.clocks import ManualClock
from tests.faulty import FaultyDatabase
from tests.models.builders import opened, post_together, spending

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
