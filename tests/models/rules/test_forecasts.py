"""Forecasts by example, and what holds of all of them."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.forecasts import (
    DAYS,
    Pace,
    Supply,
    days_known,
    forecast,
    grants_ahead,
    pace,
    package_that_fits,
)
from models.rules.instants import DAY, FOREVER, month_of, start_of_month
from models.rules.kinds import AccountKind
from models.rules.prices import GrantRule, PriceList
from tests.clocks import instant

NOW = instant("2026-11-22T09:30:00+00:00")


def in_days(days: float) -> int:
    return NOW + round(days * DAY)


def lot(connects: int, days: float) -> Supply:
    return Supply(in_days(days), NOW, connects)


def grant(connects: int, since: float, until: float) -> Supply:
    return Supply(in_days(until), in_days(since), connects)


@pytest.mark.parametrize(
    ("spent", "connects", "days"),
    [
        ([0] * 28, 0, 28),
        ([2] * 28, 56, 28),
        # One wild day, or two, count as the next highest.
        ([2] * 27 + [500], 56, 28),
        ([2] * 26 + [500, 400], 56, 28),
        ([0] * 27 + [500], 0, 28),
        # A quiet day or two count as the next lowest.
        ([2] * 26 + [0, 0], 56, 28),
        # Once a week is a pace.
        ([7, 0, 0, 0, 0, 0, 0] * 4, 28, 28),
        # Three wild days are no accident.
        ([0] * 25 + [100, 200, 300], 300, 28),
        # New wallets: one day of each end from 3 days on, nothing is cut under that.
        ([9], 9, 1),
        ([9, 0], 9, 2),
        ([9, 0, 1], 3, 3),
        ([1] * 13 + [90], 14, 14),
        ([1] * 13 + [90, 80], 15, 15),
    ],
)
def test_the_pace_by_example(spent: list[int], connects: int, days: int) -> None:
    assert pace(spent) == Pace(connects, days)


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=DAYS), st.integers(0, 10**6))
def test_one_wild_day_changes_nothing_beyond_the_other_days(spent: list[int], wild: int) -> None:
    found = pace([*spent[:-1], wild])

    assert min(spent[:-1]) <= found.daily <= max(spent[:-1])


@pytest.mark.parametrize(
    ("opened", "days"), [(NOW, 1), (in_days(-1.9), 1), (in_days(-3), 3), (in_days(-400), DAYS)]
)
def test_a_wallet_is_known_for_whole_days(opened: int, days: int) -> None:
    assert days_known(opened, NOW) == days


class Case(NamedTuple):
    about: str
    pace: Pace
    present: list[Supply]
    grants: list[Supply]
    runs_out: float | None
    lapses: int
    missing: int


CASES = [
    Case("nothing is spent", Pace(0, 28), [lot(60, 100)], [], None, 60, 0),
    Case("nothing is there", Pace(28, 28), [], [], 0, 0, 30),
    Case("nothing is there or spent", Pace(0, 28), [], [], None, 0, 0),
    Case("ten days are left", Pace(28, 28), [lot(10, 100)], [], 10, 0, 20),
    Case("half of it lapses", Pace(28, 28), [lot(60, 30)], [], 30, 30, 0),
    Case("it lasts to the hour", Pace(28, 28), [lot(30, 30)], [], 30, 0, 0),
    Case(
        "the soonest to lapse is drawn first",
        Pace(56, 28),
        [lot(50, 1000), lot(100, 40)],
        [],
        65,
        20,
        0,
    ),
    Case("what never lapses lasts", Pace(28, 28), [Supply(FOREVER, NOW, 90)], [], 90, 0, 0),
    Case("grants keep it going", Pace(28, 28), [lot(10, 365)], [grant(60, 8, 373)], 70, 0, 0),
    Case("it runs dry before a grant", Pace(28, 28), [lot(5, 365)], [grant(60, 8, 373)], 5, 0, 3),
    Case(
        "a grant that lapses earlier is drawn first",
        Pace(28, 28),
        [lot(40, 60)],
        [grant(30, 10, 50)],
        60,
        # 10 are drawn before the grant comes, 30 while it is drawn from are not.
        10,
        0,
    ),
    Case("a grant's own rest is not counted", Pace(0, 28), [], [grant(60, 8, 38)], None, 0, 0),
    Case("less than one a day", Pace(1, 28), [lot(2, 400)], [], 56, 0, 0),
    Case("beyond five years nothing is known", Pace(0, 28), [lot(60, 2000)], [], None, 0, 0),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_the_forecast_by_example(case: Case) -> None:
    found = forecast(case.pace, case.present, case.grants, NOW)

    runs_out_at = None if case.runs_out is None else in_days(case.runs_out)
    assert (found.runs_out_at, found.lapses_unused, found.missing) == (
        runs_out_at,
        case.lapses,
        case.missing,
    )


lots = st.lists(st.builds(lot, st.integers(1, 500), st.integers(1, 1500)), max_size=8)
grants = st.lists(
    st.integers(1, 700).flatmap(
        lambda since: st.builds(
            grant, st.integers(1, 100), st.just(since), st.integers(since + 1, since + 400)
        )
    ),
    max_size=8,
)
paces = st.builds(Pace, st.integers(0, 3000), st.integers(1, DAYS))


@given(paces, lots, grants)
def test_no_forecast_promises_more_than_there_is(
    pace: Pace, present: list[Supply], coming: list[Supply]
) -> None:
    found = forecast(pace, present, coming, NOW)

    available = sum(supply.connects for supply in present)
    assert 0 <= found.lapses_unused <= available
    assert 0 <= found.missing <= -(-30 * pace.connects // pace.days)
    if found.runs_out_at is None:
        assert not found.missing
    else:
        assert pace.connects
        days = (found.runs_out_at - NOW) / DAY
        came = sum(supply.connects for supply in coming if supply.since <= found.runs_out_at)
        assert days * pace.daily <= available + came + 1e-3
        assert bool(found.missing) <= (days < 30)
    faster = forecast(pace._replace(connects=pace.connects + 1), present, coming, NOW)
    assert faster.lapses_unused <= found.lapses_unused
    assert faster.missing >= found.missing


def test_grants_ahead_are_those_of_the_price_list() -> None:
    december = start_of_month(month_of(NOW) + 1)
    rules = (
        GrantRule(AccountKind.CLIENT, 60, 12, 0),
        GrantRule(AccountKind.CLIENT, 20, 1, start_of_month(month_of(NOW) + 2)),
    )

    found = grants_ahead(PriceList((), rules), AccountKind.CLIENT, month_of(NOW), NOW)

    assert len(found) == 60
    assert [(one.since, one.connects) for one in found[:2]] == [
        (december, 60),
        (start_of_month(month_of(NOW) + 2), 20),
    ]
    assert grants_ahead(PriceList((), rules), AccountKind.AGENCY, month_of(NOW), NOW) == []


class Package(NamedTuple):
    connects: int


@pytest.mark.parametrize(
    ("missing", "fits"), [(0, None), (1, 10), (10, 10), (11, 20), (80, 80), (81, 80), (10**6, 80)]
)
def test_the_package_that_fits_covers_what_is_missing(missing: int, fits: int | None) -> None:
    packages = [Package(connects) for connects in (80, 10, 20)]

    found = package_that_fits(packages, missing)

    assert (found.connects if found else None) == fits
    assert package_that_fits(packages[:0], missing) is None
