"""Awarding a job to one of its proposals; the others learn from the job that they were not.

The boosts that lead are charged.
"""

from dataclasses import dataclass
from uuid import UUID

from models.ledger.commands import Change, Command, Decision, Facts, Intent, Lookup
from models.rules.refusals import NotFound
from models.rules.statuses import job_status
from models.rules.transitions import JobMove, ProposalMove, move_job, move_proposal
from models.tables import Job, Proposal, User
from resolvers import access
from resolvers.boosts.endings import boosts_of, endings
from resolvers.inputs import Checks
from resolvers.outcomes import outcome
from resolvers.services import Services


@dataclass(frozen=True)
class JobAwarded:
    job: Job
    proposal: Proposal
    replayed: bool


async def award_job(
    services: Services, user: User, *, job_id: UUID, proposal_id: UUID, intent: Intent
) -> JobAwarded:
    """Awards an open job of one of the user's accounts to one of its proposals.

    Raises InvalidInput, NotFound, Conflict where the job is not open or the proposal was
    withdrawn, and what `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.done()
    await access.own_job(services, user, job_id)
    proposal = await services.loaders.proposals.load(proposal_id)
    if proposal is None or proposal.job_id != job_id:
        raise NotFound("There is no such proposal to this job.")
    job_row = Lookup(Job, ("id",), (job_id,), exclusive=True)
    proposal_row = Lookup(Proposal, ("id",), (proposal_id,), exclusive=True)
    boosts = boosts_of(job_id)

    def decide(facts: Facts) -> Decision:
        (job,) = facts.rows(job_row)
        (chosen,) = facts.rows(proposal_row)
        status = job_status(job.status, job.expires_at, facts.now)
        awarded = move_job(status, JobMove.AWARD)
        hired = move_proposal(chosen.status, ProposalMove.AWARD)
        charged = endings(facts.rows(boosts), job, facts.now, hired=True)
        moves = (Change(job, {"status": awarded}), Change(chosen, {"status": hired}))
        return Decision(job_id, changes=(*moves, *charged))

    lookups = (job_row, proposal_row, boosts)
    posted = await services.ledger.post(
        Command(decide=decide, actor_id=user.id, intent=intent, lookups=lookups)
    )
    with outcome():
        awarded = await services.loaders.jobs.load(job_id)
        hired = await services.loaders.proposals.load(proposal_id)
    assert awarded is not None
    assert hired is not None
    return JobAwarded(awarded, hired, posted.replayed)
