"""Inviting a freelancer to a job, for as many Connects as the payer chooses."""

from uuid import UUID

from models.identifiers import new_id
from models.ledger.commands import Command, Decision, Facts, Intent, Lookup
from models.rules.actions import ConnectsAction
from models.rules.kinds import InvitationStatus
from models.rules.refusals import (
    Conflict,
    ConflictReason,
    NotAllowed,
    NotAllowedReason,
    NotFound,
    decided_afresh,
)
from models.rules.returns import returnable
from models.rules.statuses import INVITATION_LIFETIME, invitation_status, job_status
from models.rules.transitions import check_open
from models.store.invitees import Asked
from models.tables import Invitation, Job, User
from resolvers.inputs import MESSAGE_LENGTH, Checks, said
from resolvers.services import Services
from resolvers.spending import SpendResult, charged, price, spend


async def invite_freelancer(
    services: Services,
    user: User,
    *,
    job_id: UUID,
    freelancer_id: UUID,
    connects: int,
    message: str,
    expected_connects: int | None,
    intent: Intent,
) -> SpendResult[Invitation]:
    """Invites a freelancer to an open job of one of the user's accounts, which pays.

    A blank message is none, stored as "". Raises InvalidInput where `connects` is out of the price
    list's range, NotFound, NotAllowed, Conflict where the job is not open or an invitation stands,
    PriceChanged, InsufficientConnects, and what `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.text("message", message, MESSAGE_LENGTH)
    checks.done()
    asked = Asked(user.id, job_id, freelancer_id)
    account_id, is_own = await _paying_account(services, asked)
    text = said(message) or ""
    job_row = Lookup(Job, ("id",), (job_id,))
    earlier = Lookup(Invitation, ("job_id", "freelancer_id"), (job_id, freelancer_id))

    def decide(facts: Facts) -> Decision:
        if is_own:
            raise decided_afresh(
                NotAllowed("You cannot invite yourself.", NotAllowedReason.OWN_PROFILE)
            )
        paid = price(facts, ConnectsAction.INVITE_FREELANCER, expected_connects, chosen=connects)
        (row,) = facts.rows(job_row)
        check_open(job_status(row.status, row.expires_at, facts.now))
        _check_none_stands(facts.rows(earlier), facts.now)
        can_return = returnable(facts.prices, ConnectsAction.INVITE_FREELANCER, paid, facts.now)
        expires_at = facts.now + INVITATION_LIFETIME
        invitation = Invitation.construct(
            id=new_id(facts.now),
            account_id=account_id,
            job_id=job_id,
            freelancer_id=freelancer_id,
            message=text,
            connects=paid,
            returnable=can_return,
            status=InvitationStatus.PENDING,
            decline_reason=None,
            created_at=facts.now,
            expires_at=expires_at,
        )
        return charged(
            ConnectsAction.INVITE_FREELANCER,
            paid,
            invitation,
            return_at=expires_at if can_return else None,
        )

    command = Command(
        decide=decide,
        account_id=account_id,
        actor_id=user.id,
        intent=intent,
        lookups=(job_row, earlier),
    )
    spent, _ = await spend(services, command, services.loaders.invitations, Invitation)
    return spent


async def _paying_account(services: Services, asked: Asked) -> tuple[UUID, bool]:
    """The account that pays, and whether somebody invites themselves. Raises NotFound."""
    invitee = await services.loaders.invitees.load(asked)
    if invitee.account_id is None:
        raise NotFound("There is no such job among yours.")
    if not invitee.exists:
        raise NotFound("There is no such freelancer.")
    return invitee.account_id, invitee.is_user


def _check_none_stands(invitations: list[Invitation], now: int) -> None:
    """A freelancer is invited again only after declining or staying silent."""
    for invitation in invitations:
        status = invitation_status(invitation.status, invitation.expires_at, now)
        if status is InvitationStatus.PENDING:
            raise Conflict(
                "This freelancer already has a pending invitation to this job.",
                ConflictReason.INVITATION_PENDING,
            )
        if status is InvitationStatus.ACCEPTED:
            raise Conflict(
                "This freelancer already accepted an invitation to this job.",
                ConflictReason.INVITATION_ACCEPTED,
            )
