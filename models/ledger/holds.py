"""What is set aside in the wallets that a batch has locked, and which of it has ended.

What a boost is, is kept by its job: it changes behind the job's lock alone. What is set aside for
it is kept by the wallet that pays, and follows when that wallet is touched next.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from models.clock import Clock
from models.ledger.commands import Change
from models.ledger.lookups import LookedUp
from models.rules.boosts import BoostState, Ending
from models.rules.facts import Lot
from models.rules.instants import FOREVER
from models.rules.kinds import BoostStatus, EntryKind, JobStatus
from models.rules.postings import HeldConnects, Posting
from models.store.database import grouped
from models.store.ledger_tables import (
    HELD_LOTS,
    JOBS_SHARED,
    OPEN_HOLDS,
    OpenHold,
    as_uuid,
    lot_from,
    open_hold_from,
)
from models.store.transactions import Read, Row, Transaction
from models.tables import Boost

BOOST_CHANGES: Final = ("connects", "held", "status", "placed_at", "ended_at")
"""What changes of a boost, all of it at a time: the database checks each against the others."""
_ENDS: Final = (EntryKind.CAPTURE, EntryKind.RELEASE)


class Holds:
    """Knows nothing of wallets that hold nothing. `load` it behind the wallets' locks."""

    def __init__(self) -> None:
        self._open: dict[UUID, dict[UUID, OpenHold]] = {}
        self._held: dict[UUID, HeldConnects] = {}
        self._locked: Collection[UUID] = ()

    async def load(
        self,
        transaction: Transaction,
        account_ids: Sequence[UUID],
        locked: set[UUID],
        clock: Clock,
        looked_up: LookedUp,
    ) -> None:
        """Reads what is set aside in wallets; `locked` are the jobs that the batch has locked."""
        holds, parts = await self._read(transaction, account_ids)
        now = clock()
        ending = {hold.boost.job_id for hold in holds if hold.is_ended_by_its_job(now)} - locked
        if ending:
            # Read again: whoever had the job locked may have outbid, or taken back, a boost.
            await transaction.fetch(JOBS_SHARED, sorted(ending))
            holds, parts = await self._read(transaction, account_ids)
        self._locked = locked | ending
        for hold in holds:
            boost = looked_up.shared(hold.boost)
            self._open.setdefault(boost.account_id, {})[boost.proposal_id] = hold._replace(
                boost=boost
            )
        for subject_id, rows in grouped(parts).items():
            lots = tuple((lot_from(row[3:]), row[2]) for row in rows)
            self._held[as_uuid(subject_id)] = HeldConnects(rows[0][1], as_uuid(subject_id), lots)

    async def _read(
        self, transaction: Transaction, account_ids: Sequence[UUID]
    ) -> tuple[list[OpenHold], list[Row]]:
        holds, parts = await transaction.fetch_all(
            [Read(OPEN_HOLDS, (account_ids,)), Read(HELD_LOTS, (account_ids,))]
        )
        return [open_hold_from(row) for row in holds], parts

    def ended(self, account_id: UUID, now: int) -> list[tuple[Boost, BoostState]]:
        """The boosts of an account whose hold has ended by now, in order of time.

        One that its job ends is among them only where nobody can outbid it meanwhile.
        """
        found = []
        for hold in self._open.get(account_id, {}).values():
            boost = hold.boost
            known = boost.status is not BoostStatus.LEADING or boost.job_id in self._locked
            state = hold.state(now)
            if boost.held and known and state.status is not BoostStatus.LEADING:
                found.append((boost, state))
        return sorted(found, key=lambda each: (each[1].ended_at, each[0].placed_at))

    def held(self, subject_id: UUID) -> HeldConnects:
        """What is set aside for a boost, its lots as they were read."""
        return self._held[subject_id]

    def watch(self, boost: Boost) -> None:
        """Takes note of a boost that the batch places or changes."""
        holds = self._open.setdefault(boost.account_id, {})
        if boost.proposal_id not in holds:
            ending = Ending(boost.closes_at, FOREVER, JobStatus.OPEN)
            holds[boost.proposal_id] = OpenHold(boost, ending)

    def record(self, posting: Posting) -> None:
        """Takes note of an entry that sets aside, or ends it."""
        entry = posting.entry
        if entry.subject_id is None:
            return
        if entry.kind in _ENDS:
            self._held.pop(entry.subject_id, None)
        elif entry.kind == EntryKind.HOLD:
            assert entry.action is not None
            earlier = self._held.get(entry.subject_id)
            parts = dict(_parts(earlier)) if earlier else {}
            taken = {draw.lot_sequence: draw.connects for draw in posting.draws}
            for lot in posting.touched:
                _, before = parts.get(lot.sequence, (lot, 0))
                parts[lot.sequence] = (lot, before + taken[lot.sequence])
            self._held[entry.subject_id] = HeldConnects(
                entry.action, entry.subject_id, tuple(parts.values())
            )


def boost_change(boost: Boost, **values: Any) -> Change:
    """New `values` for a boost that came from an exclusive lookup, its job locked as well."""
    return Change(boost, {name: values.get(name, getattr(boost, name)) for name in BOOST_CHANGES})


def _parts(held: HeldConnects) -> Iterator[tuple[int, tuple[Lot, int]]]:
    return ((lot.sequence, (lot, part)) for lot, part in held.parts)
