"""Whoever follows a wallet gets each entry once, in order, whoever wrote it and whatever fails."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from models.ledger.entry_feed import PAGE, POLLED_HEADS, EntryFeed
from models.ledger.ledger import Ledger
from models.rules.facts import Entry
from models.rules.instants import DAY
from models.rules.kinds import EntryKind
from models.rules.refusals import InvalidInput, LimitExceeded, TryAgain
from models.store.database import Database
from models.store.loaders import Loaders
from models.store.statements import SqlStatement
from models.store.transactions import Row
from tests.books import book_of
from tests.clocks import ManualClock
from tests.faults.posting_process import arguments_for
from tests.models.builders import Holder, buying, opened, post_together, spending
from tests.processes import at_once

Following = AsyncGenerator[Entry, None]

SOON = 5.0
NEVER = 3600.0


@dataclass(frozen=True)
class ReadDatabase(Database):
    """`database` in all but this: each read takes the next fault, if any; `reads` holds rows.

    Reads of any other statement than `only`, if it is set, take no fault. `meanwhile` is done once
    each, after a read and before its rows are given.
    """

    faults: list[Exception] = field(default_factory=list)
    meanwhile: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    reads: list[list[Row]] = field(default_factory=list)
    only: SqlStatement | None = None

    async def fetch(self, statement: SqlStatement, *parameters: object) -> list[Row]:
        if self.faults and self.only in (None, statement):
            raise self.faults.pop(0)
        rows = await super().fetch(statement, *parameters)
        self.reads.append(rows)
        while self.meanwhile:
            await self.meanwhile.pop()()
        return rows


@pytest.fixture
def read(database: Database) -> ReadDatabase:
    return ReadDatabase(database.dialect, database.writer, database.reader, database.readers)


@pytest.fixture
async def holder(ledger: Ledger) -> Holder:
    return await opened(ledger)


@asynccontextmanager
async def feed_on(
    database: Database, ledger: Ledger, clock: ManualClock, *, poll_seconds: float = NEVER
) -> AsyncIterator[EntryFeed]:
    feed = EntryFeed(database, ledger, clock, Loaders(database), poll_seconds=poll_seconds)
    yield feed
    await feed.close()
    assert feed.subscribers == 0


async def take(following: Following, entries: int) -> list[int]:
    """The sequences of so many next entries."""
    async with asyncio.timeout(SOON):
        return [(await anext(following)).sequence for _ in range(entries)]


async def the_rest(feed: EntryFeed, following: Following) -> list[int]:
    """What is still given once the feed is closed: nothing, where everything has been given."""
    await feed.close()
    async with asyncio.timeout(SOON):
        return [entry.sequence async for entry in following]


def reading(following: Following) -> "asyncio.Task[Entry]":
    """Waits for the next entry in a task of its own."""

    async def read_one() -> Entry:
        return await anext(following)

    return asyncio.create_task(read_one())


async def fallen_asleep(feed: EntryFeed, following: Following) -> "asyncio.Task[Entry]":
    """A subscriber that has read all there is, and waits for more."""
    waiting = reading(following)
    await asyncio.sleep(0.1)
    assert feed.subscribers == 1
    assert not waiting.done()
    return waiting


async def spend(ledger: Ledger, holder: Holder, times: int) -> None:
    await post_together(ledger, [spending(holder, 1) for _ in range(times)])


async def test_each_of_many_subscribers_gets_every_entry_once_and_in_order(
    feed: EntryFeed, ledger: Ledger, database: Database, holder: Holder
) -> None:
    await ledger.post(buying(holder, 200))
    following = [await feed.entries(holder.account_id, after=0) for _ in range(4)]
    taking = [asyncio.create_task(take(each, 202)) for each in following]

    await asyncio.gather(*(spend(ledger, holder, 20) for _ in range(10)))
    following.append(await feed.entries(holder.account_id, after=0))
    taking.append(asyncio.create_task(take(following[-1], 202)))
    taken = await asyncio.gather(*taking)

    assert taken == [list(range(1, 203))] * 5
    assert [await the_rest(feed, each) for each in following] == [[]] * 5
    assert (await book_of(database, holder.account_id)).wallet.sequence == 202


async def test_they_are_the_entries_of_the_ledger_as_it_holds_them(
    feed: EntryFeed, ledger: Ledger, database: Database, holder: Holder
) -> None:
    await spend(ledger, holder, 3)

    async with aclosing(await feed.entries(holder.account_id, after=0)) as following:
        given = [await anext(following) for _ in range(4)]

    assert given == (await book_of(database, holder.account_id)).entries


async def test_without_a_sequence_they_begin_with_what_comes_next(
    feed: EntryFeed, ledger: Ledger, holder: Holder
) -> None:
    await spend(ledger, holder, 3)

    async with aclosing(await feed.entries(holder.account_id)) as following:
        await spend(ledger, holder, 2)

        assert await take(following, 2) == [5, 6]


async def test_who_comes_back_misses_nothing(
    feed: EntryFeed, ledger: Ledger, holder: Holder
) -> None:
    async with aclosing(await feed.entries(holder.account_id, after=0)) as following:
        await spend(ledger, holder, 2)
        seen = await take(following, 2)
    await spend(ledger, holder, 3)

    async with aclosing(await feed.entries(holder.account_id, after=seen[-1])) as following:
        assert seen + await take(following, 4) == [1, 2, 3, 4, 5, 6]


async def test_entries_of_other_wallets_are_not_given(
    feed: EntryFeed, ledger: Ledger, holder: Holder
) -> None:
    other = await opened(ledger)

    async with aclosing(await feed.entries(holder.account_id)) as following:
        await spend(ledger, other, 5)
        await spend(ledger, holder, 1)

        assert (await anext(following)).account_id == holder.account_id
        assert await the_rest(feed, following) == []


async def test_the_ledger_wakes_those_who_wait_without_any_polling(
    database: Database, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    async with feed_on(database, ledger, clock) as feed:
        following = await feed.entries(holder.account_id)
        waiting = await fallen_asleep(feed, following)

        await spend(ledger, holder, 1)

        async with asyncio.timeout(SOON):
            assert (await waiting).sequence == 2
        assert await the_rest(feed, following) == []


async def test_what_is_committed_while_one_reads_is_not_slept_through(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    async with feed_on(read, ledger, clock) as feed:
        async with aclosing(await feed.entries(holder.account_id)) as following:
            read.meanwhile.append(lambda: spend(ledger, holder, 1))

            assert await take(following, 1) == [2]
        assert [len(rows) for rows in read.reads[-2:]] == [0, 1]


async def test_what_other_processes_write_arrives(
    feed: EntryFeed, clock: ManualClock, database_url: str, holder: Holder
) -> None:
    following = await feed.entries(holder.account_id)
    waiting = await fallen_asleep(feed, following)

    spends = arguments_for(database_url, clock.now, "spend", 15, "", holder)
    await at_once("tests.faults.posting_process", spends, spends)

    async with asyncio.timeout(SOON):
        assert [(await waiting).sequence, *await take(following, 29)] == list(range(2, 32))
    assert await the_rest(feed, following) == []


async def test_what_falls_due_arrives_when_it_falls_due(
    feed: EntryFeed, clock: ManualClock, holder: Holder
) -> None:
    following = await feed.entries(holder.account_id)
    waiting = await fallen_asleep(feed, following)

    clock.move_to("2026-11-30T23:59:59.999999+00:00")
    await asyncio.sleep(0.1)
    assert not waiting.done()
    clock.advance(1)

    async with asyncio.timeout(SOON):
        grant = await waiting
        assert (grant.kind, grant.connects, grant.created_at) == (EntryKind.GRANT, 60, clock.now)
        clock.advance(360 * DAY)
        kinds = [(await anext(following)).kind for _ in range(12)]
    assert EntryKind.EXPIRY in kinds


async def test_what_is_due_at_the_start_is_booked_first(
    feed: EntryFeed, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    clock.move_to("2026-12-01T00:00:00+00:00")

    async with aclosing(await feed.entries(holder.account_id)) as following:
        await spend(ledger, holder, 1)

        assert await take(following, 1) == [3]


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (-1, "must be 0 or more, not -1"),
        (2, "is beyond the wallet's last entry, 1"),
        (2**31 - 1, "is beyond the wallet's last entry, 1"),
    ],
)
async def test_a_sequence_that_the_wallet_does_not_have_is_refused(
    feed: EntryFeed, holder: Holder, after: int, message: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await feed.entries(holder.account_id, after)

    assert [(field.path, field.message) for field in refused.value.fields] == [
        (("after",), message)
    ]


async def test_there_are_only_so_many_subscribers(
    database: Database, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    feed = EntryFeed(database, ledger, clock, Loaders(database), limit=1)
    async with aclosing(await feed.entries(holder.account_id, after=0)) as following:
        second = await feed.entries(holder.account_id, after=0)
        await take(following, 1)

        with pytest.raises(LimitExceeded) as refused:
            await feed.entries(holder.account_id)
        with pytest.raises(LimitExceeded):
            await anext(second)

    assert (refused.value.used, refused.value.limit) == (1, 1)
    async with aclosing(await feed.entries(holder.account_id, after=0)) as following:
        assert await take(following, 1) == [1]


async def test_closing_ends_those_who_wait_and_those_who_read(
    feed: EntryFeed, ledger: Ledger, holder: Holder
) -> None:
    waiting = await fallen_asleep(feed, await feed.entries(holder.account_id))
    other = await opened(ledger)
    await spend(ledger, other, 5)
    half_read = await feed.entries(other.account_id, after=0)
    await take(half_read, 1)

    async with asyncio.timeout(1):
        await feed.close()
        with pytest.raises(StopAsyncIteration):
            await waiting
        with pytest.raises(StopAsyncIteration):
            await anext(half_read)
    with pytest.raises(TryAgain):
        await feed.entries(holder.account_id)
    assert feed.subscribers == 0


@pytest.mark.parametrize("ticks", [*range(12), 30, 100])
async def test_a_cancelled_subscriber_leaves_nothing_and_harms_nobody(
    feed: EntryFeed, ledger: Ledger, holder: Holder, ticks: int
) -> None:
    following = await feed.entries(holder.account_id)
    waiting = reading(following)
    for _ in range(ticks):
        await asyncio.sleep(0)

    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting

    assert feed.subscribers == 0
    async with aclosing(await feed.entries(holder.account_id, after=0)) as again:
        await spend(ledger, holder, 1)
        assert await take(again, 2) == [1, 2]


async def test_who_stops_reading_leaves_nothing_not_even_the_poller(
    feed: EntryFeed, holder: Holder
) -> None:
    unread = await feed.entries(holder.account_id)
    read = await feed.entries(holder.account_id, after=0)
    await take(read, 1)
    assert polling()

    await read.aclose()
    await unread.aclose()

    assert feed.subscribers == 0
    await asyncio.sleep(0.1)
    assert not polling()


def polling() -> bool:
    return any(task.get_name() == "entry feed" for task in asyncio.all_tasks())


async def test_who_reads_slowly_is_kept_one_page_however_much_there_is(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    await ledger.post(buying(holder, 300))
    async with feed_on(read, ledger, clock) as feed:
        async with aclosing(await feed.entries(holder.account_id, after=0)) as following:
            await take(following, 1)
            read.reads.clear()

            await spend(ledger, holder, 300)
            await asyncio.sleep(0.05)

            assert read.reads == []
            assert await take(following, 301) == list(range(2, 303))
        assert max(map(len, read.reads)) == PAGE


async def test_those_who_wait_together_read_together(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    other = await opened(ledger)
    async with feed_on(read, ledger, clock) as feed:
        following = [
            await feed.entries(account_id)
            for account_id in (holder.account_id, other.account_id) * 10
        ]
        waiting = [reading(each) for each in following]
        await asyncio.sleep(0.1)
        read.reads.clear()

        await post_together(ledger, [spending(holder, 1), spending(other, 1)])
        entries = await asyncio.gather(*waiting)

        assert {(entry.account_id, entry.sequence) for entry in entries} == {
            (holder.account_id, 2),
            (other.account_id, 2),
        }
        assert [len(rows) for rows in read.reads] == [2]
        for each in following:
            await each.aclose()


async def test_the_poller_looks_at_all_wallets_with_one_statement(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock
) -> None:
    holders = [await opened(ledger) for _ in range(3)]
    async with feed_on(read, ledger, clock, poll_seconds=0.05) as feed:
        waiting = [reading(await feed.entries(holder.account_id)) for holder in holders]
        read.reads.clear()

        await asyncio.sleep(0.3)

        looks = [len(rows) for rows in read.reads if rows]
        assert set(looks) == {3}
        assert len(looks) <= 7
        await feed.close()
        await asyncio.wait(waiting)
        assert {type(each.exception()) for each in waiting} == {StopAsyncIteration}


async def test_a_passing_fault_is_outlived(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    async with feed_on(read, ledger, clock) as feed:
        read.faults.extend([TimeoutError("in a test")] * 2)
        following = await feed.entries(holder.account_id, after=0)
        read.faults.extend([TimeoutError("in a test")] * 2)

        assert await take(following, 1) == [1]
        await following.aclose()


async def test_a_fault_that_lasts_ends_the_subscription(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    async with feed_on(read, ledger, clock) as feed:
        following = await feed.entries(holder.account_id, after=0)
        read.faults.extend([TimeoutError("in a test")] * 20)

        with pytest.raises(TryAgain):
            await anext(following)
        with pytest.raises(TryAgain):
            await feed.entries(holder.account_id)

        assert feed.subscribers == 0
        assert read.faults


async def test_what_is_no_passing_fault_is_not_tried_again(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    async with feed_on(read, ledger, clock) as feed:
        following = await feed.entries(holder.account_id, after=0)
        read.faults.extend([ZeroDivisionError("in a test")] * 2)

        with pytest.raises(ZeroDivisionError):
            await anext(following)

        assert len(read.faults) == 1


async def test_the_poller_outlives_any_fault(
    read: ReadDatabase, ledger: Ledger, clock: ManualClock, holder: Holder
) -> None:
    unheard = Ledger(read, clock)
    unheard.start()
    read = replace(read, only=POLLED_HEADS)
    async with feed_on(read, ledger, clock, poll_seconds=0.01) as feed:
        following = await feed.entries(holder.account_id)
        waiting = await fallen_asleep(feed, following)
        read.faults.extend([TimeoutError("in a test"), ZeroDivisionError("in a test")] * 2)

        await spend(unheard, holder, 1)

        async with asyncio.timeout(SOON):
            assert (await waiting).sequence == 2
        assert read.faults == []
        await following.aclose()
    await unheard.close()


async def test_a_wallet_that_cannot_be_brought_up_to_date_keeps_no_other_waiting(
    database: Database, ledger: Ledger, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.ledger.entry_feed.WALLETS_AT_ONCE", 1)
    holders = [await opened(ledger) for _ in range(3)]
    post = ledger.post

    async def post_but_not_for_the_first(command: object) -> object:
        if getattr(command, "account_id", None) == holders[0].account_id:
            raise TryAgain
        return await post(command)  # type: ignore[arg-type]

    async with feed_on(database, ledger, clock, poll_seconds=0.02) as feed:
        following = [await feed.entries(holder.account_id) for holder in holders]
        waiting = [reading(each) for each in following]
        await asyncio.sleep(0.05)
        with monkeypatch.context() as stuck:
            stuck.setattr(ledger, "post", post_but_not_for_the_first)
            clock.move_to("2026-12-01T00:00:00+00:00")

            async with asyncio.timeout(SOON):
                assert [(await each).kind for each in waiting[1:]] == [EntryKind.GRANT] * 2
            assert not waiting[0].done()

        async with asyncio.timeout(SOON):
            assert (await waiting[0]).kind == EntryKind.GRANT
        for each in following:
            await each.aclose()


async def test_an_account_without_a_wallet_is_a_mistake_of_the_caller(feed: EntryFeed) -> None:
    with pytest.raises(AssertionError, match="every account has a wallet"):
        await feed.entries(UUID(int=1))
