"""Giving back Connects: to the very lots they came from, and never past what was spent."""

from copy import deepcopy

import pytest

from models.rules.actions import ConnectsAction
from models.rules.facts import Draw, Lot, PastSpend
from models.rules.hashchain import entry_hash
from models.rules.kinds import EntryKind
from models.rules.postings import Holdings, Posting, Return, book_due, give_back, spend
from tests.models.rules.samples import ACCOUNT, ACTOR, GRANTING_60, JOB, NOW, holding, job_post, lot

EARLY, MIDDLE, LATE = lot(1, 5, NOW + 10), lot(2, 5, NOW + 20), lot(3, 5, NOW + 30)


def spent_on_a_job(holdings: Holdings, connects: int) -> tuple[Holdings, PastSpend]:
    posting = spend(holdings, job_post(connects), ACTOR, NOW, GRANTING_60)
    lots = {each.sequence: each for each in posting.touched}
    parts = tuple((lots[draw.lot_sequence], draw.connects) for draw in posting.draws)
    return posting.holdings, PastSpend(ConnectsAction.POST_JOB, parts)


def returned(holdings: Holdings, spent: PastSpend, connects: int, at: int = NOW + 1) -> Posting:
    return give_back(holdings, Return(connects, JOB), spent, ACTOR, at)


def test_everything_given_back_restores_the_lots() -> None:
    before = holding(EARLY, MIDDLE, LATE)
    after, spent = spent_on_a_job(before, 12)

    posting = returned(after, spent, 12)

    assert posting.holdings.lots == before.lots
    assert posting.holdings.wallet.available == 15
    assert posting.draws == (
        Draw(ACCOUNT, 5, 1, -5),
        Draw(ACCOUNT, 5, 2, -5),
        Draw(ACCOUNT, 5, 3, -2),
    )


@pytest.mark.parametrize(
    ("connects", "draws"),
    [
        (1, [(3, -1)]),
        (2, [(3, -2)]),
        (3, [(2, -1), (3, -2)]),
        (8, [(1, -1), (2, -5), (3, -2)]),
    ],
)
def test_a_part_goes_to_the_lot_drawn_last_first(
    connects: int, draws: list[tuple[int, int]]
) -> None:
    after, spent = spent_on_a_job(holding(EARLY, MIDDLE, LATE), 12)

    posting = returned(after, spent, connects)

    assert [(draw.lot_sequence, draw.connects) for draw in posting.draws] == draws
    assert posting.entry.connects == connects
    assert posting.holdings.wallet.available == 3 + connects
    assert sum(each.remaining for each in posting.holdings.lots) == 3 + connects


def test_the_entry_is_a_return_that_says_what_was_returned_and_by_whom() -> None:
    after, spent = spent_on_a_job(holding(EARLY), 2)

    posting = returned(after, spent, 2)

    entry = posting.entry
    assert (entry.kind, entry.connects) == (EntryKind.RETURN, 2)
    assert (entry.action, entry.subject_id) == (ConnectsAction.POST_JOB, JOB)
    assert (entry.actor_id, entry.created_at) == (ACTOR, NOW + 1)
    assert entry.prev_hash == after.wallet.head_hash
    assert entry.hash == entry_hash(entry, None, posting.draws) == posting.holdings.wallet.head_hash


def test_no_more_comes_back_than_was_spent() -> None:
    after, spent = spent_on_a_job(holding(EARLY), 2)

    assert returned(after, spent, 3).entry.connects == 2


def test_what_goes_to_a_lot_that_has_expired_lapses_at_once() -> None:
    after, spent = spent_on_a_job(holding(EARLY, LATE), 7)
    after, lapsed = book_due(after, GRANTING_60, NOW + 15)
    assert lapsed == []

    posting = returned(after, spent, 7, NOW + 15)
    settled, (expiry,) = book_due(posting.holdings, GRANTING_60, NOW + 15)

    assert (expiry.entry.kind, expiry.entry.connects) == (EntryKind.EXPIRY, -5)
    assert expiry.entry.created_at == posting.entry.created_at == NOW + 15
    assert expiry.draws == (Draw(ACCOUNT, expiry.entry.sequence, 1, 5),)
    assert settled.lots == (LATE,)
    assert settled.wallet.available == 5


def test_a_lot_beyond_the_frontier_is_changed_but_not_taken_to_hand() -> None:
    after, spent = spent_on_a_job(holding(LATE), 2)
    partly = after._replace(lots=(EARLY,), frontier=EARLY.drawing_order)

    posting = returned(partly, spent, 2)

    assert posting.touched == (LATE,)
    assert posting.holdings.lots == (EARLY,)


def test_giving_back_leaves_what_it_was_given_as_it_was() -> None:
    after, spent = spent_on_a_job(holding(EARLY, LATE), 7)
    given = deepcopy((after, spent))

    returned(after, spent, 7)

    assert (after, spent) == given


def drained(each: Lot) -> Lot:
    return each._replace(remaining=0)


def test_a_drained_lot_is_live_again() -> None:
    after, spent = spent_on_a_job(holding(EARLY), 5)
    assert spent.parts == ((drained(EARLY), 5),)

    posting = returned(after, spent, 1)

    assert posting.holdings.lots == (EARLY._replace(remaining=1),)
    assert posting.holdings.wallet.next_event_at == EARLY.expires_at
