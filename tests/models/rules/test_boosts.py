"""The auction for the first places among a job's proposals."""

from uuid import UUID

import pytest

from models.rules.boosts import (
    LIFETIME,
    Bid,
    BoostState,
    Ending,
    check_open,
    ended,
    in_front,
    least_to_lead,
    place,
    state_at,
)
from models.rules.instants import DAY
from models.rules.kinds import BoostStatus, JobStatus
from models.rules.refusals import Conflict, ConflictReason
from tests.models.rules.samples import NOW

LEADING, OUTBID, CHARGED, RELEASED = BoostStatus
CLOSES, EXPIRES = NOW + LIFETIME, NOW + 30 * DAY
OPEN = Ending(CLOSES, EXPIRES, JobStatus.OPEN)


def bid(number: int, connects: int, status: BoostStatus = LEADING) -> Bid:
    """The boost of proposal `number`, which was placed as the `number`th."""
    return Bid(UUID(int=number), connects, status, NOW + number)


def refused(bids: list[Bid], number: int, connects: int) -> ConflictReason:
    with pytest.raises(Conflict) as caught:
        place(bids, UUID(int=number), connects, NOW + 100)
    return caught.value.reason


FOUR = [bid(1, 9), bid(2, 7), bid(3, 7), bid(4, 5)]


@pytest.mark.parametrize(
    ("bids", "number", "least"),
    [
        ([], 9, 1),
        (FOUR[:3], 9, 1),
        (FOUR, 9, 6),
        (FOUR, 4, 6),
        (FOUR, 1, 10),
        ([*FOUR[:3], bid(4, 5, RELEASED)], 9, 1),
        ([*FOUR[:3], bid(4, 5, OUTBID)], 9, 5),
        ([*FOUR[:3], bid(4, 5, OUTBID)], 4, 5),
        ([*FOUR, bid(5, 3, OUTBID)], 5, 6),
    ],
    ids=[
        "nobody",
        "three lead",
        "four lead",
        "the last of four",
        "the first of four",
        "a place that was given up",
        "a place that was given up, and somebody was outbid",
        "whoever was outbid",
        "whoever was outbid by four",
    ],
)
def test_it_is_said_what_it_takes_to_lead(bids: list[Bid], number: int, least: int) -> None:
    assert least_to_lead(bids, UUID(int=number)) == least
    assert place(bids, UUID(int=number), least, NOW).bid.connects == least
    if least > 1:
        assert refused(bids, number, least - 1) in (
            ConflictReason.BOOST_TOO_LOW,
            ConflictReason.BOOST_NOT_RAISED,
        )


def test_the_highest_lead_and_equal_ones_keep_their_order_of_placing() -> None:
    others = [bid(5, 99, OUTBID), bid(6, 99, RELEASED)]

    assert in_front([*reversed(FOUR), *others]) == FOUR


def test_a_fifth_outbids_the_last_who_placed_the_lowest() -> None:
    placed = place([*FOUR[:2], bid(3, 5), bid(4, 5)], UUID(int=9), 6, NOW + 100)

    assert placed.outbid == bid(4, 5)
    assert placed.bid == Bid(UUID(int=9), 6, LEADING, NOW + 100)


def test_a_raise_outbids_nobody_and_stands_behind_its_equals() -> None:
    placed = place(FOUR, UUID(int=4), 7, NOW + 100)

    assert placed.outbid is None
    numbers = [each.proposal_id.int for each in in_front([*FOUR[:3], placed.bid])]
    assert numbers == [1, 2, 3, 4]


def test_two_that_are_placed_at_one_instant_keep_their_order() -> None:
    first = place([], UUID(int=9), 5, NOW).bid
    second = place([first], UUID(int=1), 5, NOW).bid

    assert in_front([second, first]) == [first, second]


@pytest.mark.parametrize("connects", [4, 5])
def test_a_boost_is_never_lowered(connects: int) -> None:
    assert refused(FOUR, 4, connects) is ConflictReason.BOOST_NOT_RAISED


@pytest.mark.parametrize("connects", [1, 5])
def test_what_would_not_lead_is_refused_with_what_would(connects: int) -> None:
    with pytest.raises(Conflict, match=f"{connects} Connects? would not lead. It takes 6."):
        place(FOUR, UUID(int=9), connects, NOW)


def test_boosts_are_open_for_seven_days_unless_one_was_charged() -> None:
    check_open(FOUR, CLOSES, CLOSES - 1)
    for bids, now in ((FOUR, CLOSES), ([bid(1, 1, CHARGED)], NOW)):
        with pytest.raises(Conflict) as caught:
            check_open(bids, CLOSES, now)
        assert caught.value.reason is ConflictReason.BOOSTS_CLOSED


@pytest.mark.parametrize(
    ("ending", "now", "expected"),
    [
        (OPEN, CLOSES - 1, (LEADING, None)),
        (OPEN, CLOSES, (CHARGED, CLOSES)),
        (OPEN, EXPIRES + 1, (CHARGED, CLOSES)),
        (OPEN._replace(expires_at=CLOSES - 5), CLOSES - 6, (LEADING, None)),
        (OPEN._replace(expires_at=CLOSES - 5), CLOSES + 9, (RELEASED, CLOSES - 5)),
        (OPEN._replace(job=JobStatus.AWARDED), NOW, (CHARGED, NOW)),
        (OPEN._replace(job=JobStatus.AWARDED), CLOSES + 9, (CHARGED, CLOSES)),
        (OPEN._replace(job=JobStatus.CANCELLED), NOW, (RELEASED, NOW)),
        (OPEN._replace(job=JobStatus.EXPIRED), NOW, (RELEASED, NOW)),
    ],
)
def test_a_leader_is_what_its_job_and_the_time_make_of_it(
    ending: Ending, now: int, expected: tuple[BoostStatus, int | None]
) -> None:
    assert state_at(BoostState(LEADING, None), ending, now) == expected


@pytest.mark.parametrize("status", [OUTBID, CHARGED, RELEASED])
@pytest.mark.parametrize("job", JobStatus)
def test_what_has_ended_stays_as_it_is(status: BoostStatus, job: JobStatus) -> None:
    stored = BoostState(status, NOW)

    assert state_at(stored, Ending(CLOSES, EXPIRES, job), EXPIRES + 1) == stored
    assert ended(stored, OPEN, EXPIRES + 1, hired=True) == stored


@pytest.mark.parametrize(
    ("now", "hired", "expected"),
    [
        (NOW, True, (CHARGED, NOW)),
        (NOW, False, (RELEASED, NOW)),
        (CLOSES - 1, False, (RELEASED, CLOSES - 1)),
        (CLOSES, False, (CHARGED, CLOSES)),
        (CLOSES + 1, True, (CHARGED, CLOSES)),
    ],
)
def test_a_job_that_ends_charges_or_frees_its_leaders(
    now: int, hired: bool, expected: tuple[BoostStatus, int | None]
) -> None:
    assert ended(BoostState(LEADING, None), OPEN, now, hired=hired) == expected
