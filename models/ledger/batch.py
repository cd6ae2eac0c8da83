"""One batch of commands in one database transaction: lock, load, decide in memory, write.

The number of statements does not grow with the number of commands. Only `models.ledger.ledger` runs
batches.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from tortoise.models import Model

from models.clock import Clock
from models.ledger.commands import Command, Decision, Facts, Intent, Posted
from models.ledger.holds import BOOST_CHANGES, Holds
from models.ledger.lookups import LookedUp
from models.rules.boosts import BoostState
from models.rules.facts import Draw, Entry, Lot, PastSpend, Wallet
from models.rules.kinds import MOVE_HELD, BoostStatus, InvitationStatus
from models.rules.lots import MoreLotsNeeded
from models.rules.postings import (
    Credit,
    HeldConnects,
    Hold,
    Holdings,
    PendingReturn,
    Posting,
    Release,
    Return,
    Spend,
    book_due,
    capture,
    credit,
    give_back,
    hold,
    open_wallet,
    release,
    spend,
    with_all_lots,
    with_return,
)
from models.rules.prices import PriceList
from models.rules.refusals import IdempotencyKeyReused, NotFound, Refusal, restore
from models.store.database import grouped
from models.store.internals.tortoise import fields_of
from models.store.ledger_tables import (
    DRAW,
    ENTRY,
    FIRST_LIVE_LOTS,
    IDEMPOTENCY,
    KNOWN_INTENTS,
    LATER_LIVE_LOTS,
    LOT,
    LOTS_AT_HAND,
    PENDING_RETURNS,
    PRICE_RULES,
    SPENT,
    WALLET,
    WALLETS_LOCKED,
    as_uuid,
    as_uuid_or_none,
    lot_from,
    price_list_from,
    wallet_from,
)
from models.store.statements import row_of, table_of
from models.store.transactions import Read, Row, Transaction
from models.tables import MODELS, Boost, Invitation, Job

CommandResult = Posted | Refusal | Exception
LotParts = tuple[tuple[Lot, int], ...]

_WALLET_CHANGES = tuple(
    column.name for column in WALLET.columns if column.name not in ("account_id", "account_kind")
)
_LOT_CHANGES = ("remaining", "held")


class StoredOutcome(NamedTuple):
    """The outcome of an intent: the columns of its idempotency row after the key."""

    request_hash: bytes
    account_id: UUID | None
    sequence: int | None
    subject_id: UUID | None
    refusal: dict[str, Any] | None
    created_at: int


class Batch:
    """The state of one batch. Create one per attempt; call `decide` once, then `write`."""

    def __init__(self, transaction: Transaction, clock: Clock) -> None:
        self._transaction = transaction
        self._clock = clock
        self._now = 0
        self._prices = PriceList((), ())
        self._holdings: dict[UUID, Holdings] = {}
        self._looked_up = LookedUp()
        self._spent: dict[UUID, PastSpend] = {}
        self._holds = Holds()
        self._outcomes: dict[tuple[UUID, str], StoredOutcome] = {}
        self._new_outcomes: list[tuple[UUID, str]] = []
        self._stored_wallets: dict[UUID, Wallet] = {}
        self._entries: list[Entry] = []
        self._draws: list[Draw] = []
        self._new_lots: dict[tuple[UUID, int], Lot] = {}
        self._changed_lots: dict[tuple[UUID, int], Lot] = {}
        self._inserts: list[Model] = []
        self._changes: dict[tuple[type[Model], tuple[str, ...]], dict[Any, Model]] = {}

    async def decide(self, commands: Sequence[Command]) -> list[CommandResult]:
        """Runs `commands` in order, in memory, holding the locks on everything they need.

        Returns one result per command. A command that is refused, or whose decision fails, changes
        nothing and does not affect the others. The results are valid once `write` has run and the
        transaction has committed.
        """
        await self._load(commands)
        return [await self._answer(command) for command in commands]

    async def _load(self, commands: Sequence[Command]) -> None:
        """Reads everything under the wallets' locks, then takes the time."""
        account_ids = sorted({c.account_id for c in commands if c.account_id is not None})
        lookups = self._looked_up.reads(
            [lookup for command in commands for lookup in command.lookups]
        )
        intents = [command.intent for command in commands if command.intent is not None]
        wallets = await self._transaction.fetch(WALLETS_LOCKED, account_ids)
        found = []
        if any(lookup.exclusive for command in commands for lookup in command.lookups):
            # Read separately: rows may have been inserted while another lookup waited for its lock.
            found = [await self._transaction.fetch(text, *values) for text, values in lookups]
            lookups = []
        *shared, outcomes, lots, prices = await self._transaction.fetch_all(
            [
                *lookups,
                Read(KNOWN_INTENTS, ([i.user_id for i in intents], [i.key for i in intents])),
                Read(FIRST_LIVE_LOTS, (account_ids,)),
                Read(PRICE_RULES),
            ]
        )
        self._now = self._clock()
        self._looked_up.found([*found, *shared])
        self._outcomes = {(as_uuid(row[0]), row[1]): outcome_from(row) for row in outcomes}
        self._prices = price_list_from(prices)
        self._hold([wallet_from(row) for row in wallets], lots)
        holders = [a for a, holdings in self._holdings.items() if holdings.wallet.held]
        if holders:
            lookups_of_jobs = (k for c in commands for k in c.lookups if k.model is Job)
            locked = {k.key[0] for k in lookups_of_jobs if k.columns == ("id",)}
            await self._holds.load(self._transaction, holders, locked, self._clock, self._looked_up)
            self._now = self._clock()
        await self._load_returns([c for c in commands if c.returns is not None])

    async def _load_returns(self, commands: list[Command]) -> None:
        """Loads what commands may return, and pending returns that are due."""
        due = [
            account_id
            for account_id, holdings in self._holdings.items()
            if holdings.wallet.next_return_at <= max(self._now, holdings.wallet.updated_at)
        ]
        pending = await self._transaction.fetch(PENDING_RETURNS, due) if due else []
        wanted = [(command.account_id, command.returns) for command in commands]
        wanted += [(as_uuid(row[0]), as_uuid(row[1])) for row in pending]
        if wanted:
            columns = map(list, zip(*wanted, strict=True))
            for subject_id, rows in grouped(await self._transaction.fetch(SPENT, *columns)).items():
                parts = tuple((lot_from(row[3:]), row[2]) for row in rows)
                self._spent[as_uuid(subject_id)] = PastSpend(rows[0][1], parts)
        for account_id, rows in grouped(pending).items():
            returns = tuple(self._pending_return(row) for row in rows)
            holdings = self._holdings[as_uuid(account_id)]
            self._holdings[as_uuid(account_id)] = holdings._replace(returns=returns)

    def _pending_return(self, row: Row) -> PendingReturn:
        subject_id = as_uuid(row[1])
        return PendingReturn(row[3], Return(row[2], subject_id), self._spent[subject_id])

    def _hold(self, wallets: list[Wallet], rows: list[Row]) -> None:
        lots_by_wallet = grouped(map(lot_from, rows))
        for wallet in wallets:
            lots: tuple[Lot, ...] = tuple(lots_by_wallet.get(wallet.account_id, ()))  # type: ignore[arg-type]
            frontier = lots[-1].drawing_order if len(lots) == LOTS_AT_HAND else None
            self._stored_wallets[wallet.account_id] = wallet
            self._holdings[wallet.account_id] = Holdings(wallet, lots, frontier)

    async def _answer(self, command: Command) -> CommandResult:
        try:
            return self._carry_out(command)
        except MoreLotsNeeded:
            await self._load_all_lots(command)
            return await self._answer(command)
        except Refusal as refusal:
            return refusal
        except Exception as error:
            return error

    def _carry_out(self, command: Command) -> Posted:
        """Raises the refusal, or any other error of the decision."""
        intent = command.intent
        if intent is not None:
            outcome = self._outcomes.get((intent.user_id, intent.key))
            if outcome is not None:
                return _replay(outcome, intent)
        try:
            posted = self._decide(command)
        except Refusal as refusal:
            if refusal.is_remembered:
                details = {"code": refusal.code, "details": refusal.details()}
                self._remember(
                    intent, StoredOutcome(b"", command.account_id, None, None, details, 0)
                )
            raise
        self._remember(
            intent,
            StoredOutcome(b"", posted.account_id, posted.sequence, posted.subject_id, None, 0),
        )
        return posted

    def _decide(self, command: Command) -> Posted:
        holdings, postings = self._up_to_date(command)
        now = self._now if holdings is None else max(self._now, holdings.wallet.updated_at)
        decision = command.decide(
            Facts(
                now=now,
                prices=self._prices,
                wallet=None if holdings is None or command.opens else holdings.wallet,
                rows_by_lookup=self._looked_up.rows,
            )
        )
        posting = self._move(holdings, decision, command, now)
        self._accept(decision, [*postings, posting] if posting else postings)
        after = posting.holdings if posting else holdings
        if after is not None:
            self._holdings[after.wallet.account_id] = self._settled(after, decision, now)
        last = posting or (postings[-1] if postings else None)
        entry = last.entry if last else None
        return Posted(
            account_id=command.account_id,
            sequence=entry.sequence if entry else None,
            subject_id=decision.subject_id,
            replayed=False,
            wallet=self._holdings[after.wallet.account_id].wallet if after is not None else None,
            entry=entry,
            inserts=decision.inserts,
        )

    def _move(
        self, holdings: Holdings | None, decision: Decision, command: Command, now: int
    ) -> Posting | None:
        movement = decision.movement
        if movement is None:
            return None
        assert holdings is not None, "Connects move only in a wallet that the command names"
        match movement:
            case Spend():
                assert command.actor_id is not None, "a spend has an actor"
                return spend(holdings, movement, command.actor_id, now, self._prices)
            case Credit():
                return credit(holdings, movement, command.actor_id, now)
            case Return():
                spent = self._spent[movement.subject_id]
                spent = spent._replace(parts=self._current(spent.parts))
                return give_back(holdings, movement, spent, command.actor_id, now)
            case Hold():
                assert command.actor_id is not None, "a hold has an actor"
                return hold(holdings, movement, command.actor_id, now, self._prices)
            case Release():
                held = self._held(movement.subject_id)
                return release(holdings, held, command.actor_id, now)

    def _held(self, subject_id: UUID) -> HeldConnects:
        held = self._holds.held(subject_id)
        return held._replace(parts=self._current(held.parts))

    def _current(self, parts: LotParts) -> LotParts:
        """Returns the parts with their lots as this batch has left them so far."""
        changed = {**self._changed_lots, **self._new_lots}
        return tuple((changed.get(lot[:2], lot), part) for lot, part in parts)

    def _settled(self, holdings: Holdings, decision: Decision, now: int) -> Holdings:
        """Records what may be returned later, and expires what was returned to expired lots."""
        if decision.return_at is not None:
            holdings = with_return(holdings, decision.return_at)
        if isinstance(decision.movement, Return | Release):
            holdings, lapsed = book_due(holdings, self._prices, now)
            self._record(lapsed)
        return holdings

    def _up_to_date(self, command: Command) -> tuple[Holdings | None, list[Posting]]:
        """Returns the command's wallet with everything due booked, which is kept even if refused.

        A wallet that the command opens is kept only if the command succeeds, so its postings are
        returned.
        """
        if command.account_id is None:
            return None, []
        if command.opens is not None:
            return open_wallet(command.account_id, command.opens, self._prices, self._now)
        holdings = self._holdings.get(command.account_id)
        if holdings is None:
            raise NotFound("There is no such account.")
        now = max(self._now, holdings.wallet.updated_at)
        if holdings.wallet.held:
            for boost, state in self._holds.ended(command.account_id, now):
                self._end_hold(boost, state, now)
        return self._book_due(command.account_id, now), []

    def _book_due(self, account_id: UUID, now: int) -> Holdings:
        holdings, postings = book_due(self._holdings[account_id], self._prices, now)
        self._holdings[account_id] = holdings
        self._record(postings)
        return holdings

    def _end_hold(self, boost: Boost, state: BoostState, now: int) -> None:
        """Captures or releases the Connects held for a boost, at the instant when it ended."""
        assert state.ended_at is not None
        holdings = self._book_due(boost.account_id, min(state.ended_at, now))
        held = self._held(boost.proposal_id)
        at = max(state.ended_at, holdings.wallet.updated_at)
        if state.status is BoostStatus.CHARGED:
            posting = capture(holdings, held, at)
        else:
            posting = release(holdings, held, None, at)
        self._holdings[boost.account_id] = posting.holdings
        self._record([posting])
        boost.held = 0
        boost.status, boost.ended_at = state
        self._changes.setdefault((Boost, BOOST_CHANGES), {})[boost.pk] = boost

    def _accept(self, decision: Decision, postings: list[Posting]) -> None:
        self._record(postings)
        for row in decision.inserts:
            self._inserts.append(row)
            self._looked_up.insert(row)
            if isinstance(row, Boost):
                self._holds.watch(row)
        for row, values in decision.changes:
            for name, value in values.items():
                setattr(row, name, value)
            names = tuple(name for name in fields_of(type(row)) if name in values)
            self._changes.setdefault((type(row), names), {})[row.pk] = row
            if isinstance(row, Boost):
                self._holds.watch(row)

    def _record(self, postings: list[Posting]) -> None:
        for posting in postings:
            self._entries.append(posting.entry)
            self._draws += posting.draws
            if posting.entry.kind in MOVE_HELD:
                self._holds.record(posting)
            if posting.brought is not None:
                self._new_lots[posting.brought[:2]] = posting.brought
            if posting.returned is not None:
                expired = Invitation.construct(id=posting.returned, status=InvitationStatus.EXPIRED)
                self._changes.setdefault((Invitation, ("status",)), {})[expired.pk] = expired
            for lot in posting.touched:
                lots = self._new_lots if lot[:2] in self._new_lots else self._changed_lots
                lots[lot[:2]] = lot

    def _remember(self, intent: Intent | None, outcome: StoredOutcome) -> None:
        if intent is None:
            return
        name = (intent.user_id, intent.key)
        self._outcomes[name] = outcome._replace(
            request_hash=intent.request_hash, created_at=self._now
        )
        self._new_outcomes.append(name)

    async def _load_all_lots(self, command: Command) -> None:
        assert command.account_id is not None
        holdings = self._holdings[command.account_id]
        assert holdings.frontier is not None
        rows = await self._transaction.fetch(
            LATER_LIVE_LOTS, command.account_id, *holdings.frontier
        )
        later = {lot[:2]: lot for lot in map(lot_from, rows)}
        later |= {
            name: lot
            for name, lot in (*self._changed_lots.items(), *self._new_lots.items())
            if lot.account_id == command.account_id and lot.drawing_order > holdings.frontier
        }
        self._holdings[command.account_id] = with_all_lots(
            holdings, [lot for lot in later.values() if lot.remaining]
        )

    async def write(self) -> None:
        """Writes the changes of all commands."""
        transaction = self._transaction
        for model in MODELS:
            rows = [row_of(row) for row in self._inserts if type(row) is model]
            await transaction.insert(table_of(model), rows)
        wallets = [holdings.wallet for holdings in self._holdings.values()]
        stored = self._stored_wallets
        opened = [wallet for wallet in wallets if wallet.account_id not in stored]
        changed = [w for w in wallets if stored.get(w.account_id, w) != w]
        await transaction.insert(WALLET, opened)
        await transaction.insert(ENTRY, self._entries)
        await transaction.insert(LOT, list(self._new_lots.values()))
        await transaction.insert(DRAW, self._draws)
        await transaction.update(
            LOT,
            _LOT_CHANGES,
            [(*lot[:2], lot.remaining, lot.held) for lot in self._changed_lots.values()],
        )
        await transaction.update(WALLET, _WALLET_CHANGES, [(w[0], *w[2:]) for w in changed])
        for (model, names), changes in self._changes.items():
            values = [(pk, *(getattr(row, name) for name in names)) for pk, row in changes.items()]
            await transaction.update(table_of(model), names, values)
        await transaction.insert(
            IDEMPOTENCY,
            [_idempotency_row(name, self._outcomes[name]) for name in self._new_outcomes],
        )


def outcome_from(row: Row) -> StoredOutcome:
    """The outcome that a row of the idempotency table holds."""
    return StoredOutcome(
        request_hash=row[2],
        account_id=as_uuid_or_none(row[3]),
        sequence=row[4],
        subject_id=as_uuid_or_none(row[5]),
        refusal=None if row[6] is None else orjson.loads(row[6]),
        created_at=row[7],
    )


def _replay(outcome: StoredOutcome, intent: Intent) -> Posted:
    if outcome.request_hash != intent.request_hash:
        raise IdempotencyKeyReused
    if outcome.refusal is not None:
        refusal = restore(outcome.refusal["code"], outcome.refusal["details"])
        refusal.replayed = True
        raise refusal
    return Posted(outcome.account_id, outcome.sequence, outcome.subject_id, replayed=True)


def _idempotency_row(name: tuple[UUID, str], outcome: StoredOutcome) -> Row:
    refusal = None if outcome.refusal is None else orjson.dumps(outcome.refusal).decode()
    request_hash, account_id, sequence, subject_id, _, created_at = outcome
    return (*name, request_hash, account_id, sequence, subject_id, refusal, created_at)
