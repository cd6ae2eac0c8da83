"""One intent, one outcome: however often it is asked for, and whatever that outcome was."""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from models.ledger.commands import Command, Decision, Facts, Posted
from models.ledger.ledger import Ledger
from models.rules.refusals import (
    Conflict,
    IdempotencyKeyReused,
    InsufficientConnects,
    InvalidField,
    InvalidInput,
    LimitExceeded,
    NotAllowed,
    NotFound,
    PaymentDeclined,
    PriceChanged,
    Refusal,
    TryAgain,
)
from models.store.database import Database
from tests.books import book_of, count, dump
from tests.clocks import ManualClock
from tests.models.builders import Holder, buying, opened, post_together, somebody, spending

ANSWERS_THAT_ARE_KEPT = [
    InsufficientConnects("No.", required=9, available=1, account_kind="CLIENT"),
    InsufficientConnects("No.", 9, 1, "AGENCY", next_grant_connects=60, next_grant_at=2**50),
    PriceChanged("It went up.", expected=1, actual=2),
    InvalidInput("Two things.", (InvalidField(("a", "b"), "is odd"), InvalidField((), "is late"))),
    NotFound("There is no such job."),
    NotAllowed("A client account cannot submit proposals."),
    Conflict("The job is closed. „Schluss“ \N{CROSS MARK}"),
    PaymentDeclined("The card was declined."),
    LimitExceeded("Ten at most.", limit=10, used=10),
]


def answering(command: Command, error: Exception) -> Command:
    """The same command, whose decision raises `error`."""

    def decide(facts: Facts) -> NoReturn:
        raise error

    return replace(command, decide=decide)


def details(answer: object) -> object:
    assert isinstance(answer, Refusal)
    return type(answer), answer.details()


async def test_the_same_intent_is_carried_out_once_and_answered_the_same_again(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    first = await ledger.post(spending(holder, 7, "intent"))
    before = await dump(database)

    again = await ledger.post(spending(holder, 7, "intent"))

    assert again == Posted(first.account_id, first.sequence, first.subject_id, replayed=True)
    assert await dump(database) == before


async def test_a_refusal_is_answered_again_even_when_it_would_not_be_refused_now(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    with pytest.raises(InsufficientConnects) as first:
        await ledger.post(spending(holder, 61, "intent"))
    await ledger.post(buying(holder, 10))
    before = await dump(database)

    with pytest.raises(InsufficientConnects) as again:
        await ledger.post(spending(holder, 61, "intent"))

    assert again.value.details() == first.value.details()
    assert await dump(database) == before


@pytest.mark.parametrize("refusal", ANSWERS_THAT_ARE_KEPT, ids=lambda refusal: refusal.code)
async def test_every_refusal_comes_back_as_it_was(ledger: Ledger, refusal: Refusal) -> None:
    holder = await opened(ledger)
    command = spending(holder, 1, "intent")

    (first,) = await post_together(ledger, [answering(command, refusal)])
    (again,) = await post_together(ledger, [command])

    assert details(first) == details(again) == (type(refusal), refusal.details())


@pytest.mark.parametrize("connects", [1, 61], ids=["carried out", "refused"])
async def test_a_key_cannot_be_used_for_something_else(
    ledger: Ledger, database: Database, connects: int
) -> None:
    holder = await opened(ledger)
    await post_together(ledger, [spending(holder, connects, "intent")])
    before = await dump(database)

    with pytest.raises(IdempotencyKeyReused):
        await ledger.post(spending(holder, 2, "intent"))

    assert await dump(database) == before


async def test_a_key_belongs_to_one_user(ledger: Ledger, database: Database) -> None:
    one, other = await opened(ledger), await opened(ledger)

    for holder in (one, other):
        posted = await ledger.post(spending(holder, 7, "intent"))
        assert not posted.replayed

    for holder in (one, other):
        assert (await book_of(database, holder.account_id)).wallet.available == 53


async def test_a_key_belongs_to_its_user_in_every_account(ledger: Ledger) -> None:
    one = await opened(ledger)
    other = Holder(one.kind, (await opened(ledger)).account_id, one.user_id)
    first = await ledger.post(spending(one, 7, "intent"))

    again = await ledger.post(spending(other, 7, "intent"))

    assert again.replayed
    assert again.account_id == first.account_id


async def test_copies_in_one_batch_are_carried_out_once(ledger: Ledger, database: Database) -> None:
    holder = await opened(ledger)

    answers = await post_together(ledger, [spending(holder, 7, "intent") for _ in range(5)])

    posted = [answer for answer in answers if isinstance(answer, Posted)]
    assert [answer.replayed for answer in posted] == [False, True, True, True, True]
    assert len({(answer.sequence, answer.subject_id) for answer in posted}) == 1
    assert (await book_of(database, holder.account_id)).wallet.available == 53
    assert await count(database, "job") == 1


async def test_refused_copies_in_one_batch_get_the_same_refusal(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)

    first, *others = await post_together(
        ledger, [spending(holder, 61, "intent"), buying(holder, 9), spending(holder, 61, "intent")]
    )

    assert details(first) == details(others[-1])
    assert await count(database, "job") == 0


async def test_a_key_cannot_be_used_for_something_else_in_one_batch(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)

    first, other = await post_together(
        ledger, [spending(holder, 7, "intent"), spending(holder, 8, "intent")]
    )

    assert isinstance(first, Posted)
    assert isinstance(other, IdempotencyKeyReused)
    assert (await book_of(database, holder.account_id)).wallet.available == 53


async def test_an_intent_is_remembered_for_years(ledger: Ledger, clock: ManualClock) -> None:
    holder = await opened(ledger)
    first = await ledger.post(spending(holder, 7, "intent"))

    clock.move_to("2031-01-01T00:00:00+00:00")
    again = await ledger.post(spending(holder, 7, "intent"))

    assert (again.replayed, again.sequence) == (True, first.sequence)


@pytest.mark.parametrize(
    "passing", [TryAgain, lambda: ValueError("a bug")], ids=["try again", "a bug"]
)
async def test_what_was_not_decided_is_not_remembered(
    ledger: Ledger, passing: Callable[[], Exception]
) -> None:
    holder = await opened(ledger)
    command = spending(holder, 7, "intent")
    error = passing()
    with pytest.raises(type(error)):
        await ledger.post(answering(command, error))

    posted = await ledger.post(command)

    assert not posted.replayed


async def test_what_moves_nothing_is_remembered_too(ledger: Ledger, database: Database) -> None:
    holder = await opened(ledger)
    command = replace(spending(holder, 7, "intent"), decide=lambda facts: Decision())

    posted = await ledger.post(command)
    again = await ledger.post(command)

    assert (posted.sequence, posted.replayed) == (None, False)
    assert (again.sequence, again.replayed) == (None, True)


async def test_an_unknown_account_is_refused_and_that_is_remembered(
    ledger: Ledger, database: Database
) -> None:
    known = await opened(ledger)
    unknown = Holder(known.kind, somebody().account_id, known.user_id)

    for _ in range(2):
        with pytest.raises(NotFound):
            await ledger.post(spending(unknown, 1, "intent"))

    with pytest.raises(IdempotencyKeyReused):
        await ledger.post(spending(unknown, 2, "intent"))
