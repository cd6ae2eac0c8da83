"""Grants and expiries that are due, booked at the next touch."""

from copy import deepcopy

import pytest

from models.rules.facts import Draw
from models.rules.hashchain import entry_hash
from models.rules.instants import DAY, month_of, start_of_month
from models.rules.kinds import AccountKind, EntryKind
from models.rules.lots import MoreLotsNeeded
from models.rules.postings import Holdings, Posting, book_due, open_wallet, with_all_lots
from models.rules.prices import GrantRule, PriceList
from tests.clocks import instant
from tests.models.rules.samples import (
    ACCOUNT,
    GRANTING_60,
    GRANTING_NOTHING,
    NEXT_GRANT,
    NOW,
    granting,
    holding,
    lot,
)

THIS_MONTH = month_of(NOW)
GRANT, EXPIRY = EntryKind.GRANT, EntryKind.EXPIRY


def booked(postings: list[Posting]) -> list[tuple[str, int, int]]:
    return [(each.entry.kind, each.entry.connects, each.entry.created_at) for each in postings]


@pytest.mark.parametrize("now", [NOW, NEXT_GRANT - 1], ids=["at once", "one microsecond before"])
def test_where_nothing_is_due_nothing_changes(now: int) -> None:
    holdings = holding(lot(1, 5))
    assert book_due(holdings, GRANTING_60, now) == (holdings, [])


@pytest.mark.parametrize("now", [NEXT_GRANT, NEXT_GRANT + 7], ids=["to the microsecond", "late"])
def test_a_grant_is_booked_at_its_own_instant(now: int) -> None:
    holdings, postings = book_due(holding(lot(1, 5)), GRANTING_60, now)
    assert booked(postings) == [(GRANT, 60, NEXT_GRANT)]
    assert (holdings.wallet.available, holdings.wallet.updated_at) == (65, NEXT_GRANT)
    assert holdings.wallet.last_grant_month == THIS_MONTH + 1
    assert [each.grant_month for each in holdings.lots] == [None, THIS_MONTH + 1]
    assert holdings.wallet.next_event_at == start_of_month(THIS_MONTH + 2)


@pytest.mark.parametrize("months", [2, 5, 11])
def test_missed_months_are_caught_up_each_once(months: int) -> None:
    now = start_of_month(THIS_MONTH + months) + DAY
    holdings, postings = book_due(holding(), GRANTING_60, now)
    due = [start_of_month(THIS_MONTH + number) for number in range(1, months + 1)]
    assert booked(postings) == [(GRANT, 60, at) for at in due]
    assert [each.entry.sequence for each in postings] == list(range(1, months + 1))
    assert holdings.wallet.available == 60 * months
    assert book_due(holdings, GRANTING_60, now) == (holdings, [])


def test_after_years_only_the_grants_of_the_last_year_are_left() -> None:
    now = start_of_month(THIS_MONTH + 60)
    holdings, postings = book_due(holding(), GRANTING_60, now)
    assert [each.entry.kind for each in postings].count(GRANT) == 60
    assert [each.entry.kind for each in postings].count(EXPIRY) == 48
    assert holdings.wallet.available == 12 * 60
    assert [each.grant_month for each in holdings.lots] == list(
        range(THIS_MONTH + 49, THIS_MONTH + 61)
    )


def test_missed_months_get_what_the_list_said_then() -> None:
    second = start_of_month(THIS_MONTH + 2)
    third = start_of_month(THIS_MONTH + 3)
    rules = (
        GrantRule("CLIENT", 60, 12, 0),
        GrantRule("CLIENT", 0, 12, second),
        GrantRule("CLIENT", 20, 1, third),
    )
    _, postings = book_due(holding(), PriceList((), rules), third)
    assert booked(postings) == [(GRANT, 60, NEXT_GRANT), (GRANT, 20, third)]
    assert postings[-1].brought is not None
    assert postings[-1].brought.expires_at == start_of_month(THIS_MONTH + 4)


@pytest.mark.parametrize(
    ("now", "lapsed"),
    [(NOW + 9, []), (NOW + 10, [(EXPIRY, -5, NOW + 10)]), (NOW + 11, [(EXPIRY, -5, NOW + 10)])],
    ids=["one microsecond before", "to the microsecond", "late"],
)
def test_a_lot_lapses_at_its_exact_microsecond(
    now: int, lapsed: list[tuple[str, int, int]]
) -> None:
    before = holding(lot(1, 5, NOW + 10), lot(2, 3))
    holdings, postings = book_due(before, GRANTING_60, now)
    assert booked(postings) == lapsed
    assert holdings.wallet.available == (3 if lapsed else 8)
    assert holdings.wallet.next_event_at == (NEXT_GRANT if lapsed else NOW + 10)


def test_what_lapses_is_what_remained_drawn_from_its_lot() -> None:
    partly_drawn = lot(1, 9, NOW + 10)._replace(remaining=5)
    _, (posting,) = book_due(holding(partly_drawn), GRANTING_60, NOW + 10)
    entry = posting.entry
    assert (entry.connects, entry.available_after) == (-5, 0)
    assert (entry.action, entry.subject_id, entry.actor_id) == (None, None, None)
    assert posting.draws == (Draw(ACCOUNT, entry.sequence, 1, 5),)
    assert posting.touched == (partly_drawn._replace(remaining=0),)
    assert entry.hash == entry_hash(entry, None, posting.draws)


def test_lots_that_lapse_together_lapse_oldest_first() -> None:
    before = holding(lot(1, 5, NOW + 10), lot(2, 3, NOW + 10))
    _, postings = book_due(before, GRANTING_60, NOW + 10)
    assert [each.draws[0].lot_sequence for each in postings] == [1, 2]


