"""Spending: what a range of a wallet's entries spent, by action, member or job.

Of a long range, whole quarters of an hour are read from kept sums, and the rest from the entries
themselves, so that the answer is of the moment at which its operation read the wallet.
"""

import asyncio
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.rules.facts import Wallet
from models.rules.history.spending import (
    QUARTER,
    Interval,
    Period,
    Slots,
    SpendingBy,
    SpendTotal,
    periods,
    slots_between,
)
from models.rules.instants import DAY
from models.rules.refusals import InvalidInput, InvalidReason
from models.store.history import spending_outcomes, spending_sums, sums
from models.store.history.roll_ups import LATE
from models.store.history.spending_sums import NOTHING_COVERED, Covered, TooManyError
from resolvers.history import statements
from resolvers.inputs import Checks
from resolvers.services import Services

MOST_ROWS: Final = 1_000
MOST_DAYS: Final = 1_000
"""How long a range may be that is divided into days."""
MOST_KEPT: Final = 198 * MOST_ROWS
"""MOST_ROWS rows have no more kept sums: one for 3,660 days has 6 of quarters of an hour, 10 of
hours, 6 of 6 hours, 62 of days and 114 of 32 days."""
MOST_JUDGED: Final = 200_000
"""Of how many entries replies and hires are counted: a second."""
UTC_NAME: Final = "UTC"
_ZONE_NAME: Final = re.compile(r"(?!(?:posix|right)/)[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,3}")
_NO_ZONES: Final = frozenset({"localtime", "Factory", "posixrules"})
"""Files beside those of time zones, which can be read like them."""

SpendingKey = tuple[int, str]
"""The number of a period, and what was spent on."""


class SpendingQuery(NamedTuple):
    """The range [start, end), what its rows are for, and how it is divided."""

    start: int
    end: int
    by: SpendingBy
    interval: Interval | None = None
    time_zone: str = UTC_NAME


class SpentInPeriod(NamedTuple):
    """`at`: the start of the interval. `spent_on`: an action, or the id of a member or job; empty:
    none.
    """

    key: SpendingKey
    at: int | None
    spent_on: str
    spent: SpendTotal


def check(services: Services, asked: SpendingQuery) -> None:
    """Raises InvalidInput for a wrong range or zone, or too many intervals."""
    statements.check_range(services, asked.start, asked.end)
    checks = Checks()
    if not is_time_zone(asked.time_zone):
        message = "must be the name of an IANA time zone, such as Europe/Berlin"
        checks.wrong("timeZone", message, InvalidReason.NOT_A_TIME_ZONE)
    if asked.interval is Interval.DAY and asked.end - asked.start > MOST_DAYS * DAY:
        message = f"may be DAY for {MOST_DAYS} days at most: choose WEEK or MONTH, or a later from"
        checks.wrong("interval", message, InvalidReason.TOO_MANY, MOST_DAYS)
    checks.done()


async def spending(services: Services, wallet: Wallet, asked: SpendingQuery) -> list[SpentInPeriod]:
    """The rows in the order of their intervals, and of each the most Connects first.

    Raises InvalidInput as `check` does, and for more than MOST_ROWS rows.
    """
    check(services, asked)
    parts = _periods(asked)
    async with services.loaders.summing:
        found = await _SpendingReading(services, wallet, asked.by, parts).read()
    rows = [SpentInPeriod(key, parts[key[0]].at, key[1], spent) for key, spent in found.items()]
    rows.sort(key=lambda row: (row.key[0], -row.spent.connects, row.spent_on))
    return rows


def _periods(asked: SpendingQuery) -> list[Period]:
    return periods(asked.start, asked.end, asked.interval, ZoneInfo(asked.time_zone))


def is_time_zone(name: str) -> bool:
    """Whether `name` is that of a time zone in the IANA database."""
    # Not `available_timezones`, which reads 600 files and stops all other requests meanwhile.
    if name in _NO_ZONES or not _ZONE_NAME.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


class _SpendingReading:
    """Reads the sums of one answer."""

    def __init__(
        self, services: Services, wallet: Wallet, by: SpendingBy, parts: Sequence[Period]
    ) -> None:
        self._services = services
        self._database = services.database
        self._wallet = wallet
        self._by = by
        self._parts = parts
        self._starts = [part.start for part in parts]

    async def read(self) -> dict[SpendingKey, SpendTotal]:
        if not self._parts:
            return {}
        account_id, upto = self._wallet.account_id, self._wallet.sequence
        start, end = self._parts[0].start, self._parts[-1].end
        whole = await sums.span(self._database, account_id, upto, start, end)
        covered = NOTHING_COVERED
        if whole.upto - whole.after > LATE:
            covered = await spending_sums.covered(self._database, account_id, self._by, upto)
            if upto - covered.sequence > LATE:
                self._services.loaders.roll_ups.begin(account_id, self._by, upto)
        found = _RowSums()
        if not await self._add_kept(found, covered):
            covered = NOTHING_COVERED
        for start, end in _runs(_left_out(self._parts, covered)):
            await self._add_entries(found, start, end)
        return found.rows

    async def _add_kept(self, found: "_RowSums", covered: Covered) -> bool:
        """Returns False if the sums were deleted meanwhile, and nothing was added."""
        wanted = [
            (number, slots)
            for number, part in enumerate(self._parts)
            for slots in _kept_slots(part, covered)
        ]
        if not wanted:
            return True
        try:
            kept = await spending_sums.kept(
                self._database,
                self._wallet.account_id,
                self._by,
                covered.sequence,
                wanted,
                MOST_KEPT,
            )
        except TooManyError:
            raise _too_many_rows() from None
        for part, spent_on, spent in kept or ():
            found.add((part, spent_on), spent)
        return kept is not None

    async def _add_entries(self, found: "_RowSums", start: int, end: int) -> None:
        account_id, upto = self._wallet.account_id, self._wallet.sequence
        span = await sums.span(self._database, account_id, upto, start, end)
        for piece in sums.pieces(span):
            for quarter, spent_on, spent in await spending_sums.of_entries(
                self._database, account_id, self._by, piece
            ):
                found.add((part_of(self._starts, quarter, start), spent_on), spent)


