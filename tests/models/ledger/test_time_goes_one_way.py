"""Sequence order is time order, also where a server's clock is set back."""

from models.ledger.ledger import Ledger
from models.rules.instants import DAY, SECOND
from models.store.database import Database
from tests.books import book_of
from tests.clocks import ManualClock, instant
from tests.models.builders import buying, opened, post_together, spending, touching


async def test_a_clock_that_is_set_back_does_not_reorder_entries(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    before = clock.now

    clock.advance(-3600 * SECOND)
    posted = await ledger.post(spending(holder, 1))
    clock.advance(+1800 * SECOND)
    await ledger.post(buying(holder, 1))
    clock.now = before + 1
    await ledger.post(spending(holder, 1))

    times = [entry.created_at for entry in (await book_of(database, holder.account_id)).entries]
    assert times == [before, before, before, before + 1]
    assert posted.entry is not None and posted.entry.created_at == before


async def test_a_clock_that_is_set_back_over_the_first_grants_nothing_twice(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    clock.move_to("2026-12-01T00:00:00+00:00")
    await ledger.post(touching(holder))

    clock.advance(-DAY)
    await ledger.post(touching(holder))
    clock.advance(+DAY)
    await ledger.post(touching(holder))

    assert (await book_of(database, holder.account_id)).kinds == ["GRANT", "GRANT"]


async def test_a_lapsed_lot_does_not_come_back_with_the_clock(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    await ledger.post(buying(holder, 10, lifetime_months=1))
    clock.move_to("2026-12-22T09:30:00+00:00")
    await ledger.post(touching(holder))

    clock.advance(-1)
    posted = await ledger.post(spending(holder, 1))

    assert posted.wallet is not None and posted.wallet.available == 119
    assert posted.entry is not None and posted.entry.created_at == clock.now + 1


async def test_wallets_that_are_ahead_of_the_clock_hold_back_no_other(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    ahead = await opened(ledger)
    clock.advance(-DAY)
    behind = await opened(ledger)

    await post_together(ledger, [spending(ahead, 1), spending(behind, 1)])

    times = {
        holder: (await book_of(database, holder.account_id)).entries[-1].created_at
        for holder in (ahead, behind)
    }
    assert times == {ahead: clock.now + DAY, behind: clock.now}


async def test_a_new_price_takes_over_at_its_instant(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    change = instant("2026-11-23T00:00:00+00:00")
    await database.writer.execute_script(
        "INSERT INTO cost_rule"
        " (action, account_kind, connects, chosen_by_payer, maximum, effective_from)"
        f" VALUES ('POST_JOB', 'CLIENT', 7, FALSE, NULL, {change})"
    )

    for clock.now in (change - 1, change):
        await ledger.post(spending(holder))

    entries = (await book_of(database, holder.account_id)).entries
    assert [entry.connects for entry in entries] == [60, -1, -7]
