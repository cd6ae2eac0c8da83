"""Which lots a spend takes from, however many there are and whenever they came in."""

import pytest

from models.ledger.ledger import Ledger
from models.rules.refusals import InsufficientConnects
from models.store.database import Database
from models.store.ledger_tables import LOTS_AT_HAND
from tests.books import book_of
from tests.clocks import ManualClock
from tests.faulty import FaultyDatabase
from tests.models.builders import Holder, buying, opened, post_together, spending

MANY = 2 * LOTS_AT_HAND + 8


async def holder_of_many_lots(ledger: Ledger) -> Holder:
    """The first grant of 60, and MANY lots of 1 bought after it that expire when it does."""
    holder = await opened(ledger)
    await post_together(ledger, [buying(holder, 1) for _ in range(MANY)])
    return holder


async def test_the_earliest_expiring_lot_is_drawn_first(ledger: Ledger, database: Database) -> None:
    holder = await opened(ledger)
    late = await ledger.post(buying(holder, 10, lifetime_months=24))
    soon = await ledger.post(buying(holder, 10, lifetime_months=1))

    posted = await ledger.post(spending(holder, 75))

    book = await book_of(database, holder.account_id)
    assert soon.sequence and late.sequence
    assert book.draws_of(posted.sequence) == [(1, 60), (late.sequence, 5), (soon.sequence, 10)]


async def test_of_lots_that_expire_together_the_oldest_is_drawn_first(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    first = await ledger.post(buying(holder, 10, lifetime_months=6))
    second = await ledger.post(buying(holder, 10, lifetime_months=6))

    posted = await ledger.post(spending(holder, 15))

    draws = (await book_of(database, holder.account_id)).draws_of(posted.sequence)
    assert draws == [(first.sequence, 10), (second.sequence, 5)]


async def test_a_lot_is_used_up_before_the_next_is_begun(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    bought = await ledger.post(buying(holder, 3, lifetime_months=1))

    posted = [await ledger.post(spending(holder, 2)) for _ in range(3)]

    book = await book_of(database, holder.account_id)
    assert [book.draws_of(answer.sequence) for answer in posted] == [
        [(bought.sequence, 2)],
        [(1, 1), (bought.sequence, 1)],
        [(1, 2)],
    ]


async def test_one_spend_can_empty_more_lots_than_are_read_at_first(
    ledger: Ledger, database: Database
) -> None:
    holder = await holder_of_many_lots(ledger)

    posted = await ledger.post(spending(holder, 60 + MANY))

    book = await book_of(database, holder.account_id)
    assert len(book.draws_of(posted.sequence)) == 1 + MANY
    assert (book.wallet.available, book.live_lots) == (0, [])


async def test_a_spend_can_end_in_the_middle_of_the_lots_that_are_read_later(
    ledger: Ledger, database: Database
) -> None:
    holder = await holder_of_many_lots(ledger)

    await ledger.post(spending(holder, 60 + LOTS_AT_HAND + 3))

    live = [lot.sequence for lot in (await book_of(database, holder.account_id)).live_lots]
    assert live == list(range(LOTS_AT_HAND + 5, MANY + 2))


async def test_many_small_spends_of_one_batch_walk_through_all_lots(
    ledger: Ledger, database: Database
) -> None:
    holder = await holder_of_many_lots(ledger)
    await ledger.post(spending(holder, 60))

    answers = await post_together(ledger, [spending(holder, 1) for _ in range(MANY + 5)])

    refused = [isinstance(answer, InsufficientConnects) for answer in answers]
    assert refused == [False] * MANY + [True] * 5
    book = await book_of(database, holder.account_id)
    drawn = [draw.lot_sequence for draw in book.draws if draw.lot_sequence > 1]
    assert drawn == list(range(2, MANY + 2))


@pytest.mark.parametrize("lots", range(LOTS_AT_HAND - 1, LOTS_AT_HAND + 2))
async def test_all_is_found_around_the_number_of_lots_that_are_read_at_first(
    ledger: Ledger, database: Database, lots: int
) -> None:
    holder = await opened(ledger)
    await post_together(ledger, [buying(holder, 1) for _ in range(lots - 1)])

    await ledger.post(spending(holder, 59 + lots))

    assert (await book_of(database, holder.account_id)).wallet.available == 0


async def test_more_than_all_lots_hold_is_refused(ledger: Ledger) -> None:
    holder = await holder_of_many_lots(ledger)

    with pytest.raises(InsufficientConnects) as refused:
        await ledger.post(spending(holder, 60 + MANY + 1))

    assert refused.value.available == 60 + MANY


async def test_what_comes_in_behind_the_lots_at_hand_can_be_spent_in_the_same_batch(
    ledger: Ledger, faulty: FaultyDatabase
) -> None:
    holder = await holder_of_many_lots(ledger)
    lasting = buying(holder, 100, lifetime_months=24)
    faulty.transactions.clear()

    _, all_but_ten, ten, nothing_left = await post_together(
        ledger,
        [lasting, spending(holder, 150 + MANY), spending(holder, 10), spending(holder, 1)],
    )

    assert len(faulty.transactions) == 1
    book = await book_of(faulty, holder.account_id)
    assert not isinstance(all_but_ten, BaseException) and not isinstance(ten, BaseException)
    assert isinstance(nothing_left, InsufficientConnects)
    assert book.draws_of(ten.sequence) == [(MANY + 2, 10)]
    assert book.wallet.available == 0


async def test_what_comes_in_before_the_lots_at_hand_is_drawn_first_in_the_same_batch(
    ledger: Ledger, database: Database
) -> None:
    holder = await holder_of_many_lots(ledger)

    bought, spent = await post_together(
        ledger, [buying(holder, 5, lifetime_months=1), spending(holder, 6)]
    )

    assert not isinstance(bought, BaseException) and not isinstance(spent, BaseException)
    draws = (await book_of(database, holder.account_id)).draws_of(spent.sequence)
    assert draws == [(1, 1), (bought.sequence, 5)]


async def test_lots_beyond_those_read_at_first_lapse_too(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await holder_of_many_lots(ledger)
    clock.move_to("2027-11-22T09:30:00+00:00")

    posted = await ledger.post(spending(holder, 1))

    book = await book_of(database, holder.account_id)
    assert book.kinds.count("EXPIRY") == 1 + MANY
    assert posted.wallet is not None
    assert posted.wallet.available == 12 * 60 - 1


async def test_while_lots_lapse_spends_of_one_batch_go_on(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await holder_of_many_lots(ledger)
    clock.move_to("2027-11-22T09:30:00+00:00")

    answers = await post_together(
        ledger,
        [spending(holder, 360), buying(holder, 3, lifetime_months=48), spending(holder, 363)],
    )

    assert not any(isinstance(answer, BaseException) for answer in answers)
    assert (await book_of(database, holder.account_id)).wallet.available == 0