class _RowSums:
    """Sums by key, of which there may be MOST_ROWS."""

    def __init__(self) -> None:
        self.rows: dict[SpendingKey, SpendTotal] = {}

    def add(self, key: SpendingKey, spent: SpendTotal) -> None:
        """Raises InvalidInput if that makes too many rows."""
        before = self.rows.get(key)
        if before is not None:
            spent = SpendTotal(before.connects + spent.connects, before.spends + spent.spends)
        elif len(self.rows) == MOST_ROWS:
            raise _too_many_rows()
        self.rows[key] = spent


def part_of(starts: Sequence[int], quarter: int, start: int) -> int:
    """The number of the period of what was found in a quarter of a run that begins at `start`."""
    return bisect_right(starts, max(quarter * QUARTER, start)) - 1


def _kept_slots(part: Period, covered: Covered) -> list[Slots]:
    first, end = -(-part.start // QUARTER), min(part.end // QUARTER, covered.quarter)
    return slots_between(first, end) if first < end else []


def _left_out(parts: Iterable[Period], covered: Covered) -> Iterable[tuple[int, int]]:
    """The times of each period that the kept sums leave out."""
    for _, start, end in parts:
        first, last = -(-start // QUARTER), min(end // QUARTER, covered.quarter)
        if first < last:
            yield start, first * QUARTER
            yield last * QUARTER, end
        else:
            yield start, end


def _runs(times: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Joins times that follow each other, so that only runs begin or end within a quarter."""
    run: tuple[int, int] | None = None
    for start, end in chain(times, [(-1, 0)]):
        if start == end:
            continue
        if run is not None and run[1] == start and start % QUARTER == 0:
            run = (run[0], end)
            continue
        if run is not None:
            yield run
        run = (start, end)


def _too_many_rows() -> InvalidInput:
    message = f"gives more than {MOST_ROWS} rows: choose a shorter range, or a longer interval"
    return InvalidInput.at("from", message, InvalidReason.TOO_MANY, MOST_ROWS)


class RowOutcome(NamedTuple):
    replies: int
    hires: int


NO_OUTCOME: Final = RowOutcome(0, 0)


class RowOutcomes:
    """What came of the spends of some rows, as known now; read once, and only if it is wanted."""

    def __init__(self, services: Services, wallet: Wallet, asked: SpendingQuery) -> None:
        self._services = services
        self._wallet = wallet
        self._asked = asked
        self._lock = asyncio.Lock()
        self._found: dict[SpendingKey, RowOutcome] | None = None

    async def of(self, key: SpendingKey) -> RowOutcome:
        """Raises InvalidInput if the range has more than MOST_JUDGED entries."""
        if self._found is None:
            async with self._lock:
                if self._found is None:
                    async with self._services.loaders.summing:
                        self._found = await self._read()
        return self._found.get(key, NO_OUTCOME)

    async def _read(self) -> dict[SpendingKey, RowOutcome]:
        database, account_id = self._services.database, self._wallet.account_id
        parts = _periods(self._asked)
        starts = [part.start for part in parts]
        replies: defaultdict[SpendingKey, set[str]] = defaultdict(set)
        hires: defaultdict[SpendingKey, set[str]] = defaultdict(set)
        judged = 0
        for start, end in _runs((part.start, part.end) for part in parts):
            span = await sums.span(database, account_id, self._wallet.sequence, start, end)
            judged += span.upto - span.after
            if judged > MOST_JUDGED:
                raise _too_long_to_judge()
            for piece in sums.pieces(span):
                for one in await spending_outcomes.read(
                    database, account_id, self._asked.by, piece
                ):
                    key = (part_of(starts, one.quarter, start), one.spent_on)
                    if one.is_answered:
                        replies[key].add(one.subject)
                    if one.is_hired:
                        hires[key].add(one.job)
        return {key: RowOutcome(len(replies[key]), len(hires[key])) for key in {**replies, **hires}}


def _too_long_to_judge() -> InvalidInput:
    message = (
        f"has more than {MOST_JUDGED} entries to judge: choose a shorter range, "
        "or leave out replies and hires"
    )
    return InvalidInput.at("from", message, InvalidReason.TOO_LARGE, MOST_JUDGED)
