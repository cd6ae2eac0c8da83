"""Connects lapse at the instant their lot expires: not a microsecond before, none later."""

import pytest

from models.ledger.ledger import Ledger
from models.rules.refusals import InsufficientConnects
from models.store.database import Database
from tests.books import book_of
from tests.clocks import ManualClock, instant
from tests.models.builders import buying, opened, spending, touching


async def test_until_its_last_microsecond_a_lot_can_be_spent(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    bought = await ledger.post(buying(holder, 10, lifetime_months=1))
    clock.now = instant("2026-12-22T09:30:00+00:00") - 1

    posted = await ledger.post(spending(holder, 10))

    book = await book_of(database, holder.account_id)
    assert book.draws_of(posted.sequence) == [(bought.sequence, 10)]
    assert "EXPIRY" not in book.kinds


async def test_with_the_instant_of_its_expiry_a_lot_is_gone(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    bought = await ledger.post(buying(holder, 10, lifetime_months=1))
    await ledger.post(spending(holder, 4))
    clock.move_to("2026-12-22T09:30:00+00:00")

    with pytest.raises(InsufficientConnects) as refused:
        await ledger.post(spending(holder, 121))

    book = await book_of(database, holder.account_id)
    assert refused.value.available == 120
    assert (book.entries[-1].kind, book.entries[-1].connects) == ("EXPIRY", -6)
    assert book.entries[-1].created_at == clock.now
    assert book.draws_of(book.wallet.sequence) == [(bought.sequence, 6)]


async def test_an_expiry_is_booked_at_its_own_instant_however_late_it_is_seen(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    await ledger.post(buying(holder, 10, lifetime_months=1))
    clock.move_to("2027-05-05T05:05:05+00:00")

    await ledger.post(touching(holder))

    book = await book_of(database, holder.account_id)
    (expiry,) = [entry for entry in book.entries if entry.kind == "EXPIRY"]
    assert expiry.created_at == instant("2026-12-22T09:30:00+00:00")
    assert book.kinds == ["GRANT", "PURCHASE", "GRANT", "EXPIRY"] + ["GRANT"] * 5


async def test_a_lot_of_the_leap_day_lapses_on_the_twenty_eighth(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    clock.move_to("2028-02-29T12:00:00+00:00")
    holder = await opened(ledger)
    lapse = instant("2029-02-28T12:00:00+00:00")

    clock.now = lapse - 1
    await ledger.post(touching(holder))
    before = await book_of(database, holder.account_id)
    clock.now = lapse
    await ledger.post(touching(holder))
    after = await book_of(database, holder.account_id)

    assert before.lots[0].expires_at == lapse
    assert before.wallet.available - after.wallet.available == 60


async def test_what_lapses_as_a_grant_comes_lapses_first(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    clock.move_to("2026-12-01T00:00:00+00:00")
    holder = await opened(ledger)
    clock.move_to("2027-12-01T00:00:00+00:00")

    await ledger.post(touching(holder))

    *_, expiry, grant = (await book_of(database, holder.account_id)).entries
    assert (expiry.kind, grant.kind) == ("EXPIRY", "GRANT")
    assert expiry.created_at == grant.created_at == clock.now
    assert (expiry.available_after, grant.available_after) == (11 * 60, 12 * 60)


async def test_lots_that_lapse_together_get_an_entry_each(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    await ledger.post(buying(holder, 10, lifetime_months=2))
    await ledger.post(buying(holder, 20, lifetime_months=2))
    clock.move_to("2027-01-22T09:30:00+00:00")

    await ledger.post(touching(holder))

    expiries = [e for e in (await book_of(database, holder.account_id)).entries if e.connects < 0]
    assert [expiry.connects for expiry in expiries] == [-10, -20]


async def test_an_empty_lot_does_not_lapse(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    await ledger.post(spending(holder, 60))
    clock.move_to("2027-11-22T09:30:00+00:00")

    await ledger.post(touching(holder))

    assert "EXPIRY" not in (await book_of(database, holder.account_id)).kinds
