"""Listeners are told of each commit after it, and can do the ledger no harm."""

from collections.abc import Collection
from uuid import UUID

import pytest

from models.ledger.ledger import Ledger
from models.rules.refusals import InsufficientConnects
from tests.faulty import FaultyDatabase
from tests.models.builders import opened, post_together, spending


class Ear:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Collection[UUID]] = []

    def __call__(self, account_ids: Collection[UUID]) -> None:
        self.heard.append(set(account_ids))


async def test_a_listener_is_told_of_the_accounts_of_each_commit(ledger: Ledger) -> None:
    ada, ben = await opened(ledger), await opened(ledger)
    ear = Ear()
    ledger.listen(ear)

    await post_together(ledger, [spending(ada, 1), spending(ben, 1), spending(ada, 1)])
    await ledger.post(spending(ben, 1))

    assert ear.heard == [{ada.account_id, ben.account_id}, {ben.account_id}]


async def test_nothing_is_told_before_it_is_committed(
    ledger: Ledger, faulty: FaultyDatabase
) -> None:
    holder = await opened(ledger)
    ear = Ear()
    tried_before: list[int] = []
    ledger.listen(ear)
    ledger.listen(lambda _account_ids: tried_before.append(len(faulty.transactions)))
    faulty.transactions.clear()
    faulty.within.append(TimeoutError("in a test"))

    await ledger.post(spending(holder, 1))

    assert ear.heard == [{holder.account_id}]
    assert tried_before == [2]


async def test_a_commit_whose_answer_was_lost_is_told_too(
    ledger: Ledger, faulty: FaultyDatabase
) -> None:
    holder = await opened(ledger)
    ear = Ear()
    ledger.listen(ear)
    faulty.after.append(TimeoutError("in a test"))

    await ledger.post(spending(holder, 1))

    assert ear.heard == [{holder.account_id}]


async def test_what_fails_for_good_is_not_told(ledger: Ledger, faulty: FaultyDatabase) -> None:
    holder = await opened(ledger)
    ear = Ear()
    ledger.listen(ear)
    faulty.within.extend([ZeroDivisionError("in a test")] * 2)

    with pytest.raises(ZeroDivisionError):
        await ledger.post(spending(holder, 1))

    assert ear.heard == []


async def test_a_listener_that_raises_harms_neither_the_ledger_nor_the_next_listener(
    ledger: Ledger, faulty: FaultyDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    holder = await opened(ledger)
    ear = Ear()

    def broken(_account_ids: Collection[UUID]) -> None:
        raise ZeroDivisionError("in a test")

    ledger.listen(broken)
    ledger.listen(ear)
    faulty.transactions.clear()

    first = await ledger.post(spending(holder, 1))
    with pytest.raises(InsufficientConnects):
        await ledger.post(spending(holder, 60))

    assert first.wallet is not None
    assert first.wallet.available == 59
    assert ear.heard == [{holder.account_id}] * 2
    assert len(faulty.transactions) == 2
    assert "a listener of the ledger failed" in caplog.text
