"""Statements of random histories, on both databases, against the book read entry by entry."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.ledger.commands import Command, Decision, Posted
from models.ledger.entry_feed import EntryFeed
from models.ledger.ledger import Ledger
from models.rules.facts import Entry
from models.rules.kinds import BoostStatus, EntryKind
from models.rules.postings import Return
from models.rules.refusals import InsufficientConnects
from models.store.database import Database, open_database
from models.store.history import sums
from models.store.loaders import Loaders
from models.tables import Boost
from resolvers import wallets
from resolvers.history import statements
from resolvers.services import Services
from tests.books import book_of
from tests.clocks import ManualClock, instant
from tests.models.boosting import boosted, ended
from tests.models.builders import Holder, buying, opened, post_together, spending, touching

START = "2027-11-22T09:30:00+00:00"
DAY = 24 * 60 * 60 * 1_000_000


class Step(NamedTuple):
    """What happens, of how many Connects or days."""

    what: str
    number: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(
            [
                *("spend", "spend", "buy", "give back", "wait", "months go by"),
                *("boost", "boost", "outbid", "charge"),
            ]
        ),
        st.integers(1, 60),
    ),
    min_size=1,
    max_size=25,
)
ends = st.tuples(st.floats(0, 1), st.floats(0, 1))


async def carry_out(ledger: Ledger, clock: ManualClock, holder: Holder, steps: list[Step]) -> None:
    spent: list[tuple[Any, int]] = []
    boosts: list[Boost] = []
    for what, number in steps:
        match what:
            case "spend":
                (posted,) = await post_together(ledger, [spending(holder, number)])
                if isinstance(posted, Posted):
                    spent.append((posted.subject_id, number))
            case "buy":
                await ledger.post(buying(holder, number, lifetime_months=1 + number % 3))
            case "give back" if spent:
                subject_id, connects = spent.pop()
                what_comes = Decision(movement=Return(min(connects, number), subject_id))
                await ledger.post(
                    Command(
                        decide=lambda _, it=what_comes: it,  # type: ignore[misc]
                        account_id=holder.account_id,
                        returns=subject_id,
                    )
                )
            case "boost":
                with suppress(InsufficientConnects):
                    boosts.append(await boosted(ledger, holder, number % 20 + 1))
            case "outbid" | "charge" if boosts and boosts[-1].closes_at > clock.now:
                status = BoostStatus.OUTBID if what == "outbid" else BoostStatus.CHARGED
                await ended(ledger, boosts.pop(), status, now=clock.now)
            case "wait":
                clock.advance(number * DAY // 7)
            case "months go by":
                clock.advance(number * 10 * DAY)
                await ledger.post(touching(holder))


def naive(entries: list[Entry], start: int, end: int) -> dict[str, int]:
    """The parts of a statement, as a person would add them up."""
    before = [entry for entry in entries if entry.created_at < start]
    within = [entry for entry in entries if start <= entry.created_at < end]
    by_kind: Counter[str] = Counter()
    for entry in within:
        by_kind[entry.kind] += entry.connects
    upto = [*before, *within]
    captured = charged(upto) - charged(before)
    return {
        "opening": before[-1].available_after if before else 0,
        "closing": upto[-1].available_after if upto else 0,
        "granted": by_kind["GRANT"],
        "purchased": by_kind["PURCHASE"],
        "spent": -by_kind["SPEND"] + captured,
        "on boosts": captured,
        "held": -by_kind["HOLD"] - by_kind["RELEASE"] - captured,
        "expired": -by_kind["EXPIRY"],
        "returned": by_kind["RETURN"],
        "entries": len(within),
        "paid": 15 * by_kind["PURCHASE"],
    }


def charged(entries: list[Entry]) -> int:
    """What was held of each subject when it was captured."""
    held: Counter[Any] = Counter()
    captured = 0
    for entry in entries:
        if entry.kind in ("HOLD", "RELEASE"):
            held[entry.subject_id] -= entry.connects
        elif entry.kind == "CAPTURE":
            captured += held.pop(entry.subject_id)
    return captured


async def check(
    database: Database, history: list[Step], between: tuple[float, float], seen: set[str]
) -> None:
    clock = ManualClock(instant(START))
    ledger = Ledger(database, clock)
    ledger.start()
    try:
        loaders = Loaders(database)
        feed = EntryFeed(database, ledger, clock, loaders)
        services = Services(database, ledger, clock, loaders, None, feed, b"key")
        first = clock.now
        holder = await opened(ledger)
        await carry_out(ledger, clock, holder, history)
        wallet = await wallets.current(services, holder.account_id)
        book = await book_of(database, holder.account_id)
        length = clock.now - first
        start, end = sorted(first + round(part * length) for part in between)
        times = [entry.created_at for entry in book.entries]
        ranges = [(start, end), (0, 0), (first - DAY, clock.now), (times[-1], times[-1])]
        ranges += [(times[0], times[-1]), (times[len(times) // 2], clock.now)]
        for start, end in ranges:
            found = await statements.statement(services, wallet, start, end)

            parts, (after, upto) = found.parts, found.named.span
            assert naive(book.entries, start, end) == {
                "opening": parts.opening.available,
                "closing": parts.closing.available,
                "granted": parts.granted,
                "purchased": parts.purchased,
                "spent": parts.spent,
                "on boosts": parts.spent_by_action.get("BOOST_PROPOSAL", 0),
                "held": parts.held,
                "expired": parts.expired,
                "returned": parts.returned,
                "entries": upto - after,
                "paid": sum(amount.amount_minor for amount in found.paid),
            }
            came = parts.granted + parts.purchased + parts.returned + parts.adjusted
            went = parts.spent + parts.expired + parts.held
            assert parts.opening.available + came - went == parts.closing.available
            assert sum(parts.spent_by_action.values()) == parts.spent
            width = max(1, end - start)
            by_time = await sums.spent(
                database, holder.account_id, found.named.span, start, width, 1
            )
            assert by_time == [parts.spent]
            seen.update(entry.kind for entry in book.entries)
            lines = [
                line async for page in statements.lines(services, found.named) for line in page
            ]
            assert [line.sequence for line in lines] == [*range(after + 1, upto + 1)]
    finally:
        await ledger.close()


def test_statements_of_random_histories_add_up_to_the_unit(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "PIECE", 4)
    monkeypatch.setattr(statements, "LINES_TOGETHER", 3)
    seen: set[str] = set()
    with asyncio.Runner() as runner:
        database = runner.run(open_database(database_url))

        @settings(
            max_examples=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(steps, ends)
        def add_up(history: list[Step], between: tuple[float, float]) -> None:
            runner.run(check(database, history, between, seen))

        try:
            add_up()
        finally:
            runner.run(database.close())
    assert seen == {*EntryKind} - {EntryKind.ADJUSTMENT, EntryKind.REVERSAL}
