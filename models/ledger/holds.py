"""The holds in the wallets that a batch has locked, and which of them have ended.

A boost's status belongs to its job and changes only under the job's lock. Its hold belongs to the
wallet that pays, and is captured or released when that wallet is next read or written.
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
"""A boost's changing columns, written together: the database checks them against each other."""
_ENDS: Final = (EntryKind.CAPTURE, EntryKind.RELEASE)


class Holds:
    """Holds of wallets that hold something. Call `load` while the wallets are locked."""

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
        """Reads the holds of the wallets. `locked` are the jobs that the batch has locked."""
        holds, parts = await self._read(transaction, account_ids)
        now = clock()
        ending = {hold.boost.job_id for hold in holds if hold.is_ended_by_its_job(now)} - locked
        if ending:
            # Read again: a boost may have been outbid or withdrawn before the jobs were locked.
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
        """Returns the boosts of an account whose holds have ended, in order of time.

        A boost that its job has ended is included only if the batch has locked the job, so that it
        cannot be outbid meanwhile.
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
        """Returns the Connects held for a boost, with the lots as they were read."""
        return self._held[subject_id]

    def watch(self, boost: Boost) -> None:
        """Records a boost that the batch places or changes."""
        holds = self._open.setdefault(boost.account_id, {})
        if boost.proposal_id not in holds:
            ending = Ending(boost.closes_at, FOREVER, JobStatus.OPEN)
            holds[boost.proposal_id] = OpenHold(boost, ending)

    def record(self, posting: Posting) -> None:
        """Records an entry that begins or ends a hold."""
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
    """New `values` for a boost from an exclusive lookup. Its job must be locked, too."""
    return Change(boost, {name: values.get(name, getattr(boost, name)) for name in BOOST_CHANGES})


def _parts(held: HeldConnects) -> Iterator[tuple[int, tuple[Lot, int]]]:
    return ((lot.sequence, (lot, part)) for lot, part in held.parts)
