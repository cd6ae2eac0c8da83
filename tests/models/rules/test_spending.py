"""How ranges of time are divided into intervals, and those into slots with kept sums."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.history.spending import WIDTHS, Interval, Period, periods, slots_between
from models.rules.instants import DAY, rfc3339
from tests.clocks import instant

HOUR = DAY // 24
UTC = ZoneInfo("UTC")


def shown(found: list[Period]) -> list[tuple[str, float]]:
    """When each interval begins, and how many hours of it are in the range."""
    return [(rfc3339(at)[:16], (end - start) / HOUR) for at, start, end in found if at is not None]


@pytest.mark.parametrize(
    ("zone", "start", "end", "interval", "expected"),
    [
        (
            "UTC",
            "2026-11-29T12:00:00Z",
            "2026-12-01T06:00:00Z",
            Interval.WEEK,
            [("2026-11-23T00:00", 12), ("2026-11-30T00:00", 30)],
        ),
        (
            "Europe/Berlin",
            "2026-10-23T22:00:00Z",
            "2026-10-25T23:00:00Z",
            Interval.DAY,
            [("2026-10-23T22:00", 24), ("2026-10-24T22:00", 25)],
        ),
        (
            "America/New_York",
            "2026-03-07T05:00:00Z",
            "2026-03-09T04:00:00Z",
            Interval.DAY,
            [("2026-03-07T05:00", 24), ("2026-03-08T05:00", 23)],
        ),
        (
            "Asia/Kathmandu",
            "2026-11-30T18:00:00Z",
            "2026-11-30T19:00:00Z",
            Interval.MONTH,
            [("2026-10-31T18:15", 0.25), ("2026-11-30T18:15", 0.75)],
        ),
        # The 30th of December did not exist there.
        (
            "Pacific/Apia",
            "2011-12-29T10:00:00Z",
            "2011-12-31T10:00:00Z",
            Interval.DAY,
            [("2011-12-29T10:00", 24), ("2011-12-30T10:00", 24)],
        ),
        # Midnight was skipped there.
        (
            "America/Sao_Paulo",
            "2018-11-03T03:00:00Z",
            "2018-11-05T02:00:00Z",
            Interval.DAY,
            [("2018-11-03T03:00", 24), ("2018-11-04T03:00", 23)],
        ),
    ],
)
def test_intervals_begin_at_midnight_of_the_zone(
    zone: str, start: str, end: str, interval: Interval, expected: list[tuple[str, float]]
) -> None:
    assert shown(periods(instant(start), instant(end), interval, ZoneInfo(zone))) == expected


def test_a_range_without_intervals_is_one_period() -> None:
    assert periods(5, 9, None, UTC) == [Period(None, 5, 9)]
    assert periods(9, 9, None, UTC) == []
    assert periods(-9, 9, None, UTC) == [Period(None, 0, 9)]
    assert periods(-9, -1, Interval.DAY, UTC) == []


@given(
    st.integers(0, 2 * 10**15),
    st.integers(0, 200 * DAY),
    st.sampled_from(Interval),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Africa/Monrovia", "Pacific/Apia"]),
)
def test_periods_follow_each_other_and_make_up_the_range(
    start: int, length: int, interval: Interval, zone: str
) -> None:
    found = periods(start, start + length, interval, ZoneInfo(zone))

    ends = [start, *(period.end for period in found)]
    assert [period.start for period in found] == ends[: len(found)]
    assert ends[-1] == start + length
    assert all(at is not None and at <= start < end for at, start, end in found)


@given(st.integers(0, 3 * 10**6), st.integers(0, 400_000))
def test_slots_cover_each_quarter_once_and_are_few(first: int, length: int) -> None:
    found = slots_between(first, first + length)

    parts = sorted((slots.first * slots.width, slots.end * slots.width) for slots in found)
    assert sum(end - start for start, end in parts) == length
    assert all(before[1] == after[0] for before, after in pairwise(parts))
    assert not parts or (parts[0][0], parts[-1][1]) == (first, first + length)
    widest = length // WIDTHS[-1]
    assert sum(slots.end - slots.first for slots in found) <= 6 + 10 + 6 + 62 + widest
