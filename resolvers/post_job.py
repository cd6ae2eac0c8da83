"""Posting a job."""

from collections.abc import Sequence
from uuid import UUID

from models.identifiers import new_id
from models.ledger.commands import Command, Decision, Facts, Intent
from models.rules.actions import ConnectsAction
from models.rules.kinds import JobStatus
from models.rules.prices import JobTerms
from models.rules.returns import returnable
from models.rules.statuses import JOB_LIFETIME
from models.tables import Job, User
from resolvers import access
from resolvers.inputs import TEXT_LENGTH, TITLE_LENGTH, Checks
from resolvers.services import Services
from resolvers.spending import SpendResult, charged, price, spend


async def post_job(
    services: Services,
    user: User,
    *,
    account_id: UUID,
    title: str,
    description: str,
    skills: Sequence[str],
    terms: JobTerms,
    expected_connects: int | None,
    intent: Intent,
) -> SpendResult[Job]:
    """Posts a job for one of the user's accounts, open for JOB_LIFETIME.

    Raises InvalidInput, NotFound, NotAllowed, PriceChanged, InsufficientConnects, and what
    `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.text("title", title, TITLE_LENGTH, least=1)
    checks.text("description", description, TEXT_LENGTH, least=1)
    checks.skills("skills", skills)
    checks.job_terms(terms)
    checks.done()
    await access.own_account(services, user, account_id)

    def decide(facts: Facts) -> Decision:
        connects = price(facts, ConnectsAction.POST_JOB, expected_connects, terms=terms)
        job = Job.construct(
            id=new_id(facts.now),
            account_id=account_id,
            title=title.strip(),
            description=description,
            skills=[skill.strip() for skill in skills],
            budget_minor=terms.budget_minor,
            budget_currency=terms.budget_currency,
            category=terms.category,
            status=JobStatus.OPEN,
            connects=connects,
            returnable=returnable(facts.prices, ConnectsAction.POST_JOB, connects, facts.now),
            created_at=facts.now,
            expires_at=facts.now + JOB_LIFETIME,
        )
        return charged(ConnectsAction.POST_JOB, connects, job)

    command = Command(decide=decide, account_id=account_id, actor_id=user.id, intent=intent)
    spent, _ = await spend(services, command, services.loaders.jobs, Job)
    return spent