def test_what_lapses_at_the_instant_of_a_grant_lapses_first() -> None:
    before = holding(lot(1, 5, NEXT_GRANT))
    holdings, postings = book_due(before, GRANTING_60, NEXT_GRANT)
    assert booked(postings) == [(EXPIRY, -5, NEXT_GRANT), (GRANT, 60, NEXT_GRANT)]
    assert [each.entry.available_after for each in postings] == [0, 60]
    assert holdings.wallet.available == 60


@pytest.mark.parametrize(
    ("expires_at", "kinds"),
    [(NEXT_GRANT - 1, [EXPIRY, GRANT]), (NEXT_GRANT + 1, [GRANT, EXPIRY])],
    ids=["expiry before grant", "grant before expiry"],
)
def test_what_is_due_is_booked_in_order_of_time(expires_at: int, kinds: list[EntryKind]) -> None:
    _, postings = book_due(holding(lot(1, 5, expires_at)), GRANTING_60, NEXT_GRANT + 1)
    assert [each.entry.kind for each in postings] == kinds


def test_a_grant_that_lives_one_month_lapses_as_the_next_one_comes() -> None:
    third = start_of_month(THIS_MONTH + 3)
    _, postings = book_due(holding(), granting(60, lifetime_months=1), third)
    assert [each.entry.kind for each in postings] == [GRANT, EXPIRY, GRANT, EXPIRY, GRANT]
    assert [each.entry.available_after for each in postings] == [60, 0, 60, 0, 60]


@pytest.mark.parametrize("prices", [GRANTING_NOTHING, granting(0)], ids=["no rule", "rule of 0"])
def test_where_nothing_is_granted_the_months_pass_without_entries(prices: PriceList) -> None:
    now = start_of_month(THIS_MONTH + 3)
    holdings, postings = book_due(holding(lot(1, 5)), prices, now)
    assert postings == []
    assert holdings.wallet.last_grant_month == THIS_MONTH + 3
    assert holdings.wallet.next_event_at == start_of_month(THIS_MONTH + 4)
    assert (holdings.wallet.sequence, holdings.wallet.available) == (1, 5)


@pytest.mark.parametrize(("kind", "grants"), [(AccountKind.AGENCY, 1), (AccountKind.CLIENT, 0)])
def test_a_grant_is_for_the_kinds_that_the_list_names(kind: AccountKind, grants: int) -> None:
    prices = PriceList((), (GrantRule("AGENCY", 60, 12, 0),))
    _, postings = book_due(holding(kind=kind), prices, NEXT_GRANT)
    assert len(postings) == grants


def test_a_rule_that_comes_later_grants_no_earlier_month() -> None:
    since = start_of_month(THIS_MONTH + 2)
    prices = PriceList((), (GrantRule("CLIENT", 60, 12, since),))
    opened, _ = open_wallet(ACCOUNT, AccountKind.CLIENT, prices, NOW)
    _, postings = book_due(opened, prices, since + DAY)
    assert booked(postings) == [(GRANT, 60, since)]


def test_a_lot_of_29_february_lapses_on_28_february() -> None:
    opened, _ = open_wallet(
        ACCOUNT, AccountKind.CLIENT, GRANTING_60, instant("2028-02-29T12:00:00Z")
    )
    lapse = instant("2029-02-28T12:00:00Z")
    _, before = book_due(opened, GRANTING_60, lapse - 1)
    _, after = book_due(opened, GRANTING_60, lapse)
    assert booked(after) == [*booked(before), (EXPIRY, -60, lapse)]


def partly(*at_hand: int) -> Holdings:
    """Three lots that lapse at NOW + 10, 20 and 30; the frontier stands at the second."""
    lots = [lot(number, 5, NOW + 10 * number) for number in (1, 2, 3)]
    loaded = tuple(each for each in lots if each.sequence in at_hand)
    return holding(*lots)._replace(lots=loaded, frontier=(NOW + 20, 2))


@pytest.mark.parametrize("now", [NOW + 10, NOW + 19])
def test_within_the_frontier_the_lots_at_hand_are_enough(now: int) -> None:
    holdings, postings = book_due(partly(1, 2), GRANTING_60, now)
    assert booked(postings) == [(EXPIRY, -5, NOW + 10)]
    assert holdings.wallet.next_event_at == NOW + 20


@pytest.mark.parametrize("now", [NOW + 20, NOW + 29, NOW + 30, NEXT_GRANT])
def test_beyond_the_frontier_nothing_is_guessed(now: int) -> None:
    before = partly(1, 2)
    given = deepcopy(before)
    with pytest.raises(MoreLotsNeeded):
        book_due(before, GRANTING_60, now)
    assert before == given


@pytest.mark.parametrize("now", [NOW + 20, NOW + 29, NOW + 30, NEXT_GRANT])
def test_with_all_lots_at_hand_it_goes_on(now: int) -> None:
    complete = with_all_lots(partly(1, 2), [lot(3, 5, NOW + 30)])
    all_at_once = partly(1, 2, 3)._replace(frontier=None)
    assert book_due(complete, GRANTING_60, now) == book_due(all_at_once, GRANTING_60, now)


def test_not_even_a_grant_is_booked_while_no_lot_is_at_hand() -> None:
    before = holding(lot(1, 5))._replace(lots=(), frontier=(NEXT_GRANT + 10, 1))
    with pytest.raises(MoreLotsNeeded):
        book_due(before, GRANTING_60, NEXT_GRANT)


def test_booking_leaves_what_it_was_given_as_it_was() -> None:
    before = holding(lot(1, 5, NOW + 10), lot(2, 3))
    given = deepcopy(before)
    book_due(before, GRANTING_60, start_of_month(THIS_MONTH + 14))
    assert before == given
