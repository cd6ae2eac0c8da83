"""Instants and calendar months.

An instant is an integer: microseconds since 1970-01-01T00:00:00Z. A month is an integer too: months
since year 0, so consecutive months differ by one. The calendar is UTC.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NewType

Instant = NewType("Instant", int)
"""Marks values that the API returns as times; elsewhere an instant is a plain int."""

MICROSECOND: Final = timedelta(microseconds=1)
SECOND: Final = 1_000_000
DAY: Final = 24 * 60 * 60 * SECOND
_MINUTE: Final = 60 * SECOND
# Precomputed, because formatting the numbers takes twice as long.
_SECONDS: Final = tuple(f"{second:02}." for second in range(60))
_DIGITS: Final = tuple(f"{number:03}" for number in range(1000))

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WITHOUT_ZONE: Final = _EPOCH.replace(tzinfo=None)


def from_datetime(moment: datetime) -> int:
    """Converts `moment` to an instant. Raises ValueError if it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone, such as Z or +02:00")
    return (moment - _EPOCH) // MICROSECOND


def to_datetime(instant: int) -> datetime:
    """Converts `instant` to a UTC datetime, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=instant)


FOREVER: Final = from_datetime(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
"""Represents "never": later than every instant that occurs."""


def month_of(instant: int) -> int:
    """Returns the calendar month (UTC) of `instant`."""
    moment = to_datetime(instant)
    return moment.year * 12 + moment.month - 1


def start_of_month(month: int) -> int:
    """Returns the first instant of `month`."""
    year, zero_based = divmod(month, 12)
    return from_datetime(datetime(year, zero_based + 1, 1, tzinfo=UTC))


def add_months(instant: int, months: int) -> int:
    """Returns the same day and time `months` later, or the month's last day if it is shorter."""
    moment = to_datetime(instant)
    year, zero_based = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last_day = calendar.monthrange(year, zero_based + 1)[1]
    return from_datetime(
        moment.replace(year=year, month=zero_based + 1, day=min(moment.day, last_day))
    )


def rfc3339(instant: int) -> str:
    """Formats `instant` as RFC 3339 in UTC, for example 2026-11-22T09:30:00.000000Z."""
    microseconds = instant % _MINUTE
    milliseconds = microseconds // 1000
    second = _SECONDS[milliseconds // 1000]
    fraction = f"{_DIGITS[milliseconds % 1000]}{_DIGITS[microseconds % 1000]}"
    return f"{_minute(instant // _MINUTE)}{second}{fraction}Z"


@lru_cache(maxsize=10_000)
def _minute(minute: int) -> str:
    """Formats a minute since 1970 up to its seconds. Cached, because nearby times share it."""
    moment = _EPOCH_WITHOUT_ZONE + timedelta(minutes=minute)
    return f"{moment.isoformat(timespec='minutes')}:"


_RFC_3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)((?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)",
    re.ASCII | re.IGNORECASE,
)
_LEAP: Final = "60"
_FIRST: Final = from_datetime(datetime.min.replace(tzinfo=UTC))


def parse_rfc3339(text: str) -> int:
    """The instant that RFC 3339 `text` names. A leap second is the one that follows it.

    Raises ValueError for anything else, including times without a time zone.
    """
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError("it is not written as in RFC 3339")
    before, second, after = found.groups()
    if second == _LEAP:
        instant = from_datetime(datetime.fromisoformat(f"{before}59{after}".upper())) + SECOND
        if instant > FOREVER or instant % DAY >= SECOND or to_datetime(instant).day != 1:
            raise ValueError("a leap second ends a month")
    else:
        instant = from_datetime(datetime.fromisoformat(text.upper()))
    if not _FIRST <= instant <= FOREVER:
        raise ValueError("out of range")
    return instant
