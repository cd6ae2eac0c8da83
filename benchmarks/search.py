"""Milliseconds per page of a search among 200,000 freelancers, on both databases.

Run by `python -m benchmarks.search`; takes a few minutes. Exits with 0 whatever the timings.
"""

import asyncio
import signal
import sys
import time
from statistics import median
from typing import Final, NamedTuple

from benchmarks import databases
from benchmarks.databases import MeasuredDatabase
from benchmarks.machine import describe
from benchmarks.search_people import PEOPLE, fill
from benchmarks.search_plans import Recording, plan
from models.clock import system_clock
from models.ledger.entry_feed import EntryFeed
from models.ledger.ledger import Ledger
from models.migrate import open_migrated
from models.store.loaders import Loaders
from models.store.pages import Page
from resolvers.search import FreelancerFilter, FreelancerOrder, freelancers
from resolvers.services import Services

TIMES: Final = 5
PAGE: Final = 20
GOAL_MS: Final = 50

_BY = FreelancerOrder
SEARCHES: Final = (
    ("no text, best rated", FreelancerFilter(), _BY.RELEVANCE),
    ("common word", FreelancerFilter(text="developer"), _BY.RELEVANCE),
    ("two words", FreelancerFilter(text="senior translator"), _BY.RELEVANCE),
    ("as typed", FreelancerFilter(text="python dev"), _BY.RELEVANCE),
    ("rare word", FreelancerFilter(text="kalomiru"), _BY.RELEVANCE),
    ("one letter", FreelancerFilter(text="e"), _BY.RELEVANCE),
    ("found nowhere", FreelancerFilter(text="developer zzzz"), _BY.RELEVANCE),
    ("text, cheapest", FreelancerFilter(text="designer"), _BY.HOURLY_RATE_ASC),
    (
        "text and filters",
        FreelancerFilter(
            text="engineer",
            skills=("python", "sql"),
            min_hourly_rate=5_000,
            max_hourly_rate=9_000,
            countries=("DE", "FR"),
            min_rating=4.0,
            available_now=True,
        ),
        _BY.RELEVANCE,
    ),
    ("skills, newest", FreelancerFilter(skills=("graphql", "react")), _BY.NEWEST),
)


class Timing(NamedTuple):
    name: str
    first_ms: float
    second_ms: float
    plans: list[str]


async def measure(measured: MeasuredDatabase) -> tuple[list[Timing], float]:
    """Measures both pages of every search; also returns the seconds for filling the database."""
    database = await open_migrated(measured.url)
    try:
        started = time.perf_counter()
        await fill(database)
        filled = time.perf_counter() - started
        recording = Recording.around(database)
        ledger = Ledger(database, system_clock)
        loaders = Loaders(recording)
        feed = EntryFeed(recording, ledger, system_clock, loaders)
        services = Services(recording, ledger, system_clock, loaders, None, feed, b"")
        return [await _timing(services, recording, *search) for search in SEARCHES], filled
    finally:
        await database.close()


async def _timing(
    services: Services,
    recording: Recording,
    name: str,
    wanted: FreelancerFilter,
    order: FreelancerOrder,
) -> Timing:
    recording.statements.clear()
    found = await freelancers(services, wanted, order, Page(PAGE))
    plans = [await plan(recording, *statement) for statement in list(recording.statements)]
    first = await _median_ms(services, wanted, order, Page(PAGE))
    if not found.has_next:
        return Timing(name, first, 0.0, plans)
    after = Page(PAGE, found.rows[-1].place)
    return Timing(name, first, await _median_ms(services, wanted, order, after), plans)


async def _median_ms(
    services: Services, wanted: FreelancerFilter, order: FreelancerOrder, page: Page
) -> float:
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        await freelancers(services, wanted, order, page)
        taken.append((time.perf_counter() - started) * 1000)
    return median(taken)


def main() -> None:
    lines = describe()
    for make in (databases.sqlite, databases.postgres):
        with make() as database:
            print(f"{database.name}: {PEOPLE:,} freelancers", file=sys.stderr, flush=True)
            timings, filled = asyncio.run(measure(database))
        lines += ["", f"{database.version}; filled in {filled:.0f} s", ""]
        lines += [f"{'search':<20} {'first page ms':>14} {'second page ms':>15}"]
        for timing in timings:
            over = "  over the goal" if max(timing[1:3]) > GOAL_MS else ""
            second = f"{timing.second_ms:.1f}" if timing.second_ms else "-"
            lines.append(f"{timing.name:<20} {timing.first_ms:>14.1f} {second:>15}{over}")
        slowest = max(timings, key=lambda timing: timing.first_ms)
        lines += ["", f"plans of the slowest, {slowest.name}:", *slowest.plans]
    print("\n".join(lines))


def _end(_number: int, _frame: object) -> None:
    """Ends as with Ctrl-C: stops what was started and removes what was created."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    main()
