"""A command that fails by a bug, or that the database will not take, harms no other."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn
from uuid import uuid4

import pytest

from models.ledger.commands import Command, Decision, Facts, Posted
from models.ledger.ledger import Ledger
from models.rules.actions import ConnectsAction
from models.rules.postings import Spend
from models.rules.refusals import Refusal
from models.store.database import Database
from tests.books import book_of, count
from tests.faulty import FaultyDatabase
from tests.models.builders import Holder, opened, post_together, spending

SOON = 5.0
"""Seconds: far less than the ledger waits for a fault that may pass."""


def raising(error: Exception) -> Callable[[Holder], Command]:
    def command(holder: Holder) -> Command:
        def decide(facts: Facts) -> NoReturn:
            raise error

        return replace(spending(holder, 1, "guilty"), decide=decide)

    return command


def creating_a_job_with(**values: Any) -> Callable[[Holder], Command]:
    """A spend whose job has `values` that the database will not take."""

    def command(holder: Holder) -> Command:
        blameless = spending(holder, 1, "guilty")

        def decide(facts: Facts) -> Decision:
            decision = blameless.decide(facts)
            for name, value in values.items():
                setattr(decision.inserts[0], name, value)
            return decision

        return replace(blameless, decide=decide)

    return command


def with_a_strange_key(holder: Holder) -> Command:
    return spending(holder, 1, "\ud800")


def without_a_wallet(holder: Holder) -> Command:
    movement = Spend(1, ConnectsAction.POST_JOB, uuid4())
    return Command(
        decide=lambda facts: Decision(movement=movement),
        actor_id=holder.user_id,
        intent=spending(holder, 1, "guilty").intent,
    )


UNDECIDED: dict[str, Callable[[Holder], Command]] = {
    "a bug in its decision": raising(ZeroDivisionError()),
    "an iterator that ran out": raising(StopIteration()),
    "a movement without a wallet": without_a_wallet,
}
REFUSED_BY_THE_DATABASE: dict[str, Callable[[Holder], Command]] = {
    "a broken check": creating_a_job_with(title=""),
    "a missing value": creating_a_job_with(description=None),
    "a reference to nothing": creating_a_job_with(account_id=uuid4()),
    "a number too large for any column": creating_a_job_with(
        budget_minor=2**70, budget_currency="USD"
    ),
    "text that is no Unicode": creating_a_job_with(title="\ud800"),
    "a key that is no Unicode": with_a_strange_key,
    "a value of another type": creating_a_job_with(connects="many"),
}
GUILTY = {**UNDECIDED, **REFUSED_BY_THE_DATABASE}


@pytest.mark.parametrize("fault", GUILTY)
async def test_only_the_guilty_command_fails(
    ledger: Ledger, database: Database, fault: str
) -> None:
    holder, other = await opened(ledger), await opened(ledger)
    commands = [spending(holder, 2), GUILTY[fault](holder), spending(holder, 3), spending(other, 4)]

    async with asyncio.timeout(SOON):
        answers = await post_together(ledger, commands)

    assert [isinstance(answer, Posted) for answer in answers] == [True, False, True, True]
    assert not isinstance(answers[1], Refusal)
    assert (await book_of(database, holder.account_id)).wallet.available == 55
    assert (await book_of(database, other.account_id)).wallet.available == 56
    assert await count(database, "job") == 3


@pytest.mark.parametrize("fault", UNDECIDED)
async def test_a_command_that_cannot_be_decided_does_not_break_up_its_batch(
    ledger: Ledger, faulty: FaultyDatabase, fault: str
) -> None:
    holder = await opened(ledger)
    faulty.transactions.clear()

    await post_together(ledger, [spending(holder, 2), UNDECIDED[fault](holder)])

    assert len(faulty.transactions) == 1


@pytest.mark.parametrize(
    "fault", [*UNDECIDED, "a broken check", "a number too large for any column"]
)
async def test_a_failed_commands_key_is_free_again(ledger: Ledger, fault: str) -> None:
    holder = await opened(ledger)
    await post_together(ledger, [GUILTY[fault](holder)])

    posted = await ledger.post(spending(holder, 1, "guilty"))

    assert not posted.replayed


async def test_two_rows_with_one_id_let_the_first_through(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    twin = creating_a_job_with(id=uuid4())

    async with asyncio.timeout(SOON):
        answers = await post_together(
            ledger, [replace(twin(holder), intent=None), replace(twin(holder), intent=None)]
        )

    assert [isinstance(answer, Posted) for answer in answers] == [True, False]
    assert await count(database, "job") == 1
