"""What holds however returns, grants and expiries fall together."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.actions import ConnectsAction
from models.rules.facts import Lot, PastSpend
from models.rules.instants import DAY
from models.rules.postings import (
    Holdings,
    PendingReturn,
    Posting,
    Return,
    Spend,
    book_due,
    spend,
    with_return,
)
from tests.models.rules.samples import ACTOR, GRANTING_60, NOW, holding, lot

DAYS = st.integers(min_value=1, max_value=40)
LOTS = st.lists(DAYS, min_size=1, max_size=4)
SPENDS = st.lists(st.tuples(st.integers(min_value=1, max_value=6), DAYS), max_size=4)


def awaiting(expiries: list[int], spends: list[tuple[int, int]]) -> Holdings:
    """Lots of 10 that expire after so many days; of each spend all is to come back later."""
    lots = sorted(
        (lot(number, 10, NOW + days * DAY) for number, days in enumerate(expiries, 1)),
        key=lambda each: each.drawing_order,
    )
    holdings, returns = holding(*lots), []
    for number, (connects, days) in enumerate(spends):
        if connects > holdings.wallet.available:
            continue
        what = Spend(connects, ConnectsAction.INVITE_FREELANCER, UUID(int=number))
        posting = spend(holdings, what, ACTOR, NOW, GRANTING_60)
        touched = {each.sequence: each for each in posting.touched}
        parts = tuple((touched[draw.lot_sequence], draw.connects) for draw in posting.draws)
        due = Return(connects, what.subject_id)
        returns.append(PendingReturn(NOW + days * DAY, due, PastSpend(what.action, parts)))
        holdings = with_return(posting.holdings, NOW + days * DAY)
    now_known = tuple(_as_left(each, holdings.lots) for each in returns)
    return holdings._replace(returns=tuple(sorted(now_known, key=lambda each: each.at)))


def _as_left(pending: PendingReturn, lots: tuple[Lot, ...]) -> PendingReturn:
    """Lots as they stand in the database when the returns are read."""
    live = {each.sequence: each for each in lots}
    parts = tuple(
        (live.get(each.sequence, each._replace(remaining=0)), drawn)
        for each, drawn in pending.spent.parts
    )
    return pending._replace(spent=pending.spent._replace(parts=parts))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(LOTS, SPENDS, st.integers(min_value=0, max_value=50), st.integers(min_value=0, max_value=50))
def test_nothing_is_made_and_nothing_is_lost(
    expiries: list[int], spends: list[tuple[int, int]], first: int, second: int
) -> None:
    before = awaiting(expiries, spends)
    start, middle = before.wallet.available, NOW + first * DAY
    end = middle + second * DAY

    after, postings = book_due(before, GRANTING_60, end)

    assert after.wallet.available == start + sum(each.entry.connects for each in postings)
    assert after.wallet.available == sum(each.remaining for each in after.lots)
    assert all(0 < each.remaining <= each.granted for each in after.lots)
    assert all(each.expires_at > end for each in after.lots)
    assert instants(postings) == sorted(instants(postings))
    assert all(each.entry.available_after >= 0 for each in postings)
    half, earlier = book_due(before, GRANTING_60, middle)
    assert book_due(half, GRANTING_60, end) == (after, postings[len(earlier) :])


def instants(postings: list[Posting]) -> list[int]:
    return [each.entry.created_at for each in postings]
