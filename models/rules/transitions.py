"""The state machines of jobs, proposals and invitations, as tables.

Any transition missing from a table raises a Conflict whose message states the current status.
"""

from enum import StrEnum
from typing import Final

from models.rules.kinds import InvitationStatus, JobStatus, ProposalStatus
from models.rules.refusals import Conflict, ConflictReason


class JobMove(StrEnum):
    CANCEL = "CANCEL"
    AWARD = "AWARD"


class ProposalMove(StrEnum):
    WITHDRAW = "WITHDRAW"
    AWARD = "AWARD"


class InvitationMove(StrEnum):
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"


JOB_MOVES: Final = {
    (JobStatus.OPEN, JobMove.CANCEL): JobStatus.CANCELLED,
    (JobStatus.OPEN, JobMove.AWARD): JobStatus.AWARDED,
}
PROPOSAL_MOVES: Final = {
    (ProposalStatus.SUBMITTED, ProposalMove.WITHDRAW): ProposalStatus.WITHDRAWN,
    (ProposalStatus.SUBMITTED, ProposalMove.AWARD): ProposalStatus.AWARDED,
}
INVITATION_MOVES: Final = {
    (InvitationStatus.PENDING, InvitationMove.ACCEPT): InvitationStatus.ACCEPTED,
    (InvitationStatus.PENDING, InvitationMove.DECLINE): InvitationStatus.DECLINED,
}

_JOB_CONFLICTS: Final = {
    JobStatus.OPEN: ("This job is open.", ConflictReason.UNSPECIFIED),
    JobStatus.AWARDED: ("This job has been awarded.", ConflictReason.JOB_AWARDED),
    JobStatus.CANCELLED: ("This job was cancelled.", ConflictReason.JOB_CANCELLED),
    JobStatus.EXPIRED: ("This job has expired.", ConflictReason.JOB_EXPIRED),
}
_PROPOSAL_CONFLICTS: Final = {
    ProposalStatus.SUBMITTED: (
        "This proposal waits for the job's owner.",
        ConflictReason.UNSPECIFIED,
    ),
    ProposalStatus.WITHDRAWN: (
        "This proposal was withdrawn.",
        ConflictReason.PROPOSAL_WITHDRAWN,
    ),
    ProposalStatus.AWARDED: (
        "This proposal was awarded the job.",
        ConflictReason.PROPOSAL_AWARDED,
    ),
    ProposalStatus.NOT_AWARDED: (
        "This proposal was not awarded the job.",
        ConflictReason.PROPOSAL_NOT_AWARDED,
    ),
}
_INVITATION_CONFLICTS: Final = {
    InvitationStatus.PENDING: (
        "This invitation waits for an answer.",
        ConflictReason.INVITATION_PENDING,
    ),
    InvitationStatus.ACCEPTED: (
        "This invitation was accepted.",
        ConflictReason.INVITATION_ACCEPTED,
    ),
    InvitationStatus.DECLINED: (
        "This invitation was declined.",
        ConflictReason.INVITATION_DECLINED,
    ),
    InvitationStatus.EXPIRED: (
        "This invitation has expired.",
        ConflictReason.INVITATION_EXPIRED,
    ),
}


def move_job(status: JobStatus, move: JobMove) -> JobStatus:
    """Returns the status after `move`. Raises Conflict if a job in `status` does not allow it."""
    after = JOB_MOVES.get((status, move))
    if after is None:
        raise Conflict(*_JOB_CONFLICTS[status])
    return after


def move_proposal(status: ProposalStatus, move: ProposalMove) -> ProposalStatus:
    """Returns the status after `move`. Raises Conflict if a proposal in `status` forbids it."""
    after = PROPOSAL_MOVES.get((status, move))
    if after is None:
        raise Conflict(*_PROPOSAL_CONFLICTS[status])
    return after


def move_invitation(status: InvitationStatus, move: InvitationMove) -> InvitationStatus:
    """Returns the status after `move`. Raises Conflict if an invitation in `status` forbids it."""
    after = INVITATION_MOVES.get((status, move))
    if after is None:
        raise Conflict(*_INVITATION_CONFLICTS[status])
    return after


def check_open(status: JobStatus) -> None:
    """Raises Conflict, with a message that states the status, if a job is not open."""
    if status is not JobStatus.OPEN:
        raise Conflict(*_JOB_CONFLICTS[status])


def check_submitted(status: ProposalStatus) -> None:
    """Raises Conflict, with the present state in words, where a proposal no longer waits."""
    if status is not ProposalStatus.SUBMITTED:
        raise Conflict(*_PROPOSAL_CONFLICTS[status])
