"""A refusal leaves the database as it was, but for the remembered answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn
from uuid import uuid4

import pytest

from models.ledger.commands import Command, Facts
from models.ledger.ledger import Ledger
from models.rules.kinds import AccountKind
from models.rules.refusals import Conflict, InsufficientConnects, Refusal
from models.store.database import Database
from models.store.ledger_tables import IDEMPOTENCY
from tests.books import book_of, dump
from tests.clocks import ManualClock, instant
from tests.models.builders import Holder, buying, opened, post_together, spending


def deciding_against(holder: Holder) -> Command:
    def decide(facts: Facts) -> NoReturn:
        raise Conflict("The job is closed.")

    return replace(spending(holder, 1), decide=decide)


REFUSED: dict[str, Callable[[Holder], Command]] = {
    "more than there is": lambda holder: spending(holder, 61),
    "a decision against it": deciding_against,
    "what its kind cannot do": lambda h: spending(replace(h, kind=AccountKind.FREELANCER)),
    "an account that is not there": lambda holder: spending(replace(holder, account_id=uuid4())),
}


@pytest.mark.parametrize("refused", REFUSED)
async def test_a_refused_command_changes_nothing(
    ledger: Ledger, database: Database, refused: str
) -> None:
    holder = await opened(ledger)
    await ledger.post(spending(holder, 5))
    await ledger.post(buying(holder, 5))
    before = await dump(database, without=[IDEMPOTENCY])

    with pytest.raises(Refusal):
        await ledger.post(REFUSED[refused](holder))

    assert await dump(database, without=[IDEMPOTENCY]) == before


async def test_without_an_intent_a_refusal_leaves_no_trace_at_all(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    before = await dump(database)

    with pytest.raises(InsufficientConnects):
        await ledger.post(replace(spending(holder, 61), intent=None))

    assert await dump(database) == before


async def test_the_refusal_says_what_is_missing_and_when_more_comes(ledger: Ledger) -> None:
    holder = await opened(ledger)

    with pytest.raises(InsufficientConnects) as refused:
        await ledger.post(spending(holder, 75))

    refusal = refused.value
    assert (refusal.required, refusal.available, refusal.shortfall) == (75, 60, 15)
    assert refusal.next_grant_connects == 60
    assert refusal.next_grant_at == instant("2026-12-01T00:00:00+00:00")


async def test_what_was_due_is_booked_though_the_command_is_refused(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    clock.move_to("2026-12-01T00:00:00+00:00")

    with pytest.raises(InsufficientConnects) as refused:
        await ledger.post(spending(holder, 121))

    assert refused.value.available == 120
    assert (await book_of(database, holder.account_id)).kinds == ["GRANT", "GRANT"]


async def test_a_refusal_does_not_disturb_the_commands_around_it(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)

    answers = await post_together(ledger, [spending(holder, c) for c in (40, 30, 15, 6, 5)])

    refused = [isinstance(answer, InsufficientConnects) for answer in answers]
    assert refused == [False, True, False, True, False]
    assert (await book_of(database, holder.account_id)).wallet.available == 0
