"""Withdrawing a proposal. Nothing comes back."""

from dataclasses import dataclass
from uuid import UUID

from models.ledger.commands import Change, Command, Decision, Facts, Intent, Lookup
from models.rules.refusals import NotFound
from models.rules.statuses import job_status, proposal_status
from models.rules.transitions import ProposalMove, move_proposal
from models.tables import Job, Proposal, User
from resolvers import access
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
    proposal = await services.loaders.proposals.load(proposal_id)
    if proposal is None or not await access.is_member(services, user, proposal.account_id):
        raise NotFound("There is no such proposal among yours.")
    job_row = Lookup(Job, ("id",), (proposal.job_id,))
    same = Lookup(Proposal, ("id",), (proposal_id,), exclusive=True)

    def decide(facts: Facts) -> Decision:
        (job,) = facts.rows(job_row)
        (row,) = facts.rows(same)
        status = proposal_status(row.status, job_status(job.status, job.expires_at, facts.now))
        withdrawn = move_proposal(status, ProposalMove.WITHDRAW)
        return Decision(subject_id=proposal_id, changes=(Change(row, {"status": withdrawn}),))

    posted = await services.ledger.post(
        Command(decide=decide, actor_id=user.id, intent=intent, lookups=(job_row, same))
    )
    with outcome():
        withdrawn = await services.loaders.proposals.load(proposal_id)
    assert withdrawn is not None
    return ProposalWithdrawn(withdrawn, posted.replayed)
