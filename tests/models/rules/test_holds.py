"""Held Connects: drawn from the lots as a spend is, and released to the same lots."""

import pytest

from models.rules.actions import ConnectsAction
from models.rules.facts import Draw, Lot
from models.rules.hashchain import entry_hash
from models.rules.kinds import EntryKind
from models.rules.lots import MoreLotsNeeded
from models.rules.postings import (
    HeldConnects,
    Hold,
    Holdings,
    Posting,
    book_due,
    capture,
    hold,
    release,
)
from models.rules.refusals import InsufficientConnects
from tests.models.rules.samples import ACCOUNT, ACTOR, GRANTING_60, JOB, NOW, holding, lot

ACTION = ConnectsAction.SUBMIT_PROPOSAL
EARLY, MIDDLE, LATE = lot(1, 5, NOW + 10), lot(2, 5, NOW + 20), lot(3, 5, NOW + 30)


def held(holdings: Holdings, connects: int) -> tuple[Posting, HeldConnects]:
    posting = hold(holdings, Hold(connects, ACTION, JOB), ACTOR, NOW, GRANTING_60)
    taken = {draw.lot_sequence: draw.connects for draw in posting.draws}
    parts = tuple((each, taken[each.sequence]) for each in posting.touched)
    return posting, HeldConnects(ACTION, JOB, parts)


def sums(holdings: Holdings) -> tuple[int, int]:
    return (holdings.wallet.available, holdings.wallet.held)


def test_a_hold_takes_from_the_lots_that_would_pay() -> None:
    posting, what = held(holding(EARLY, MIDDLE, LATE), 7)

    entry = posting.entry
    assert (entry.kind, entry.connects, entry.action) == (EntryKind.HOLD, -7, ACTION)
    assert (entry.available_after, entry.held_after) == sums(posting.holdings) == (8, 7)
    assert (entry.subject_id, entry.actor_id, entry.created_at) == (JOB, ACTOR, NOW)
    assert posting.draws == (Draw(ACCOUNT, 4, 1, 5), Draw(ACCOUNT, 4, 2, 2))
    assert [(each.remaining, each.held) for each in posting.touched] == [(0, 5), (3, 2)]
    assert [each.sequence for each in posting.holdings.lots] == [2, 3]
    assert what.connects == 7
    assert entry.hash == entry_hash(entry, None, posting.draws)


def test_more_than_is_available_is_not_held() -> None:
    posting, _ = held(holding(EARLY, MIDDLE), 7)

    with pytest.raises(InsufficientConnects) as caught:
        held(posting.holdings, 4)

    assert (caught.value.required, caught.value.available) == (4, 3)


def test_a_hold_past_the_lots_at_hand_asks_for_the_others() -> None:
    before = holding(EARLY, frontier=EARLY.drawing_order)
    wallet = before.wallet._replace(available=50)

    with pytest.raises(MoreLotsNeeded):
        held(before._replace(wallet=wallet), 6)


def test_what_is_freed_restores_the_lots() -> None:
    before = holding(EARLY, MIDDLE, LATE)
    posting, what = held(before, 12)

    freed = release(posting.holdings, what, None, NOW + 1)

    assert freed.holdings.lots == before.lots
    assert sums(freed.holdings) == (15, 0)
    entry = freed.entry
    assert (entry.kind, entry.connects, entry.actor_id) == (EntryKind.RELEASE, 12, None)
    assert (entry.action, entry.subject_id, entry.created_at) == (ACTION, JOB, NOW + 1)
    assert [draw.connects for draw in freed.draws] == [-5, -5, -2]


def test_what_is_freed_into_an_expired_lot_lapses_at_once() -> None:
    posting, what = held(holding(EARLY, LATE), 7)
    later, lapsed = book_due(posting.holdings, GRANTING_60, NOW + 15)
    assert lapsed == []

    freed = release(later, what, ACTOR, NOW + 15)
    settled, (expiry,) = book_due(freed.holdings, GRANTING_60, NOW + 15)

    assert (expiry.entry.kind, expiry.entry.connects) == (EntryKind.EXPIRY, -5)
    assert expiry.entry.created_at == NOW + 15
    assert (sums(settled), settled.lots) == ((5, 0), (LATE,))


def test_what_is_freed_beyond_the_lots_at_hand_is_not_lost() -> None:
    posting, what = held(holding(EARLY, LATE), 7)
    holdings = posting.holdings
    near = holdings._replace(lots=(), frontier=MIDDLE.drawing_order)

    freed = release(near, what, None, NOW + 1)

    assert freed.holdings.lots == (EARLY,)
    assert freed.touched == (EARLY, LATE)
    assert sums(freed.holdings) == (10, 0)


def test_a_capture_ends_the_hold_and_changes_nothing_that_is_available() -> None:
    posting, what = held(holding(EARLY, MIDDLE), 7)

    spent = capture(posting.holdings, what, NOW + 1)

    entry = spent.entry
    assert (entry.kind, entry.connects, entry.actor_id) == (EntryKind.CAPTURE, 0, None)
    assert (entry.available_after, entry.held_after) == sums(spent.holdings) == (3, 0)
    assert spent.draws == ()
    assert [(each.remaining, each.held) for each in spent.touched] == [(0, 0), (3, 0)]
    assert spent.holdings.lots == (MIDDLE._replace(remaining=3),)
    assert entry.prev_hash == posting.entry.hash


def test_two_holds_from_one_lot_end_each_by_itself() -> None:
    first, one = held(holding(lot(1, 10)), 3)
    second, other = held(first.holdings, 4)
    (now,) = second.holdings.lots
    assert (now.remaining, now.held) == (3, 7)

    freed = release(second.holdings, one._replace(parts=_as_now(one, now)), None, NOW)
    (now,) = freed.holdings.lots
    spent = capture(freed.holdings, other._replace(parts=_as_now(other, now)), NOW)

    assert sums(spent.holdings) == (6, 0)
    assert [(each.remaining, each.held) for each in spent.holdings.lots] == [(6, 0)]


def _as_now(what: HeldConnects, now: Lot) -> tuple[tuple[Lot, int], ...]:
    return tuple((now, part) for _, part in what.parts)
