"""Instants, months, and RFC 3339 text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from models.rules.instants import (
    FOREVER,
    add_months,
    from_datetime,
    month_of,
    parse_rfc3339,
    rfc3339,
    start_of_month,
    to_datetime,
)
from tests.clocks import instant

NOV_2026 = 2026 * 12 + 10
FIRST_OF_ALL = instant("0001-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-11-22T09:30:00Z", 12, "2027-11-22T09:30:00Z"),
        ("2026-11-22T09:30:00.000001Z", 1, "2026-12-22T09:30:00.000001Z"),
        ("2026-11-22T09:30:00Z", 0, "2026-11-22T09:30:00Z"),
        ("2026-12-31T23:59:59.999999Z", 1, "2027-01-31T23:59:59.999999Z"),
        ("2026-12-01T00:00:00Z", 1, "2027-01-01T00:00:00Z"),
        ("2026-11-15T00:00:00Z", 2, "2027-01-15T00:00:00Z"),
        ("2026-01-31T12:00:00Z", 1, "2026-02-28T12:00:00Z"),
        ("2028-01-31T12:00:00Z", 1, "2028-02-29T12:00:00Z"),
        ("2026-03-31T12:00:00Z", 1, "2026-04-30T12:00:00Z"),
        ("2026-02-28T12:00:00Z", 1, "2026-03-28T12:00:00Z"),
        ("2028-02-29T12:00:00Z", 12, "2029-02-28T12:00:00Z"),
        ("2028-02-29T12:00:00Z", 48, "2032-02-29T12:00:00Z"),
        ("2096-02-29T12:00:00Z", 48, "2100-02-28T12:00:00Z"),
        ("2026-11-22T09:30:00Z", 1200, "2126-11-22T09:30:00Z"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_one(start: str, months: int, end: str) -> None:
    assert rfc3339(add_months(instant(start), months)) == rfc3339(instant(end))


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-11-01T00:00:00Z", NOV_2026),
        ("2026-11-30T23:59:59.999999Z", NOV_2026),
        ("2026-10-31T23:59:59.999999Z", NOV_2026 - 1),
        ("2026-12-31T23:59:59.999999Z", NOV_2026 + 1),
        ("2027-01-01T00:00:00Z", NOV_2026 + 2),
        ("2026-12-01T00:30:00+01:00", NOV_2026),
        ("1970-01-01T00:00:00Z", 1970 * 12),
    ],
)
def test_a_month_is_the_calendar_month_in_utc(moment: str, month: int) -> None:
    assert month_of(instant(moment)) == month


@pytest.mark.parametrize("month", range(NOV_2026, NOV_2026 + 30))
def test_a_month_starts_one_microsecond_after_the_one_before_it_ends(month: int) -> None:
    start = start_of_month(month)
    assert (month_of(start - 1), month_of(start)) == (month - 1, month)
    assert to_datetime(start).timetuple()[2:6] == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("2026-11-22T09:30:00Z", "2026-11-22T09:30:00.000000Z"),
        ("2026-11-22T09:30:00+00:00", "2026-11-22T09:30:00.000000Z"),
        ("2026-11-22T09:30:00-00:00", "2026-11-22T09:30:00.000000Z"),
        ("2026-11-22T09:30:00.5Z", "2026-11-22T09:30:00.500000Z"),
        ("2026-11-22T09:30:00.123456Z", "2026-11-22T09:30:00.123456Z"),
        ("2026-11-22T09:30:00.123456789Z", "2026-11-22T09:30:00.123456Z"),
        ("2026-11-22T09:30:00+05:30", "2026-11-22T04:00:00.000000Z"),
        ("2026-12-31T23:00:00-08:00", "2027-01-01T07:00:00.000000Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000000Z"),
    ],
)
def test_rfc_3339_text_names_an_instant(text: str, in_utc: str) -> None:
    assert rfc3339(parse_rfc3339(text)) == in_utc


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-11-22T09:30:00", id="no zone"),
        pytest.param("2026-11-22", id="no time"),
        pytest.param("2026-02-29T00:00:00Z", id="no such day"),
        pytest.param("2026-13-01T00:00:00Z", id="no such month"),
        pytest.param("2026-11-22T24:00:00Z", id="no such hour"),
        pytest.param("2026-11-22T09:30:00+24:00", id="no such offset"),
        pytest.param("2026-11-22T09:30:00Z ", id="space after"),
        pytest.param("1795339800", id="digits"),
        pytest.param("now", id="word"),
        pytest.param("", id="empty"),
    ],
)
def test_other_text_names_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rfc3339(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-W47-7T09:30:00Z", id="week date"),
        pytest.param("20261122T093000Z", id="basic format"),
        pytest.param("2026-11-22T09Z", id="no minutes"),
        pytest.param("2026-11-22T09:30Z", id="no seconds"),
        pytest.param("2026-11-22T09:30:00,5Z", id="comma"),
        pytest.param("2026-11-22T09:30:00.Z", id="point without digits"),
        pytest.param("2026-11-22T09:30:00 Z", id="space before the zone"),
        pytest.param("2026-11-22T09:30:00+0100", id="zone without colon"),
        pytest.param("2026-11-22T09:30:00+01:00:30", id="zone with seconds"),
        pytest.param("2026-11-22T09:30:00+14:60", id="zone of 60 minutes"),
    ],
)
def test_iso_8601_that_is_not_rfc_3339_names_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rfc3339(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
def test_what_is_out_of_the_calendar_in_utc_names_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rfc3339(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.25z", "2017-01-01T00:00:00.25Z"),
        ("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00Z"),
        ("2027-07-01T05:29:60+05:30", "2027-07-01T00:00:00Z"),
    ],
)
def test_a_leap_second_is_the_one_that_follows_it(text: str, same: str) -> None:
    assert parse_rfc3339(text) == parse_rfc3339(same)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T09:30:60Z",
        "2026-11-22T23:59:60Z",
        "2016-12-31T23:58:60Z",
        "2016-12-31T23:59:60+01:00",
        "2016-12-31T23:59:61Z",
        "9999-12-31T23:59:60Z",
    ],
)
def test_no_other_minute_has_a_sixty_first_second(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rfc3339(text)


def test_small_letters_name_the_same_instant() -> None:
    assert parse_rfc3339("2026-11-22t09:30:00z") == parse_rfc3339("2026-11-22T09:30:00Z")


def test_what_lacks_its_zone_says_so() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        parse_rfc3339("2026-11-22T09:30:00")


@pytest.mark.parametrize("at", [FIRST_OF_ALL, -1, 0, 1, instant("2026-11-22T09:30Z"), FOREVER])
def test_an_instant_survives_as_text_and_as_datetime(at: int) -> None:
    assert parse_rfc3339(rfc3339(at)) == at
    assert from_datetime(to_datetime(at)) == at


def test_datetimes_of_any_zone_name_the_same_instant() -> None:
    in_utc = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    elsewhere = in_utc.astimezone(timezone(timedelta(hours=-8)))
    assert from_datetime(elsewhere) == from_datetime(in_utc)


def test_a_datetime_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        from_datetime(datetime(2026, 11, 22, 9, 30, tzinfo=UTC).replace(tzinfo=None))


def test_forever_is_the_last_instant_there_is() -> None:
    assert to_datetime(FOREVER) == datetime.max.replace(tzinfo=UTC)
