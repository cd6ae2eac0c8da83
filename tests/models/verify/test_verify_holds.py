"""Verify and held Connects: each hold ends once, as a whole."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from models.ledger.commands import Command, Decision, Facts, Lookup
from models.ledger.holds import boost_change
from models.ledger.ledger import Ledger
from models.rules.instants import DAY
from models.rules.kinds import AccountKind, BoostStatus
from models.rules.postings import Release
from models.store.database import Database
from models.tables import Boost
from models.verify import verify
from tests.books import book_of
from tests.clocks import ManualClock
from tests.models.boosting import boosted, ended
from tests.models.builders import opened, spending, touching
from tests.models.verify.tampering import tamper


@pytest.fixture
async def alone(database: Database, clock: ManualClock) -> AsyncIterator[Ledger]:
    """A ledger whose books may be tampered with."""
    ledger = Ledger(database, clock)
    ledger.start()
    yield ledger
    await ledger.close()


async def test_holds_are_no_violation_whether_they_are_open_ended_or_due(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    holder = await opened(ledger, AccountKind.FREELANCER)
    boosts = [await boosted(ledger, holder, connects) for connects in (3, 4, 5, 6)]
    assert await verify(database, limit=100) == []

    await ended(ledger, boosts[0], BoostStatus.OUTBID, now=clock.now)
    await ended(ledger, boosts[1], BoostStatus.CHARGED, now=clock.now)
    assert (await book_of(database, holder.account_id)).wallet.held == 18
    assert await verify(database, limit=100) == []

    await ledger.post(touching(holder))
    book = await book_of(database, holder.account_id)
    assert (book.wallet.available, book.wallet.held) == (45, 11)
    assert book.kinds[-2:] == ["RELEASE", "CAPTURE"]
    assert await verify(database, limit=100) == []

    clock.advance(7 * DAY)
    await ledger.post(spending(holder, 45))
    book = await book_of(database, holder.account_id)
    assert (book.wallet.available, book.wallet.held) == (0, 0)
    assert book.kinds[-3:] == ["CAPTURE", "CAPTURE", "SPEND"]
    assert await verify(database, limit=100) == []


async def test_what_is_due_in_one_batch_is_booked_in_it(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    holder = await opened(ledger, AccountKind.FREELANCER)
    boost = await boosted(ledger, holder, 60)

    await asyncio.gather(
        ended(ledger, boost, BoostStatus.OUTBID, now=clock.now),
        ledger.post(spending(holder, 60)),
    )

    book = await book_of(database, holder.account_id)
    assert book.kinds == ["GRANT", "HOLD", "RELEASE", "SPEND"]
    assert await verify(database, limit=100) == []


IN_WALLET = "WHERE account_id = '{account}'"
TAMPERINGS = {
    "a lot holds more": (
        f"UPDATE lot SET held = held + 1 {IN_WALLET}",
        "has 6 held, but its open holds come to 5",
    ),
    "a boost says that nothing is held": (
        "UPDATE boost SET held = 0",
        "is LEADING, of 5 Connects with 0 held, but its entries hold 5",
    ),
    "a boost is gone": (
        "DELETE FROM boost",
        "is a HOLD for BOOST_PROPOSAL, but its account has no such row",
    ),
    "a hold is a spend": (
        f"UPDATE entry SET kind = 'SPEND' {IN_WALLET} AND kind = 'HOLD'",
        "which does not follow from",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_a_hold_that_was_tampered_with_is_a_violation(
    database: Database, database_url: str, alone: Ledger, name: str
) -> None:
    holder = await opened(alone, AccountKind.FREELANCER)
    await boosted(alone, holder, 5)
    sql, message = TAMPERINGS[name]

    await tamper(database_url, sql.format(account=holder.account_id))

    messages = [violation.message for violation in await verify(database, limit=100)]
    assert any(message in each for each in messages), messages


async def test_a_hold_that_ended_twice_is_a_violation(
    database: Database, database_url: str, alone: Ledger, clock: ManualClock
) -> None:
    holder = await opened(alone, AccountKind.FREELANCER)
    boosts = [await boosted(alone, holder, 5) for _ in range(2)]
    for boost in boosts:
        await ended(alone, boost, BoostStatus.OUTBID, now=clock.now)
    await alone.post(touching(holder))
    one, other = (boost.proposal_id for boost in boosts)

    await tamper(
        database_url,
        f"UPDATE entry SET subject_id = '{one}' WHERE kind = 'RELEASE' AND subject_id = '{other}'",
    )

    messages = [violation.message for violation in await verify(database, limit=100)]
    assert "is a RELEASE, but nothing was held for its subject" in messages


async def test_freeing_by_the_command_itself_is_no_violation(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    holder = await opened(ledger, AccountKind.FREELANCER)
    boost = await boosted(ledger, holder, 5)
    same = Lookup(Boost, ("proposal_id",), (boost.proposal_id,), exclusive=True)

    def decide(facts: Facts) -> Decision:
        (row,) = facts.rows(same)
        freed = boost_change(row, status=BoostStatus.RELEASED, held=0, ended_at=clock.now)
        return Decision(boost.proposal_id, Release(boost.proposal_id), changes=(freed,))

    posted = await ledger.post(
        Command(
            decide=decide, account_id=holder.account_id, actor_id=holder.user_id, lookups=(same,)
        )
    )

    assert posted.wallet is not None
    assert posted.entry is not None
    assert (posted.wallet.available, posted.wallet.held) == (60, 0)
    assert posted.entry.actor_id == holder.user_id
    assert await verify(database, limit=100) == []
