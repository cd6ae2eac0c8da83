"""Boosting a proposal, and raising its boost: Connects are held for a first place."""

from uuid import UUID

from models.ledger.commands import Command, Decision, Facts, Intent, Lookup
from models.ledger.holds import boost_change
from models.rules import boosts as rules
from models.rules.actions import ConnectsAction
from models.rules.kinds import BoostStatus
from models.rules.postings import Hold
from models.rules.statuses import job_status, proposal_status
from models.rules.transitions import check_open, check_submitted
from models.tables import Boost, Job, Proposal, User
from resolvers import access
from resolvers.boosts.endings import bid_of, boosts_of
from resolvers.inputs import Checks
from resolvers.services import Services
from resolvers.spending import SpendResult, price, spend


async def boost_proposal(
    services: Services,
    user: User,
    *,
    proposal_id: UUID,
    connects: int,
    expected_connects: int | None,
    intent: Intent,
) -> SpendResult[Proposal]:
    """Holds `connects` in all for a proposal of one of the user's accounts.

    A boost that is outbid is released. Raises InvalidInput, NotFound, NotAllowed, Conflict if the
    job or the proposal is not open, boosts have closed, or the boost would not lead or is not
    raised, PriceChanged, InsufficientConnects, and what `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.done()
    proposal = await access.own_proposal(services, user, proposal_id)
    job_row = Lookup(Job, ("id",), (proposal.job_id,), exclusive=True)
    proposal_row = Lookup(Proposal, ("id",), (proposal_id,))
    boosts = boosts_of(proposal.job_id)

    def decide(facts: Facts) -> Decision:
        price(facts, ConnectsAction.BOOST_PROPOSAL, expected_connects, chosen=connects)
        (job,), (row,) = facts.rows(job_row), facts.rows(proposal_row)
        status = job_status(job.status, job.expires_at, facts.now)
        check_submitted(proposal_status(row.status, status))
        check_open(status)
        rows = facts.rows(boosts)
        bids = list(map(bid_of, rows))
        closes_at = job.created_at + rules.LIFETIME
        rules.check_open(bids, closes_at, facts.now)
        placed = rules.place(bids, proposal_id, connects, facts.now)
        by_proposal = {boost.proposal_id: boost for boost in rows}
        own = by_proposal.get(proposal_id)
        changes = []
        if own is not None:
            changes.append(
                boost_change(
                    own,
                    connects=connects,
                    held=connects,
                    status=BoostStatus.LEADING,
                    placed_at=placed.bid.placed_at,
                    ended_at=None,
                )
            )
        if placed.outbid is not None:
            outbid = by_proposal[placed.outbid.proposal_id]
            changes.append(
                boost_change(outbid, status=BoostStatus.OUTBID, ended_at=placed.bid.placed_at)
            )
        new = Boost.construct(
            proposal_id=proposal_id,
            account_id=proposal.account_id,
            job_id=proposal.job_id,
            connects=connects,
            held=connects,
            status=BoostStatus.LEADING,
            placed_at=placed.bid.placed_at,
            closes_at=closes_at,
            ended_at=None,
        )
        missing = connects - (own.held if own is not None else 0)
        return Decision(
            subject_id=proposal_id,
            movement=Hold(missing, ConnectsAction.BOOST_PROPOSAL, proposal_id),
            inserts=() if own is not None else (new,),
            changes=tuple(changes),
        )

    command = Command(
        decide=decide,
        account_id=proposal.account_id,
        actor_id=user.id,
        intent=intent,
        lookups=(job_row, proposal_row, boosts),
    )
    spent, _ = await spend(services, command, services.loaders.proposals, Proposal)
    return spent
