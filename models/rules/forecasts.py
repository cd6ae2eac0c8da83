"""Forecasts: how long a wallet lasts, and what of it lapses, if spending goes on as it did.

The rule, which docs/api.md tells as well:

- The pace is what was spent in each of the last 28 days, each of 24 hours up to now, or since the
  wallet was opened. The highest and the lowest days, one for each 14 days begun, are counted as the
  next ones to them (a winsorised mean), so that one wild day changes nothing. Under 3 days all
  count as they are.
- At that pace Connects are drawn from the lots, the soonest to expire first, and from each monthly
  grant once it has come, as the price list stands. What is left of a lot when it expires lapses.
- The forecast looks 5 years ahead.
- The package that fits is the smallest one that covers what would be missing in the next 30 days,
  or the largest one where none does. None is needed where nothing would be missing.

All is computed in whole numbers: Connects times the days of the pace, in microseconds.
"""

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple, Protocol, TypeVar

from models.rules.instants import DAY, add_months, start_of_month
from models.rules.kinds import AccountKind
from models.rules.prices import PriceList

DAYS: Final = 28
DAYS_FOR_EACH_CUT: Final = 14
FEWEST_DAYS_TO_CUT: Final = 3
MONTHS_AHEAD: Final = 60
COVERED_DAYS: Final = 30


class Pace(NamedTuple):
    """So many Connects in so many days (1 or more)."""

    connects: int
    days: int

    @property
    def daily(self) -> float:
        return self.connects / self.days


class Supply(NamedTuple):
    """Connects that can be spent from the instant `since` until they lapse at `expires_at`."""

    expires_at: int
    since: int
    connects: int


class Forecast(NamedTuple):
    """`runs_out_at` is None where that is not within the time looked ahead.

    `lapses_unused`: Connects of the present lots, rounded down. `missing`: Connects that would be
    asked for in the next COVERED_DAYS days and not be there, rounded up.
    """

    pace: Pace
    runs_out_at: int | None
    lapses_unused: int
    missing: int


class Sized(Protocol):
    @property
    def connects(self) -> int: ...


P = TypeVar("P", bound=Sized)


def days_known(opened_at: int, now: int) -> int:
    """How many whole days, 1 to DAYS, there are to go by since a wallet was opened."""
    return max(1, min(DAYS, (now - opened_at) // DAY))


def pace(spent_by_day: Sequence[int]) -> Pace:
    """The pace of days (1 or more) of which each has its Connects spent, in any order."""
    days = len(spent_by_day)
    cut = -(-days // DAYS_FOR_EACH_CUT) if days >= FEWEST_DAYS_TO_CUT else 0
    ordered = sorted(spent_by_day)
    lowest, highest = ordered[cut], ordered[days - 1 - cut]
    return Pace(sum(min(max(spent, lowest), highest) for spent in ordered), days)


def grants_ahead(prices: PriceList, kind: AccountKind, last_month: int, now: int) -> list[Supply]:
    """The monthly grants after `last_month`, MONTHS_AHEAD of them, as the price list stands."""
    grants = []
    for month in range(last_month + 1, last_month + 1 + MONTHS_AHEAD):
        at = start_of_month(month)
        rule = prices.grant_rule(kind, at)
        if at > now and rule is not None and rule.connects:
            grants.append(Supply(add_months(at, rule.lifetime_months), at, rule.connects))
    return grants


def forecast(pace: Pace, present: Iterable[Supply], grants: Iterable[Supply], now: int) -> Forecast:
    """What becomes of the `present` supplies at that pace, `grants` coming in meanwhile."""
    outlook = _Outlook(pace, present, grants, now)
    horizon = add_months(now, MONTHS_AHEAD)
    while outlook.at < horizon:
        outlook.go_on(horizon)
    unit = outlook.unit
    return Forecast(pace, outlook.runs_out_at, outlook.lapsed // unit, -(-outlook.missing // unit))


def package_that_fits(packages: Iterable[P], missing: int) -> P | None:
    """The smallest that has as many Connects as are missing, else the largest; None for none."""
    ordered = sorted(packages, key=lambda package: package.connects)
    if not missing or not ordered:
        return None
    return next((package for package in ordered if package.connects >= missing), ordered[-1])


class _Share(NamedTuple):
    """What is left of a supply, in Connects times the unit. Those that lapse first come first."""

    expires_at: int
    since: int
    left: int
    is_present: bool


class _Outlook:
    """A wallet on its way into the future. Amounts are in Connects times `unit`.

    In a microsecond, as many such amounts are spent as the pace has Connects.
    """

    def __init__(
        self, pace: Pace, present: Iterable[Supply], grants: Iterable[Supply], now: int
    ) -> None:
        self.unit = pace.days * DAY
        self.at = now
        self.lapsed = self.missing = 0
        self.runs_out_at: int | None = None
        self._spent = pace.connects
        self._covered_until = now + COVERED_DAYS * DAY
        self._stock = [self._part(supply, is_present=True) for supply in present]
        heapify(self._stock)
        self._coming = sorted(grants, key=lambda grant: grant.since, reverse=True)

    def go_on(self, horizon: int) -> None:
        """Goes on until the next grant comes, a part is spent or lapses, or to the horizon."""
        until = min(self._coming[-1].since, horizon) if self._coming else horizon
        if self._stock:
            self._draw(until)
        else:
            self._lack(until)
        while self._coming and self._coming[-1].since <= self.at:
            heappush(self._stock, self._part(self._coming.pop(), is_present=False))

    def _draw(self, until: int) -> None:
        """Draws from the part that lapses first."""
        part = heappop(self._stock)
        until = max(self.at, min(until, part.expires_at))
        left = part.left - self._spent * (until - self.at)
        if left <= 0:
            # Rounded up to the microsecond.
            until = min(until, self.at - (-part.left // self._spent)) if self._spent else until
        elif until < part.expires_at:
            heappush(self._stock, part._replace(left=left))
        elif part.is_present:
            self.lapsed += left
        self.at = until

    def _lack(self, until: int) -> None:
        """Nothing is there to be drawn from."""
        if self._spent and self.runs_out_at is None:
            self.runs_out_at = self.at
        lacking = max(0, min(until, self._covered_until) - self.at)
        self.missing += self._spent * lacking
        self.at = until

    def _part(self, supply: Supply, *, is_present: bool) -> _Share:
        return _Share(supply.expires_at, supply.since, supply.connects * self.unit, is_present)
