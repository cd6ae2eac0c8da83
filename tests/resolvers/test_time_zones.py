"""Which names of time zones are taken."""

from zoneinfo import available_timezones

import pytest

from resolvers.history.spending import is_time_zone

FILES = ("localtime", "Factory", "posixrules")
WRONG = ["", "x" * 10_000, "Europe", "Europe/", "Europe/Nowhere", "../etc/passwd", "/etc/passwd"]


def test_every_zone_of_the_database_is_taken() -> None:
    assert [
        name for name in sorted(available_timezones() - {*FILES}) if not is_time_zone(name)
    ] == []


@pytest.mark.parametrize("name", [*WRONG, *FILES, "posix/UTC", "right/UTC", "tzdata.zi", "UTC\0"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    assert not is_time_zone(name)
