"""Withdrawing a proposal. Only the Connects held for its boost are released."""

from dataclasses import dataclass
from uuid import UUID

from models.ledger.commands import Change, Command, Decision, Facts, Intent, Lookup
from models.rules.statuses import job_status, proposal_status
from models.rules.transitions import ProposalMove, move_proposal
from models.tables import Boost, Job, Proposal, User
from resolvers import access
from resolvers.boosts.endings import endings
from resolvers.inputs import Checks
from resolvers.outcomes import outcome
from resolvers.services import Services


@dataclass(frozen=True)
class ProposalWithdrawn:
    proposal: Proposal
    replayed: bool


async def withdraw_proposal(
    services: Services, user: User, *, proposal_id: UUID, intent: Intent
) -> ProposalWithdrawn:
    """Withdraws a proposal of one of the user's accounts, while the job is open.

    Raises InvalidInput, NotFound, Conflict where it no longer waits for the job's owner, and
    what `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.done()
    proposal = await access.own_proposal(services, user, proposal_id)
    job_row = Lookup(Job, ("id",), (proposal.job_id,), exclusive=True)
    same = Lookup(Proposal, ("id",), (proposal_id,), exclusive=True)
    boost = Lookup(Boost, ("proposal_id",), (proposal_id,), exclusive=True)

    def decide(facts: Facts) -> Decision:
        (job,) = facts.rows(job_row)
        (row,) = facts.rows(same)
        status = proposal_status(row.status, job_status(job.status, job.expires_at, facts.now))
        withdrawn = move_proposal(status, ProposalMove.WITHDRAW)
        freed = endings(facts.rows(boost), job, facts.now, hired=False)
        return Decision(proposal_id, changes=(Change(row, {"status": withdrawn}), *freed))

    posted = await services.ledger.post(
        Command(decide=decide, actor_id=user.id, intent=intent, lookups=(job_row, same, boost))
    )
    with outcome():
        withdrawn = await services.loaders.proposals.load(proposal_id)
    assert withdrawn is not None
    return ProposalWithdrawn(withdrawn, posted.replayed)
