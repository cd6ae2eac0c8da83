"""Returns that fall due by themselves, among grants and expiries, booked at the next touch."""

from uuid import UUID

import pytest

from models.rules.actions import ConnectsAction
from models.rules.facts import Lot, PastSpend
from models.rules.instants import DAY, FOREVER
from models.rules.kinds import EntryKind
from models.rules.lots import MoreLotsNeeded
from models.rules.postings import (
    Holdings,
    PendingReturn,
    Posting,
    Return,
    book_due,
    with_all_lots,
    with_return,
)
from tests.models.rules.samples import GRANTING_60, GRANTING_NOTHING, NEXT_GRANT, NOW, holding, lot

GRANT, EXPIRY, RETURN = EntryKind.GRANT, EntryKind.EXPIRY, EntryKind.RETURN
DUE = NOW + 7 * DAY


def subject(number: int) -> UUID:
    return UUID(int=500 + number)


def pending(at: int, *parts: tuple[Lot, int], number: int = 1) -> PendingReturn:
    """All of what was drawn from the lots in `parts`, which are as they were read."""
    connects = sum(drawn for _, drawn in parts)
    spent = PastSpend(ConnectsAction.INVITE_FREELANCER, parts)
    return PendingReturn(at, Return(connects, subject(number)), spent)


def awaiting(holdings: Holdings, *returns: PendingReturn) -> Holdings:
    return with_return(holdings, returns[0].at)._replace(returns=returns)


def drawn(each: Lot, connects: int) -> Lot:
    return each._replace(remaining=each.remaining - connects)


def booked(postings: list[Posting]) -> list[tuple[str, int, int]]:
    return [(each.entry.kind, each.entry.connects, each.entry.created_at) for each in postings]


@pytest.mark.parametrize(
    ("now", "entries"),
    [(DUE - 1, []), (DUE, [(RETURN, 2, DUE)]), (DUE + 1, [(RETURN, 2, DUE)])],
    ids=["one microsecond before", "to the microsecond", "late"],
)
def test_a_return_is_booked_at_its_own_instant(
    now: int, entries: list[tuple[str, int, int]]
) -> None:
    left = drawn(lot(1, 5), 2)
    before = awaiting(holding(left), pending(DUE, (left, 2)))

    holdings, postings = book_due(before, GRANTING_60, now)

    assert booked(postings) == entries
    assert [each.returned for each in postings] == [subject(1)] * len(entries)
    assert all(each.entry.actor_id is None for each in postings)
    assert holdings.wallet.available == (5 if entries else 3)
    assert holdings.wallet.next_return_at == (FOREVER if entries else DUE)
    assert holdings.wallet.next_event_at == (NEXT_GRANT if entries else DUE)


@pytest.mark.parametrize(
    ("at", "kinds"),
    [
        (NEXT_GRANT - 1, [RETURN, GRANT]),
        (NEXT_GRANT, [RETURN, GRANT]),
        (NEXT_GRANT + 1, [GRANT, RETURN]),
    ],
)
def test_returns_and_grants_are_booked_in_order_of_time(at: int, kinds: list[EntryKind]) -> None:
    left = drawn(lot(1, 5), 2)
    before = awaiting(holding(left), pending(at, (left, 2)))

    _, postings = book_due(before, GRANTING_60, NEXT_GRANT + 1)

    assert [each.entry.kind for each in postings] == kinds


def test_what_comes_back_before_its_lot_expires_expires_with_it() -> None:
    left = drawn(lot(1, 5, DUE + 1), 2)
    before = awaiting(holding(left), pending(DUE, (left, 2)))

    holdings, postings = book_due(before, GRANTING_60, DUE + 1)

    assert booked(postings) == [(RETURN, 2, DUE), (EXPIRY, -5, DUE + 1)]
    assert holdings.wallet.available == 0


@pytest.mark.parametrize("expires_at", [DUE - DAY, DUE], ids=["before", "at the same instant"])
def test_what_comes_back_after_its_lot_expired_lapses_at_once(expires_at: int) -> None:
    left = drawn(lot(1, 5, expires_at), 2)
    before = awaiting(holding(left), pending(DUE, (left, 2)))

    holdings, postings = book_due(before, GRANTING_60, DUE + 1)

    assert booked(postings) == [
        (EXPIRY, -3, expires_at),
        (RETURN, 2, DUE),
        (EXPIRY, -2, DUE),
    ]
    assert (holdings.wallet.available, holdings.lots) == (0, ())
    assert postings[-1].touched == (left._replace(remaining=0),)


def test_two_returns_to_one_lot_both_arrive() -> None:
    left = drawn(lot(1, 5), 5)
    first, second = pending(DUE, (left, 2)), pending(DUE + 1, (left, 3), number=2)
    before = awaiting(holding()._replace(wallet=holding(left).wallet), first, second)

    holdings, postings = book_due(before, GRANTING_60, DUE + 1)

    assert booked(postings) == [(RETURN, 2, DUE), (RETURN, 3, DUE + 1)]
    assert [each.remaining for each in holdings.lots] == [5]
    assert holdings.wallet.available == 5


def test_after_a_return_the_next_one_is_awaited() -> None:
    left = drawn(lot(1, 5), 5)
    first, second = pending(DUE, (left, 2)), pending(DUE + 1, (left, 3), number=2)
    before = awaiting(holding(left), first, second)

    holdings, _ = book_due(before, GRANTING_60, DUE)

    assert holdings.returns == (second,)
    assert (holdings.wallet.next_return_at, holdings.wallet.next_event_at) == (DUE + 1, DUE + 1)


def test_where_the_return_was_settled_otherwise_nothing_is_booked() -> None:
    before = with_return(holding(lot(1, 5)), DUE)

    holdings, postings = book_due(before, GRANTING_60, DUE)

    assert postings == []
    assert holdings.wallet.next_return_at == FOREVER
    assert holdings.wallet.next_event_at == NEXT_GRANT


def test_a_return_that_was_not_read_because_it_is_not_due_is_not_forgotten() -> None:
    before = with_return(holding(lot(1, 5)), DUE)
    early = before._replace(wallet=before.wallet._replace(next_event_at=NOW))

    holdings, postings = book_due(early, GRANTING_NOTHING, NOW + 1)

    assert postings == []
    assert (holdings.wallet.next_return_at, holdings.wallet.next_event_at) == (DUE, DUE)


def test_a_return_to_a_lot_beyond_the_frontier_is_not_guessed() -> None:
    near, far = lot(1, 5, DUE + 10), drawn(lot(2, 5, DUE + 20), 2)
    complete = awaiting(holding(near, far), pending(DUE, (far, 2)))
    partly = complete._replace(lots=(near,), frontier=near.drawing_order)

    with pytest.raises(MoreLotsNeeded):
        book_due(partly, GRANTING_60, DUE)

    all_lots = with_all_lots(partly, [far])
    assert book_due(all_lots, GRANTING_60, DUE) == book_due(complete, GRANTING_60, DUE)
