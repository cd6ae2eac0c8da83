"""What holds for every history of a wallet."""

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.facts import GENESIS, Lot
from models.rules.hashchain import entry_hash
from models.rules.instants import add_months, month_of, start_of_month
from models.rules.kinds import EntryKind, LotSource
from models.rules.postings import book_due
from models.rules.prices import PriceList
from tests.models.rules.histories import PRICES, STEPS, History, Step, halves, history
from tests.models.rules.samples import NOW

seeded = settings(derandomize=True, deadline=None, max_examples=150)


@seeded
@given(PRICES, STEPS)
def test_the_lots_hold_what_the_wallet_says(prices: PriceList, steps: list[Step]) -> None:
    made = history(prices, steps)
    wallet = made.holdings.wallet
    assert made.holdings.lots == made.live_lots
    assert sum(lot.remaining for lot in made.live_lots) == wallet.available
    assert sum(entry.connects for entry in made.entries) == wallet.available
    assert wallet.available >= 0
    assert wallet.held == 0


@seeded
@given(PRICES, STEPS)
def test_what_was_granted_was_drawn_or_remains(prices: PriceList, steps: list[Step]) -> None:
    made = history(prices, steps)
    drawn: Counter[int] = Counter()
    for draw in made.draws:
        drawn[draw.lot_sequence] += draw.connects
    for lot in made.lots.values():
        assert lot.granted == drawn[lot.sequence] + lot.remaining
        assert lot.remaining >= 0
    for posting in made.postings:
        moved = -sum(draw.connects for draw in posting.draws)
        moved += posting.brought.granted if posting.brought else 0
        assert posting.entry.connects == moved
        assert all(draw.connects > 0 for draw in posting.draws)


@seeded
@given(PRICES, STEPS)
def test_each_entry_follows_from_the_one_before(prices: PriceList, steps: list[Step]) -> None:
    made = history(prices, steps)
    entries = made.entries
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    for before, entry in pairwise(entries):
        assert entry.available_after == before.available_after + entry.connects
        assert entry.created_at >= before.created_at
        assert entry.prev_hash == before.hash
    assert [entry.prev_hash for entry in entries[:1]] in ([], [GENESIS])
    assert made.holdings.wallet.head_hash == (entries[-1].hash if entries else GENESIS)
    assert made.holdings.wallet.sequence == len(entries)


@seeded
@given(PRICES, STEPS)
def test_hashes_follow_from_the_facts_in_table_order(prices: PriceList, steps: list[Step]) -> None:
    for posting in history(prices, steps).postings:
        as_stored = sorted(posting.draws, key=lambda draw: draw.lot_sequence)
        assert posting.entry.hash == entry_hash(posting.entry, posting.brought, as_stored)


@seeded
@given(PRICES, STEPS)
def test_no_event_is_left_due(prices: PriceList, steps: list[Step]) -> None:
    made = history(prices, steps)
    wallet = made.holdings.wallet
    assert made.now < wallet.next_event_at == made.next_event_at
    assert wallet.last_grant_month == month_of(made.now)
    assert book_due(made.holdings, prices, made.now) == (made.holdings, [])


@seeded
@given(PRICES, STEPS)
def test_each_month_is_granted_once(prices: PriceList, steps: list[Step]) -> None:
    made = history(prices, steps)
    granted = {
        lot.grant_month: lot.created_at
        for lot in made.lots.values()
        if lot.source == LotSource.MONTHLY_GRANT
    }
    later_months = range(month_of(NOW) + 1, month_of(made.now) + 1)
    due = {month_of(NOW): NOW, **{month: start_of_month(month) for month in later_months}}
    assert granted == (due if prices.grant_rules[0].connects else {})
    assert len(granted) == [entry.kind for entry in made.entries].count(EntryKind.GRANT)


@seeded
@given(PRICES, STEPS)
def test_connects_lapse_when_their_lot_does_and_never_are_drawn_later(
    prices: PriceList, steps: list[Step]
) -> None:
    made = history(prices, steps)
    for posting in made.postings:
        for draw in posting.draws:
            lot = made.lots[draw.lot_sequence]
            if posting.entry.kind == EntryKind.EXPIRY:
                assert posting.entry.created_at == lot.expires_at
                assert lot.remaining == 0
            else:
                assert lot.created_at <= posting.entry.created_at < lot.expires_at


@seeded
@given(PRICES, STEPS)
def test_a_spend_draws_only_from_the_first_lots(prices: PriceList, steps: list[Step]) -> None:
    lots: dict[int, Lot] = {}
    for posting in history(prices, steps).postings:
        if posting.draws:
            left = {lot.sequence for lot in posting.touched if lot.remaining}
            order = [lot.sequence for lot in sorted(lots.values(), key=lambda x: x.drawing_order)]
            assert {draw.lot_sequence for draw in posting.draws} == set(order[: len(posting.draws)])
            assert left <= {order[len(posting.draws) - 1]}
        for lot in (*([posting.brought] if posting.brought else []), *posting.touched):
            lots[lot.sequence] = lot
        lots = {sequence: lot for sequence, lot in lots.items() if lot.remaining}


@seeded
@given(PRICES, STEPS)
def test_booking_in_two_steps_equals_booking_in_one(prices: PriceList, steps: list[Step]) -> None:
    in_one = history(prices, steps)
    in_two = history(prices, [half for step in steps for half in halves(step)])
    assert in_two.postings == in_one.postings
    assert in_two.holdings == in_one.holdings


@seeded
@given(PRICES, STEPS, st.integers(min_value=1, max_value=4))
def test_with_few_lots_at_hand_the_same_is_posted(
    prices: PriceList, steps: list[Step], at_hand: int
) -> None:
    with_all = history(prices, steps)
    with_few = History(prices)
    for number, step in enumerate(steps):
        if number % 2 == 0:
            with_few.keep_at_hand(at_hand)
        with_few.take(step)
        assert with_few.holdings.wallet.next_event_at <= with_few.next_event_at
    assert with_few.entries == with_all.entries
    assert with_few.draws == with_all.draws
    assert with_few.lots == with_all.lots


@seeded
@given(
    st.integers(min_value=NOW, max_value=NOW * 2),
    st.integers(min_value=0, max_value=600),
)
def test_months_later_is_in_that_month_and_keeps_the_order(at: int, months: int) -> None:
    later = add_months(at, months)
    assert month_of(later) == month_of(at) + months
    assert add_months(at + 1, months) >= later
