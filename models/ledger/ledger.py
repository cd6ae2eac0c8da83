"""The only code that moves Connects: concurrent commands share one transaction.

With group commit, a spend from a hot wallet costs no more than one from a cold wallet. Batches run
in the ledger's own tasks, so a caller that disconnects cancels nothing. Each command is answered
after its commit. On PostgreSQL the next batch is read and decided while the previous one is
written, so the server and the database work at the same time: under load a quarter more spends from
distinct wallets and a fifth more from a hot one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Final
from uuid import UUID

from models.clock import Clock
from models.ledger.batch import Batch, CommandResult, outcome_from
from models.ledger.commands import Command, Intent, Posted
from models.rules.refusals import TryAgain
from models.store.database import Database
from models.store.faults import is_lost_race, is_passing, is_unavailable
from models.store.ledger_tables import KNOWN_INTENTS

BATCH_LIMIT: Final = 128
SMALL_BATCH: Final = 16
"""With two workers, a batch takes half the queue, but at least this many commands."""
BATCHES_AT_A_TIME: Final = {"sqlite": 1, "postgres": 2}
QUEUE_LIMIT: Final = 4096
PATIENCE_SECONDS: Final = 10.0
LOST_RACES_LIMIT: Final = 3
LOOK_SECONDS: Final = 0.25
"""How often expired deadlines are checked while a batch is running."""
BREAKING_OFF_SECONDS: Final = 1.0
_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 0.5

Listener = Callable[[Collection[UUID]], None]
"""Called after a commit with the accounts whose wallets may have changed."""

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _QueuedCommand:
    command: Command
    answer: "asyncio.Future[Posted]"
    deadline: float
    lost_races: int = field(default=0)

    def give_up(self) -> None:
        """Answers TryAgain now, whatever becomes of the command."""
        self.deadline = 0.0
        self.settle(TryAgain())

    def settle(self, answer: CommandResult) -> None:
        if self.answer.done():
            return
        if isinstance(answer, Posted):
            self.answer.set_result(answer)
        elif isinstance(answer, StopIteration):
            # A future cannot hold StopIteration, which a decision easily raises: next() of nothing.
            self.answer.set_exception(RuntimeError("a decision raised StopIteration"))
        else:
            self.answer.set_exception(answer)


class _Turn:
    """A worker's turn to read and decide; only one worker has it at a time.

    Wallets are therefore locked in queue order, and only the later of two batches waits.
    """

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock
        self._is_mine = False

    async def take(self) -> None:
        await self._lock.acquire()
        self._is_mine = True

    def give(self) -> None:
        """Lets the next worker begin. Does nothing if it has already been let."""
        if self._is_mine:
            self._is_mine = False
            self._lock.release()


class Ledger:
    """The only writer of wallets, lots, entries and draws. `start` it, `post`, `close` it.

    Bound to one event loop. Any number of processes may each run one on the same database.
    """

    def __init__(self, database: Database, clock: Clock, *, queue_limit: int = QUEUE_LIMIT) -> None:
        self._database = database
        self._clock = clock
        self._queue_limit = queue_limit
        self._queue: deque[_QueuedCommand] = deque()
        self._wake = asyncio.Event()
        self._listeners: list[Listener] = []
        self._closing = False
        self._deciding = asyncio.Lock()
        self._workers: list[asyncio.Task[None]] = []
        self._under_way: dict[_Turn, Sequence[_QueuedCommand]] = {}
        self._is_looking = False

    def start(self) -> None:
        for number in range(BATCHES_AT_A_TIME[self._database.dialect]):
            self._workers.append(asyncio.create_task(self._work(), name=f"ledger {number}"))

    def listen(self, listener: Listener) -> None:
        """Calls `listener` after each commit from now on; its exceptions are only logged.

        It must return immediately. It may be passed accounts that did not change, because a refused
        command may also have booked what was due.
        """
        self._listeners.append(listener)

    async def close(self, within: float | None = None) -> None:
        """Finishes accepted commands, then stops. Later commands raise TryAgain.

        Whatever takes longer than `within` seconds is answered with TryAgain and cancelled.
        Cancelling this call interrupts no batch.
        """
        self._closing = True
        self._wake.set()
        if within is not None and self._workers:
            _, late = await asyncio.wait(self._workers, timeout=within)
            if late:
                await self._break_off(late)
                return
        await asyncio.shield(asyncio.gather(*self._workers))

    def give_up(self) -> None:
        """Answers TryAgain to all waiting and future commands.

        A batch that is being committed may still succeed: a retry with the same key returns its
        outcome.
        """
        self._closing = True
        self._wake.set()
        for queued in self._everybody():
            queued.give_up()

    async def _break_off(self, workers: Collection["asyncio.Task[None]"]) -> None:
        _logger.error("the ledger is cancelled, because the database does not respond")
        self.give_up()
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers, timeout=BREAKING_OFF_SECONDS)

    def _everybody(self) -> list[_QueuedCommand]:
        return [*chain.from_iterable(self._under_way.values()), *self._queue]

    async def post(self, command: Command) -> Posted:
        """Carries out `command`, or gives its first decision again, after the commit.

        Raises the command's Refusal. Raises TryAgain if the queue is full, the ledger is closing, a
        transient fault lasted longer than PATIENCE_SECONDS, or the database has a lasting fault.
        If the result of a commit is unknown, a retry with the same intent returns its outcome.
        Cancelling the caller cancels nothing.
        """
        if self._closing or len(self._queue) >= self._queue_limit:
            raise TryAgain
        loop = asyncio.get_running_loop()
        queued = _QueuedCommand(command, loop.create_future(), loop.time() + PATIENCE_SECONDS)
        self._queue.append(queued)
        self._wake.set()
        return await queued.answer

    async def has_carried_out(self, intent: Intent) -> bool:
        """Whether a command of this intent is committed and was not refused."""
        rows = await self._database.fetch(KNOWN_INTENTS, [intent.user_id], [intent.key])
        return any(
            outcome.request_hash == intent.request_hash and outcome.refusal is None
            for outcome in map(outcome_from, rows)
        )

    async def _work(self) -> None:
        turn = _Turn(self._deciding)
        while True:
            await turn.take()
            batch = await self._next_batch()
            if batch:
                self._under_way[turn] = batch
                if not self._is_looking:
                    self._look_later()
                await self._commit_or_fail(batch, turn)
                del self._under_way[turn]
            turn.give()
            if not batch:
                return

    async def _next_batch(self) -> list[_QueuedCommand]:
        """Waits for commands and returns the next batch; empty if the ledger is closing."""
        while not self._queue:
            if self._closing:
                return []
            self._wake.clear()
            await self._wake.wait()
        size = len(self._queue)
        if len(self._workers) > 1:
            size = min(size, max(SMALL_BATCH, size // 2))
        return [self._queue.popleft() for _ in range(min(size, BATCH_LIMIT))]

    def _look_later(self) -> None:
        self._is_looking = True
        asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Answers commands past their deadline while the database hangs on a running batch."""
        self._is_looking = False
        if self._under_way:
            self._still_waiting(self._everybody())
            self._look_later()

    async def _commit_or_fail(self, batch: Sequence[_QueuedCommand], turn: _Turn) -> None:
        """Answers every command and keeps the worker running, whatever fails."""
        try:
            await self._commit(batch, turn)
        except Exception as error:
            _logger.exception("a batch of %d commands failed", len(batch))
            for queued in batch:
                queued.settle(error)

    async def _commit(self, batch: Sequence[_QueuedCommand], turn: _Turn) -> None:
        for attempt in count():
            batch = self._still_waiting(batch)
            if not batch:
                return
            try:
                answers = await self._transact([queued.command for queued in batch], turn)
            except Exception as error:
                if not is_unavailable(error):
                    await self._single_out(batch, error, turn)
                    return
                if not is_passing(error):
                    _logger.error(
                        "a batch of %d failed with a lasting fault: %r", len(batch), error
                    )
                    for queued in batch:
                        queued.give_up()
                    return
                _logger.warning(
                    "attempt %d at a batch failed with a transient fault: %r", attempt, error
                )
                await asyncio.sleep(min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE))
                continue
            for queued, answer in zip(batch, answers, strict=True):
                queued.settle(answer)
            if self._listeners:
                self._tell(batch)
            return

    def _tell(self, batch: Sequence[_QueuedCommand]) -> None:
        named = (queued.command.account_id for queued in batch)
        account_ids = {account_id for account_id in named if account_id is not None}
        for listener in self._listeners:
            try:
                listener(account_ids)
            except Exception:
                _logger.exception("a listener of the ledger failed")

    async def _transact(self, commands: Sequence[Command], turn: _Turn) -> list[CommandResult]:
        async with self._database.transaction() as transaction:
            batch = Batch(transaction, self._clock)
            answers = await batch.decide(commands)
            turn.give()
            await batch.write()
        return answers

    async def _single_out(
        self, batch: Sequence[_QueuedCommand], error: Exception, turn: _Turn
    ) -> None:
        """Retries the commands of a rejected batch one by one, so only the faulty one fails."""
        if len(batch) > 1:
            for queued in batch:
                await self._commit_or_fail([queued], turn)
            return
        (queued,) = batch
        queued.lost_races += 1
        if is_lost_race(error) and queued.lost_races <= LOST_RACES_LIMIT:
            await self._commit(batch, turn)
            return
        raise error

    def _still_waiting(self, batch: Sequence[_QueuedCommand]) -> list[_QueuedCommand]:
        """Answers those past their deadline; returns the others, whether or not cancelled."""
        now = asyncio.get_running_loop().time()
        for queued in batch:
            if queued.deadline < now:
                queued.settle(TryAgain())
        return [queued for queued in batch if queued.deadline >= now]
