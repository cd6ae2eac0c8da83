"""Spending: how a range of time is divided into intervals, and those into slots with kept sums.

A slot is a stretch of time of a fixed width since 1970, in quarters of an hour: all clocks in use
differ by quarters of an hour. The widths are multiples of each other, so that any stretch of whole
quarters consists of few slots.
"""

from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from models.rules.instants import SECOND, from_datetime, to_datetime

QUARTER: Final = 15 * 60 * SECOND
"""A quarter of an hour, in microseconds."""
WIDTHS: Final = (1, 4, 24, 96, 3072)
"""Of slots, in quarters: a quarter of an hour, an hour, 6 hours, a day and 32 days."""


class SpendingBy(StrEnum):
    """What the rows of spending are for."""

    ACTION = "ACTION"
    MEMBER = "MEMBER"
    JOB = "JOB"


class Interval(StrEnum):
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class Period(NamedTuple):
    """The part [start, end) of a range, in the interval that begins at `at` (None: the range)."""

    at: int | None
    start: int
    end: int


class Slots(NamedTuple):
    """The slots of a width from number `first` until before `end`."""

    width: int
    first: int
    end: int


class SpendTotal(NamedTuple):
    """So many Connects by so many spends."""

    connects: int
    spends: int


def periods(start: int, end: int, interval: Interval | None, zone: tzinfo) -> list[Period]:
    """Divides [start, end) at midnights of `zone`. Times before 1970 have no entries, or periods.

    Weeks begin on Monday. If midnight is skipped or occurs twice, a day begins at its first
    instant.
    """
    start = max(start, 0)
    if start >= end:
        return []
    if interval is None:
        return [Period(None, start, end)]
    day = _first_day(to_datetime(start).astimezone(zone).date(), interval)
    begins = [_midnight(day, zone)]
    while begins[-1] < end:
        day = _next(day, interval)
        begins.append(_midnight(day, zone))
    return [
        Period(at, max(at, start), min(until, end))
        for at, until in pairwise(begins)
        if max(at, start) < min(until, end)
    ]


def slots_between(first: int, end: int) -> list[Slots]:
    """The fewest slots that make up the quarters from number `first` until before `end`."""
    before: list[Slots] = []
    after: list[Slots] = []
    for width, wider in pairwise((*WIDTHS, 0)):
        low, high = first // width, end // width
        if wider == 0:
            before.append(Slots(width, low, high))
            break
        ratio = wider // width
        next_low, next_high = -(-low // ratio), high // ratio
        if next_low >= next_high:
            before.append(Slots(width, low, high))
            break
        before.append(Slots(width, low, next_low * ratio))
        after.append(Slots(width, next_high * ratio, high))
        first, end = next_low * wider, next_high * wider
    return [slots for slots in (*before, *after) if slots.first < slots.end]


def _first_day(day: date, interval: Interval) -> date:
    match interval:
        case Interval.WEEK:
            return day - timedelta(days=day.weekday())
        case Interval.MONTH:
            return day.replace(day=1)
    return day


def _next(day: date, interval: Interval) -> date:
    match interval:
        case Interval.WEEK:
            return day + timedelta(days=7)
        case Interval.MONTH:
            return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=1)


def _midnight(day: date, zone: tzinfo) -> int:
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=zone))
