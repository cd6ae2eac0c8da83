"""Sixty Connects on the first of each month, once, whoever looks and whenever."""

import asyncio

import pytest

from models.ledger.ledger import Ledger
from models.rules.instants import start_of_month
from models.rules.kinds import AccountKind
from models.store.database import Database
from tests.books import book_of
from tests.clocks import ManualClock, instant
from tests.models.builders import opened, post_together, spending, touching

DECEMBER = "2026-12-01T00:00:00+00:00"


@pytest.mark.parametrize("kind", AccountKind)
async def test_a_new_account_gets_its_first_grant_at_once(
    ledger: Ledger, database: Database, clock: ManualClock, kind: AccountKind
) -> None:
    holder = await opened(ledger, kind)

    (lot,) = (await book_of(database, holder.account_id)).lots
    assert (lot.source, lot.granted, lot.created_at) == ("MONTHLY_GRANT", 60, clock.now)
    assert lot.expires_at == instant("2027-11-22T09:30:00+00:00")


async def test_the_next_grant_comes_with_the_first_microsecond_of_the_month(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)

    clock.now = instant(DECEMBER) - 1
    await ledger.post(touching(holder))
    before = await book_of(database, holder.account_id)
    clock.now = instant(DECEMBER)
    await ledger.post(touching(holder))
    after = await book_of(database, holder.account_id)

    assert (before.wallet.available, after.wallet.available) == (60, 120)
    assert after.entries[-1].created_at == after.lots[-1].created_at == clock.now


async def test_an_account_opened_as_the_month_begins_is_granted_once(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    clock.move_to(DECEMBER)
    holder = await opened(ledger)
    await ledger.post(touching(holder))

    assert (await book_of(database, holder.account_id)).wallet.available == 60


async def test_an_account_opened_as_the_month_ends_is_granted_again_at_once(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    clock.now = instant(DECEMBER) - 1
    holder = await opened(ledger)
    clock.advance(1)
    await ledger.post(touching(holder))

    assert (await book_of(database, holder.account_id)).wallet.available == 120


async def test_a_month_is_granted_once_however_many_look(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    clock.move_to(DECEMBER)

    await post_together(ledger, [touching(holder) for _ in range(30)])
    await asyncio.gather(*(ledger.post(spending(holder, 1)) for _ in range(30)))

    book = await book_of(database, holder.account_id)
    assert book.kinds == ["GRANT", "GRANT"] + ["SPEND"] * 30


async def test_missed_months_are_caught_up_each_at_its_own_instant(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    clock.move_to("2027-03-15T12:00:00+00:00")

    await ledger.post(spending(holder, 300))

    book = await book_of(database, holder.account_id)
    months = [
        f"{month}-01T00:00:00+00:00" for month in ("2026-12", "2027-01", "2027-02", "2027-03")
    ]
    assert [lot.created_at for lot in book.lots[1:]] == [instant(month) for month in months]
    assert book.kinds == ["GRANT"] * 5 + ["SPEND"]


async def test_after_years_away_a_wallet_holds_the_grants_of_the_last_twelve_months(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    clock.move_to("2046-06-15T00:00:00+00:00")

    await ledger.post(touching(holder))

    book = await book_of(database, holder.account_id)
    assert book.wallet.available == 12 * 60
    assert book.kinds.count("GRANT") == 1 + 19 * 12 + 7
    assert book.wallet.next_event_at == start_of_month(2046 * 12 + 6)


async def test_a_new_grant_rule_takes_over_with_the_month_it_names(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    await database.writer.execute_script(
        "INSERT INTO grant_rule (account_kind, connects, lifetime_months, effective_from)"
        f" VALUES ('CLIENT', 80, 1, {instant('2027-01-01T00:00:00+00:00')})"
    )
    clock.move_to("2027-01-31T23:59:59+00:00")

    await ledger.post(touching(holder))

    book = await book_of(database, holder.account_id)
    assert [lot.granted for lot in book.lots] == [60, 60, 80]
    assert book.lots[-1].expires_at == instant("2027-02-01T00:00:00+00:00")


async def test_where_the_rule_gives_nothing_months_pass_without_an_entry(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    await database.writer.execute_script("UPDATE grant_rule SET connects = 0")
    holder = await opened(ledger)
    clock.move_to("2027-02-02T00:00:00+00:00")

    posted = await ledger.post(touching(holder))

    book = await book_of(database, holder.account_id)
    assert (book.wallet.available, book.entries, posted.sequence) == (0, [], None)
    assert book.wallet.next_event_at == instant("2027-03-01T00:00:00+00:00")


async def test_where_there_is_no_rule_an_account_can_still_be_opened(
    ledger: Ledger, database: Database
) -> None:
    await database.writer.execute_script("DELETE FROM grant_rule")

    holder = await opened(ledger)

    assert (await book_of(database, holder.account_id)).entries == []
