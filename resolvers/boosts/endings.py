"""Ending the boosts of a job with the job, and one boost with its proposal."""

from collections.abc import Iterable
from uuid import UUID

from models.ledger.commands import Change, Lookup
from models.ledger.holds import boost_change
from models.rules.boosts import Bid, BoostState, Ending, ended
from models.rules.kinds import BoostStatus
from models.tables import Boost, Job


def boosts_of(job_id: UUID) -> Lookup[Boost]:
    """All boosts of a job. Look the job up exclusively in the same command."""
    return Lookup(Boost, ("job_id",), (job_id,), exclusive=True)


def bid_of(boost: Boost) -> Bid:
    return Bid(boost.proposal_id, boost.connects, boost.status, boost.placed_at)


def ending_of(job: Job, closes_at: int) -> Ending:
    return Ending(closes_at, job.expires_at, job.status)


def endings(boosts: Iterable[Boost], job: Job, now: int, *, hired: bool) -> tuple[Change, ...]:
    """Ends leading `boosts` of a job: charged if someone is hired or they closed, else released.

    The wallets that pay follow when they are next read or written (decision 19).
    """
    changes = []
    for boost in boosts:
        if boost.status is not BoostStatus.LEADING:
            continue
        stored = BoostState(boost.status, boost.ended_at)
        status, ended_at = ended(stored, ending_of(job, boost.closes_at), now, hired=hired)
        changes.append(boost_change(boost, status=status, ended_at=ended_at))
    return tuple(changes)
