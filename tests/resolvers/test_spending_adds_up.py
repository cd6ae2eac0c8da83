"""Spending of random histories, on both databases, against the book and the statement."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.ledger.entry_feed import EntryFeed
from models.ledger.ledger import Ledger
from models.rules.facts import Entry, Wallet
from models.rules.history.spending import Interval, SpendingBy
from models.rules.instants import to_datetime
from models.store.database import Database, open_database
from models.store.history import roll_ups, spending_sums
from models.store.loaders import Loaders
from models.verify import verify
from resolvers import wallets
from resolvers.history import spending, statements
from resolvers.history.spending import SpendingQuery
from resolvers.services import Services
from tests.books import book_of
from tests.clocks import ManualClock, instant
from tests.models.builders import opened
from tests.resolvers.test_statements_add_up import START, Step, carry_out, ends, steps

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
WAYS = [*product(SpendingBy, (None, *Interval), ZONES)]
Rows = dict[tuple[str | None, str], tuple[int, int]]


def begins(at: int, interval: Interval, zone: str) -> str:
    """The local day on which the interval of an instant begins."""
    day = to_datetime(at).astimezone(ZoneInfo(zone)).date()
    if interval is Interval.WEEK:
        day -= timedelta(days=day.weekday())
    return str(day.replace(day=1) if interval is Interval.MONTH else day)


def naive(entries: list[Entry], asked: SpendingQuery) -> Rows:
    """The Connects and the spends of each row, as a person would add them up."""
    holds: dict[UUID | None, tuple[int, UUID | None]] = {}
    connects: Counter[tuple[str | None, str]] = Counter()
    counts: Counter[tuple[str | None, str]] = Counter()
    for entry in entries:
        spent, member = -entry.connects, entry.actor_id
        if entry.kind == "HOLD":
            before, _ = holds.get(entry.subject_id, (0, None))
            holds[entry.subject_id] = (before + spent, member)
        elif entry.kind == "RELEASE":
            del holds[entry.subject_id]
        elif entry.kind == "CAPTURE":
            spent, member = holds.pop(entry.subject_id)
        if entry.kind not in ("SPEND", "CAPTURE"):
            continue
        if not asked.start <= entry.created_at < asked.end:
            continue
        # The jobs of the histories have the ids of their proposals.
        spent_on = {
            SpendingBy.ACTION: entry.action,
            SpendingBy.MEMBER: member,
            SpendingBy.JOB: entry.subject_id,
        }[asked.by]
        at = asked.interval and begins(entry.created_at, asked.interval, asked.time_zone)
        key = (at, str(spent_on))
        connects[key] += spent
        counts[key] += 1
    return {key: (connects[key], counts[key]) for key in connects}


async def read(services: Services, wallet: Wallet, asked: SpendingQuery) -> Rows:
    """The rows of spending, once they were found to be in order."""
    rows = await spending.spending(services, wallet, asked)
    order = [(row.key[0], -row.spent.connects, row.spent_on) for row in rows]
    assert order == sorted(order)
    return {
        (
            asked.interval and begins(row.at or 0, asked.interval, asked.time_zone),
            row.spent_on,
        ): row.spent
        for row in rows
    }


@contextmanager
def ledger_of(database: Database) -> Iterator[tuple[Services, ManualClock]]:
    clock = ManualClock(instant(START))
    ledger = Ledger(database, clock)
    loaders = Loaders(database)
    feed = EntryFeed(database, ledger, clock, loaders)
    yield Services(database, ledger, clock, loaders, None, feed, b"key"), clock


async def check(
    database: Database, history: list[Step], between: tuple[float, float], step: int
) -> None:
    with ledger_of(database) as (services, clock):
        services.ledger.start()
        try:
            first = clock.now
            holder = await opened(services.ledger)
            await carry_out(services.ledger, clock, holder, history)
            wallet = await wallets.current(services, holder.account_id)
            entries = (await book_of(database, holder.account_id)).entries
            length = clock.now - first
            start, end = sorted(first + round(part * length) for part in between)
            ranges = [(start, end), (first, clock.now), (entries[-1].created_at, clock.now)]
            for upto in sorted({0, wallet.sequence // 2, wallet.sequence}):
                for by in SpendingBy:
                    while await spending_sums.roll_up(database, holder.account_id, by, upto, step):
                        pass
                for (start, end), (by, interval, zone) in product(ranges, WAYS):
                    if interval is Interval.DAY and end - start > 1000 * 86400 * 10**6:
                        continue
                    asked = SpendingQuery(start, end, by, interval, zone)

                    found = await read(services, wallet, asked)

                    assert found == naive(entries, asked), (asked, upto)
                older = wallet._replace(sequence=max(1, upto - 3))
                for by in SpendingBy:
                    asked = SpendingQuery(first, clock.now, by)
                    known = entries[: older.sequence]
                    assert await read(services, older, asked) == naive(known, asked)
                for start, end in ranges:
                    asked = SpendingQuery(start, end, SpendingBy.JOB)
                    total = sum(
                        spent for spent, _ in (await read(services, wallet, asked)).values()
                    )
                    statement = await statements.statement(services, wallet, start, end)
                    assert total == statement.parts.spent
            await services.loaders.roll_ups.close()
        finally:
            await services.ledger.close()


def test_spending_of_random_histories_adds_up_before_and_after_each_roll_up(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that kept sums are read for the shortest ranges, and nothing is rolled up by reads.
    monkeypatch.setattr(spending, "LATE", -1)
    monkeypatch.setattr(roll_ups.RollUps, "begin", lambda *_: None)
    with asyncio.Runner() as runner:
        database = runner.run(open_database(database_url))

        @settings(
            max_examples=10,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(steps, ends, st.integers(1, 9))
        def add_up(history: list[Step], between: tuple[float, float], step: int) -> None:
            runner.run(check(database, history, between, step))

        try:
            add_up()
            assert runner.run(verify(database, limit=10)) == []
        finally:
            runner.run(database.close())
