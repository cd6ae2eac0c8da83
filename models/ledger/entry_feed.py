"""Following a wallet: delivers each entry, in order, after its commit.

Entries are queued only in the database. A subscriber remembers the last sequence it has read, reads
on from there, and sleeps when there is nothing more, until this process's ledger or the poller
wakes it. A wake-up carries no data, so wake-ups cannot be lost, duplicated or reordered.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import Final, TypeVar
from uuid import UUID

from models.clock import Clock
from models.ledger.commands import Command, Decision, Facts
from models.ledger.ledger import Ledger
from models.rules.facts import Entry
from models.rules.refusals import InvalidInput, InvalidReason, LimitExceeded, TryAgain
from models.store.batching import BatchLoader
from models.store.database import Database, grouped
from models.store.faults import is_passing
from models.store.ledger_tables import ENTRY, IN_IDS, as_uuid, entry_from
from models.store.loaders import Loaders
from models.store.statements import SqlStatement

POLL_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 8.0
RETRY_SECONDS: Final = (0.05, 0.2, 0.5)
SUBSCRIBERS: Final = 10_000
WALLET_SUBSCRIBERS: Final = 200
"""Keeps one user, with their few accounts, from taking all places."""
PAGE: Final = 100
PAGES_AT_ONCE: Final = 50
WALLETS_AT_ONCE: Final = 500

# A wallet's sequences have no gaps, so a page is a range of them.
_PAGES = SqlStatement(
    f"""
    SELECT s.value, {ENTRY.selected}
    FROM json_each(?1) AS a JOIN json_each(?2) AS s ON a.key = s.key
    JOIN entry ON entry.account_id = a.value
              AND entry.sequence > s.value AND entry.sequence <= s.value + {PAGE}
    ORDER BY entry.account_id, s.value, entry.sequence
    """,
    f"""
    SELECT wanted.last, {ENTRY.selected}
    FROM unnest($1::uuid[], $2::bigint[]) AS wanted (account_id, last)
    JOIN entry ON entry.account_id = wanted.account_id
              AND entry.sequence > wanted.last AND entry.sequence <= wanted.last + {PAGE}
    ORDER BY entry.account_id, wanted.last, entry.sequence
    """,
)
POLLED_HEADS = SqlStatement(
    *(
        f"SELECT account_id, sequence, next_event_at, held FROM wallet WHERE account_id {ids}"
        for ids in IN_IDS
    )
)

T = TypeVar("T")

_logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Subscriber:
    """Follows a wallet and has read up to entry `last`. `wake` is set when there may be more."""

    account_id: UUID
    last: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class EntryFeed:
    """One per process and event loop. Call `close` before closing its ledger and its database.

    Every `poll_seconds` the poller finds entries written by other processes and books what is due.
    It runs only while there are subscribers.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        clock: Clock,
        loaders: Loaders,
        *,
        poll_seconds: float = POLL_SECONDS,
        limit: int = SUBSCRIBERS,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._loaders = loaders
        self._poll_seconds = poll_seconds
        self._limit = limit
        self._pages = BatchLoader(self._read_pages, PAGES_AT_ONCE)
        self._subscribers: dict[UUID, set[_Subscriber]] = {}
        self._count = 0
        self._poller: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        ledger.listen(self._wake)

    @property
    def subscribers(self) -> int:
        """The number of subscribers."""
        return self._count

    async def entries(
        self, account_id: UUID, after: int | None = None
    ) -> AsyncGenerator[Entry, None]:
        """Yields the wallet's entries after sequence `after`, then each new one after its commit.

        Without `after`, yields those committed from now on. Ends when the feed is closed. Raises
        InvalidInput for a sequence that the wallet does not have, LimitExceeded, and TryAgain if
        the database does not respond. The iterator also raises the latter two.
        """
        if after is not None and after < 0:
            raise InvalidInput.at(
                "after", f"must be 0 or more, not {after}", InvalidReason.TOO_SMALL, 0
            )
        self._check_room(account_id)
        last = await self._patiently(lambda: self._last_sequence(account_id))
        if after is not None and after > last:
            message = f"is beyond the wallet's last entry, {last}"
            raise InvalidInput.at("after", message, InvalidReason.TOO_LARGE, last)
        return self._follow(_Subscriber(account_id, last if after is None else after))

    async def close(self) -> None:
        """Ends all subscriptions without waiting for their readers."""
        self._closing.set()
        self._wake(list(self._subscribers))
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.wait({self._poller})

    async def _follow(self, subscriber: _Subscriber) -> AsyncGenerator[Entry, None]:
        self._add(subscriber)
        try:
            while not self._closing.is_set():
                # Cleared before the read, so a commit after the read sets it again.
                subscriber.wake.clear()
                page = await self._next_page(subscriber)
                for entry in page:
                    if self._closing.is_set():
                        return
                    subscriber.last = entry.sequence
                    yield entry
                if len(page) < PAGE and not self._closing.is_set():
                    await subscriber.wake.wait()
        finally:
            self._remove(subscriber)

    async def _next_page(self, subscriber: _Subscriber) -> list[Entry]:
        """Returns the next entries, at most PAGE. Faults are ignored while the feed is closing."""
        try:
            return await self._patiently(
                lambda: self._pages.load((subscriber.account_id, subscriber.last))
            )
        except Exception:
            if self._closing.is_set():
                return []
            raise

    def _add(self, subscriber: _Subscriber) -> None:
        self._check_room(subscriber.account_id)
        self._count += 1
        self._subscribers.setdefault(subscriber.account_id, set()).add(subscriber)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="entry feed")

    def _remove(self, subscriber: _Subscriber) -> None:
        self._count -= 1
        those = self._subscribers[subscriber.account_id]
        those.remove(subscriber)
        if not those:
            del self._subscribers[subscriber.account_id]

    def _check_room(self, account_id: UUID) -> None:
        if self._closing.is_set():
            raise TryAgain
        beside = len(self._subscribers.get(account_id, ()))
        if beside >= WALLET_SUBSCRIBERS:
            message = "This wallet has reached the limit of subscriptions on this server."
            raise LimitExceeded(message, limit=WALLET_SUBSCRIBERS, used=beside)
        if self._count >= self._limit:
            message = "This server has reached its limit of subscriptions. Try again later."
            raise LimitExceeded(message, limit=self._limit, used=self._count)

    def _wake(self, account_ids: Iterable[UUID]) -> None:
        for account_id in account_ids:
            for subscriber in self._subscribers.get(account_id, ()):
                subscriber.wake.set()

    async def _last_sequence(self, account_id: UUID) -> int:
        """Returns the sequence of the wallet's last entry, after booking everything that is due."""
        wallet = await self._loaders.wallets.load(account_id)
        assert wallet is not None, "every account has a wallet"
        now = self._clock()
        if wallet.next_event_at > now and not (
            wallet.held and await self._loaders.has_ended_hold(account_id, now)
        ):
            return wallet.sequence
        posted = await self._ledger.post(_booking(account_id))
        assert posted.wallet is not None
        return posted.wallet.sequence

    async def _read_pages(self, names: list[tuple[UUID, int]]) -> list[list[Entry]]:
        """Returns the next entries for each wallet and sequence."""
        distinct = list(dict.fromkeys(names))
        rows = await self._database.fetch(
            _PAGES, [account_id for account_id, _ in distinct], [last for _, last in distinct]
        )
        pages = grouped(((as_uuid(row[1]), row[0], row[1:]) for row in rows), width=2)
        return [[entry_from(row[2]) for row in pages.get(name, ())] for name in names]

    async def _patiently(self, read: Callable[[], Awaitable[T]]) -> T:
        """Returns the result of `read`, retrying a few times. Raises TryAgain if all fail."""
        for seconds in RETRY_SECONDS:
            try:
                return await read()
            except Exception as error:
                if self._closing.is_set() or not is_passing(error):
                    raise
                _logger.warning(
                    "a read for a subscription failed with a transient fault: %r", error
                )
            await asyncio.sleep(seconds)
        raise TryAgain

    async def _poll(self) -> None:
        failures = 0
        while self._subscribers:
            pause = self._poll_seconds * 2 ** min(failures, 10)
            await asyncio.sleep(min(pause, LONGEST_PAUSE_SECONDS))
            try:
                await self._look()
                failures = 0
            except Exception as error:
                failures += 1
                _logger.warning("attempt %d to poll for new entries failed: %r", failures, error)

    async def _look(self) -> None:
        """Wakes subscribers whose wallets have new entries, then books what is due there."""
        due: list[UUID] = []
        holders: list[UUID] = []
        for account_ids in _slices(self._subscribers):
            for row in await self._database.fetch(POLLED_HEADS, account_ids):
                account_id, (sequence, next_event_at, held) = as_uuid(row[0]), row[1:]
                for subscriber in self._subscribers.get(account_id, ()):
                    if subscriber.last < sequence:
                        subscriber.wake.set()
                if next_event_at <= self._clock():
                    due.append(account_id)
                elif held:
                    holders.append(account_id)
        now = self._clock()
        ended = await asyncio.gather(
            *(self._loaders.has_ended_hold(account_id, now) for account_id in holders)
        )
        due += compress(holders, ended)
        for account_ids in _slices(due):
            await self._book(account_ids)

    async def _book(self, account_ids: list[UUID]) -> None:
        """Booking makes the ledger wake the subscribers. Failures are retried at the next poll."""
        answers = await asyncio.gather(
            *(self._ledger.post(_booking(account_id)) for account_id in account_ids),
            return_exceptions=True,
        )
        failed = [answer for answer in answers if isinstance(answer, Exception)]
        if failed:
            _logger.warning("%d wallets were not brought up to date: %r", len(failed), failed[0])


def _slices(account_ids: Collection[UUID]) -> Sequence[list[UUID]]:
    remaining = iter(list(account_ids))
    return list(iter(lambda: list(islice(remaining, WALLETS_AT_ONCE)), []))


def _booking(account_id: UUID) -> Command:
    """Books what is due in the account's wallet, and does nothing else."""
    return Command(decide=_nothing, account_id=account_id)


def _nothing(_facts: Facts) -> Decision:
    return Decision()
