"""Statements add up, whatever happened, holds included."""

from hypothesis import given
from hypothesis import strategies as st

from models.rules.kinds import EntryKind
from models.rules.statements import NOTHING, PART_OF_KIND, Standing, StatementPart, Sum, statement

connects = st.integers(1, 100)
moves = st.lists(st.tuples(st.sampled_from(EntryKind), connects), max_size=40)


def moved(standing: Standing, kind: EntryKind, connects: int) -> tuple[Standing, int]:
    """The standing after an entry, and the change of what is available and held together."""
    available, held = standing
    match kind:
        case EntryKind.HOLD:
            part = min(connects, available)
            return Standing(available - part, held + part), 0
        case EntryKind.RELEASE:
            part = min(connects, held)
            return Standing(available + part, held - part), 0
        case EntryKind.CAPTURE:
            part = min(connects, held)
            return Standing(available, held - part), -part
        case EntryKind.SPEND | EntryKind.EXPIRY:
            part = min(connects, available)
            return Standing(available - part, held), -part
        case EntryKind.ADJUSTMENT if connects % 2:
            part = min(connects, available)
            return Standing(available - part, held), -part
        case _:
            return Standing(available + connects, held), connects


@given(moves, st.integers(0, 40), st.integers(0, 40))
def test_the_parts_add_up_to_the_unit(
    moves: list[tuple[EntryKind, int]], start: int, end: int
) -> None:
    start, end = sorted((min(start, len(moves)), min(end, len(moves))))
    standings, sums = [NOTHING], []
    for kind, number in moves:
        standing, change = moved(standings[-1], kind, number)
        standings.append(standing)
        action = "POST_JOB" if kind in (EntryKind.SPEND, EntryKind.CAPTURE) else None
        sums.append(Sum(kind, action, change))

    made = statement(standings[start], standings[end], sums[start:end])

    came = made.granted + made.purchased + made.returned + made.adjusted
    went = made.spent + made.expired + made.held
    assert made.opening.available + came - went == made.closing.available
    assert sum(made.spent_by_action.values()) == made.spent
    parts = (made.granted, made.purchased, made.returned, made.spent, made.expired)
    assert min(parts) >= 0


def test_every_kind_of_entry_belongs_somewhere() -> None:
    assert set(PART_OF_KIND) == set(EntryKind)
    assert set(PART_OF_KIND.values()) == {*StatementPart, None}
