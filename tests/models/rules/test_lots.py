"""Which lots Connects are drawn from."""

from typing import NamedTuple

import pytest

from models.rules.facts import Lot
from models.rules.lots import MoreLotsNeeded, draw
from tests.models.rules.samples import NOW, lot

FIRST, SECOND, THIRD = lot(1, 5), lot(2, 3), lot(3, 4)


class Case(NamedTuple):
    connects: int
    taken: list[tuple[int, int]]
    kept: list[tuple[int, int]]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case(1, [(1, 1)], [(1, 4), (2, 3), (3, 4)]), id="part of the first"),
        pytest.param(Case(5, [(1, 5)], [(2, 3), (3, 4)]), id="exactly the first"),
        pytest.param(Case(6, [(1, 5), (2, 1)], [(2, 2), (3, 4)]), id="into the second"),
        pytest.param(Case(8, [(1, 5), (2, 3)], [(3, 4)]), id="exactly two"),
        pytest.param(Case(9, [(1, 5), (2, 3), (3, 1)], [(3, 3)]), id="into the last"),
        pytest.param(Case(12, [(1, 5), (2, 3), (3, 4)], []), id="exactly all"),
    ],
)
def test_lots_are_drawn_one_after_the_other(case: Case) -> None:
    drawn = draw([FIRST, SECOND, THIRD], case.connects)
    assert list(drawn.taken) == case.taken
    assert [(each.sequence, each.remaining) for each in drawn.kept] == case.kept
    left = dict(case.kept)
    assert [(each.sequence, each.remaining) for each in drawn.touched] == [
        (sequence, left.get(sequence, 0)) for sequence, _ in case.taken
    ]


@pytest.mark.parametrize(
    ("lots", "connects"),
    [([], 1), ([FIRST], 6), ([FIRST, SECOND], 9)],
    ids=["no lots", "one lot", "two lots"],
)
def test_lots_that_do_not_reach_are_not_drawn(lots: list[Lot], connects: int) -> None:
    before = list(lots)
    with pytest.raises(MoreLotsNeeded):
        draw(lots, connects)
    assert lots == before


def test_only_what_remains_changes() -> None:
    (touched,) = draw([FIRST], 2).touched
    assert touched == FIRST._replace(remaining=3)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(lot(9, 1, NOW + 1), lot(1, 1, NOW + 2), id="the earliest expiring first"),
        pytest.param(lot(1, 1, NOW + 1), lot(2, 1, NOW + 1), id="then the oldest"),
    ],
)
def test_the_drawing_order_is(earlier: Lot, later: Lot) -> None:
    assert earlier.drawing_order < later.drawing_order
