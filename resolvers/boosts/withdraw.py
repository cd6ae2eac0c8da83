"""Withdrawing a boost before boosts close: its Connects are released to their lots."""

from dataclasses import dataclass
from uuid import UUID

from models.ledger.commands import Command, Decision, Facts, Intent, Lookup
from models.ledger.holds import boost_change
from models.rules import boosts as rules
from models.rules.facts import Entry, Wallet
from models.rules.kinds import BoostStatus
from models.rules.postings import Release
from models.rules.refusals import Conflict, ConflictReason
from models.rules.statuses import job_status, proposal_status
from models.rules.transitions import check_open, check_submitted
from models.store.lots import LotAt
from models.tables import Job, Proposal, User
from resolvers import access, wallets
from resolvers.boosts.endings import bid_of, boosts_of
from resolvers.inputs import Checks
from resolvers.outcomes import outcome
from resolvers.services import Services


@dataclass(frozen=True)
class BoostWithdrawn:
    """`lapsed` of the Connects that `entry` released belong to lots that had expired."""

    proposal: Proposal
    wallet: Wallet
    entry: Entry
    lapsed: int
    replayed: bool


async def withdraw_boost(
    services: Services, user: User, *, proposal_id: UUID, intent: Intent
) -> BoostWithdrawn:
    """Releases the Connects held for a proposal of one of the user's accounts.

    Raises InvalidInput, NotFound, Conflict if the job or the proposal is not open, boosts have
    closed or the proposal has no leading boost, and what `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.done()
    proposal = await access.own_proposal(services, user, proposal_id)
    job_row = Lookup(Job, ("id",), (proposal.job_id,), exclusive=True)
    proposal_row = Lookup(Proposal, ("id",), (proposal_id,))
    boosts = boosts_of(proposal.job_id)

    def decide(facts: Facts) -> Decision:
        (job,), (row,) = facts.rows(job_row), facts.rows(proposal_row)
        status = job_status(job.status, job.expires_at, facts.now)
        check_submitted(proposal_status(row.status, status))
        check_open(status)
        rows = facts.rows(boosts)
        leading = (each for each in rows if each.status is BoostStatus.LEADING)
        boost = next((each for each in leading if each.proposal_id == proposal_id), None)
        rules.check_open(map(bid_of, rows), job.created_at + rules.LIFETIME, facts.now)
        if boost is None:
            raise Conflict("This proposal has no leading boost.", ConflictReason.NO_BOOST)
        freed = boost_change(boost, status=BoostStatus.RELEASED, ended_at=facts.now, held=0)
        return Decision(proposal_id, Release(proposal_id), changes=(freed,))

    posted = await services.ledger.post(
        Command(
            decide=decide,
            account_id=proposal.account_id,
            actor_id=user.id,
            intent=intent,
            lookups=(job_row, proposal_row, boosts),
        )
    )
    with outcome():
        wallet, entry = await wallets.after(services, proposal.account_id, posted)
        assert entry is not None, "a boost is of one Connect at least"
        lapsed = await _lapsed(services, entry)
    return BoostWithdrawn(proposal, wallet, entry, lapsed, posted.replayed)


async def _lapsed(services: Services, entry: Entry) -> int:
    """Returns how many of the Connects that `entry` released belong to lots that had expired."""
    loaders = services.loaders
    draws = await loaders.draws.load((entry.account_id, entry.sequence))
    names = [LotAt(entry.account_id, draw.lot_sequence, entry.sequence) for draw in draws]
    lots = [await loaders.lots.load(name) for name in names]
    return sum(
        -draw.connects
        for draw, lot in zip(draws, lots, strict=True)
        if lot is not None and lot.expires_at <= entry.created_at
    )
