"""Submitting a proposal: once for each account and job, free on an accepted invitation."""

from uuid import UUID

from models.identifiers import new_id
from models.ledger.commands import Command, Decision, Facts, Intent, Lookup
from models.money import Money
from models.rules.actions import ConnectsAction
from models.rules.kinds import InvitationStatus, ProposalStatus
from models.rules.refusals import (
    Conflict,
    ConflictReason,
    NotAllowed,
    NotAllowedReason,
    decided_afresh,
)
from models.rules.statuses import job_status
from models.rules.transitions import check_open
from models.tables import Invitation, Job, Proposal, User
from resolvers import access
from resolvers.inputs import TEXT_LENGTH, Checks
from resolvers.services import Services
from resolvers.spending import SpendResult, charged, price, spend


async def submit_proposal(
    services: Services,
    user: User,
    *,
    account_id: UUID,
    job_id: UUID,
    cover_letter: str,
    bid: Money | None,
    expected_connects: int | None,
    intent: Intent,
) -> SpendResult[Proposal]:
    """Proposes one of the user's accounts for an open job of somebody else's.

    Raises InvalidInput, NotFound, NotAllowed, Conflict where the job is not open or the account
    has proposed before, PriceChanged, InsufficientConnects, and what `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.text("coverLetter", cover_letter, TEXT_LENGTH, least=1)
    if bid is not None:
        checks.money("bid", *bid)
    checks.done()
    await access.own_account(services, user, account_id)
    job = await access.existing_job(services, job_id)
    is_own = await access.is_member(services, user, job.account_id)
    job_row = Lookup(Job, ("id",), (job_id,))
    earlier = Lookup(Proposal, ("account_id", "job_id"), (account_id, job_id))
    invitations = Lookup(Invitation, ("job_id", "freelancer_id"), (job_id, account_id))

    def decide(facts: Facts) -> Decision:
        if is_own:
            raise decided_afresh(
                NotAllowed("You cannot propose to a job of your own.", NotAllowedReason.OWN_JOB)
            )
        free = any(
            invitation.status is InvitationStatus.ACCEPTED for invitation in facts.rows(invitations)
        )
        connects = price(facts, ConnectsAction.SUBMIT_PROPOSAL, expected_connects, free=free)
        (row,) = facts.rows(job_row)
        check_open(job_status(row.status, row.expires_at, facts.now))
        if facts.rows(earlier):
            raise Conflict(
                "This account already submitted a proposal to this job.",
                ConflictReason.ALREADY_PROPOSED,
            )
        proposal = Proposal.construct(
            id=new_id(facts.now),
            account_id=account_id,
            job_id=job_id,
            cover_letter=cover_letter,
            bid_minor=bid.amount_minor if bid else None,
            bid_currency=bid.currency if bid else None,
            status=ProposalStatus.SUBMITTED,
            connects=connects,
            created_at=facts.now,
        )
        return charged(ConnectsAction.SUBMIT_PROPOSAL, connects, proposal)

    command = Command(
        decide=decide,
        account_id=account_id,
        actor_id=user.id,
        intent=intent,
        lookups=(job_row, earlier, invitations),
    )
    spent, _ = await spend(services, command, services.loaders.proposals, Proposal)
    return spent
