"""Cancelling a job: it takes no more proposals. What comes back was settled when it was posted.

The job's boosts are released unless they have closed.
"""

from dataclasses import dataclass
from uuid import UUID

from models.ledger.commands import Change, Command, Decision, Facts, Intent, Lookup
from models.rules.facts import Entry, Wallet
from models.rules.postings import Return
from models.rules.statuses import job_status
from models.rules.transitions import JobMove, move_job
from models.tables import Job, User
from resolvers import access, wallets
from resolvers.boosts.endings import boosts_of, endings
from resolvers.inputs import Checks
from resolvers.outcomes import outcome
from resolvers.services import Services


@dataclass(frozen=True)
class JobCancelled:
    """`entry` gave Connects back; None where none came back."""

    job: Job
    wallet: Wallet
    entry: Entry | None
    replayed: bool


async def cancel_job(
    services: Services, user: User, *, job_id: UUID, intent: Intent
) -> JobCancelled:
    """Cancels an open job of one of the user's accounts.

    Raises InvalidInput, NotFound, Conflict where the job is not open, and what `Ledger.post`
    raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.done()
    job = await access.own_job(services, user, job_id)
    same = Lookup(Job, ("id",), (job_id,), exclusive=True)
    boosts = boosts_of(job_id)

    def decide(facts: Facts) -> Decision:
        (row,) = facts.rows(same)
        status = move_job(job_status(row.status, row.expires_at, facts.now), JobMove.CANCEL)
        movement = Return(row.returnable, row.id) if row.returnable else None
        freed = endings(facts.rows(boosts), row, facts.now, hired=False)
        return Decision(job_id, movement, changes=(Change(row, {"status": status}), *freed))

    posted = await services.ledger.post(
        Command(
            decide=decide,
            account_id=job.account_id,
            actor_id=user.id,
            intent=intent,
            lookups=(same, boosts),
            returns=job_id,
        )
    )
    with outcome():
        cancelled = await services.loaders.jobs.load(job_id)
        wallet, entry = await wallets.after(services, job.account_id, posted)
    assert cancelled is not None
    return JobCancelled(cancelled, wallet, entry, posted.replayed)
