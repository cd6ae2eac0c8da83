"""Answering an invitation: accept it, or decline it and perhaps say why."""

from dataclasses import dataclass
from uuid import UUID

from models.ledger.commands import Change, Command, Decision, Facts, Intent, Lookup
from models.rules.refusals import InvalidReason, NotFound
from models.rules.statuses import invitation_status, job_status
from models.rules.transitions import InvitationMove, check_open, move_invitation
from models.tables import Invitation, Job, User
from resolvers import access
from resolvers.inputs import MESSAGE_LENGTH, Checks, said
from resolvers.outcomes import outcome
from resolvers.services import Services


@dataclass(frozen=True)
class InvitationAnswered:
    invitation: Invitation
    replayed: bool


async def respond_to_invitation(
    services: Services,
    user: User,
    *,
    invitation_id: UUID,
    move: InvitationMove,
    reason: str | None,
    intent: Intent,
) -> InvitationAnswered:
    """Answers an invitation that one of the user's accounts received.

    `reason` goes with declining only; a blank one is none. Raises InvalidInput, NotFound, Conflict
    where it was answered before or has expired, or where its job is no longer open, and what
    `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.text("reason", reason, MESSAGE_LENGTH)
    reason = said(reason)
    if reason is not None and move is not InvitationMove.DECLINE:
        checks.wrong("reason", "goes with DECLINE only", InvalidReason.NOT_APPLICABLE)
    checks.done()
    invitation = await services.loaders.invitations.load(invitation_id)
    if invitation is None or not await access.is_member(services, user, invitation.freelancer_id):
        raise NotFound("You have received no such invitation.")
    job_row = Lookup(Job, ("id",), (invitation.job_id,))
    same = Lookup(Invitation, ("id",), (invitation_id,), exclusive=True)

    def decide(facts: Facts) -> Decision:
        (job,) = facts.rows(job_row)
        (row,) = facts.rows(same)
        status = invitation_status(row.status, row.expires_at, facts.now)
        answered = move_invitation(status, move)
        check_open(job_status(job.status, job.expires_at, facts.now))
        values = {"status": answered, "decline_reason": reason}
        return Decision(subject_id=invitation_id, changes=(Change(row, values),))

    posted = await services.ledger.post(
        Command(decide=decide, actor_id=user.id, intent=intent, lookups=(job_row, same))
    )
    with outcome():
        answered = await services.loaders.invitations.load(invitation_id)
    assert answered is not None
    return InvitationAnswered(answered, posted.replayed)
