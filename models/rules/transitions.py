"""The state machines of jobs, proposals and invitations, as tables.

Any transition missing from a table raises a Conflict whose message states the current status.
"""

from enum import StrEnum
from typing import Final

from models.rules.kinds import InvitationStatus, JobStatus, ProposalStatus
from models.rules.refusals import Conflict


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

_JOB_IN_WORDS: Final = {
    JobStatus.OPEN: "This job is open.",
    JobStatus.AWARDED: "This job has been awarded.",
    JobStatus.CANCELLED: "This job was cancelled.",
    JobStatus.EXPIRED: "This job has expired.",
}
_PROPOSAL_IN_WORDS: Final = {
    ProposalStatus.SUBMITTED: "This proposal is waiting for the job's owner.",
    ProposalStatus.WITHDRAWN: "This proposal was withdrawn.",
    ProposalStatus.AWARDED: "This proposal was awarded the job.",
    ProposalStatus.NOT_AWARDED: "This proposal was not awarded the job.",
}
_INVITATION_IN_WORDS: Final = {
    InvitationStatus.PENDING: "This invitation is waiting for an answer.",
    InvitationStatus.ACCEPTED: "This invitation was accepted.",
    InvitationStatus.DECLINED: "This invitation was declined.",
    InvitationStatus.EXPIRED: "This invitation has expired.",
}


def move_job(status: JobStatus, move: JobMove) -> JobStatus:
    """Returns the status after `move`. Raises Conflict if a job in `status` does not allow it."""
    after = JOB_MOVES.get((status, move))
    if after is None:
        raise Conflict(_JOB_IN_WORDS[status])
    return after


def move_proposal(status: ProposalStatus, move: ProposalMove) -> ProposalStatus:
    """Returns the status after `move`. Raises Conflict if a proposal in `status` forbids it."""
    after = PROPOSAL_MOVES.get((status, move))
    if after is None:
        raise Conflict(_PROPOSAL_IN_WORDS[status])
    return after


def move_invitation(status: InvitationStatus, move: InvitationMove) -> InvitationStatus:
    """Returns the status after `move`. Raises Conflict if an invitation in `status` forbids it."""
    after = INVITATION_MOVES.get((status, move))
    if after is None:
        raise Conflict(_INVITATION_IN_WORDS[status])
    return after


def check_open(status: JobStatus) -> None:
    """Raises Conflict, with a message that states the status, if a job is not open."""
    if status is not JobStatus.OPEN:
        raise Conflict(_JOB_IN_WORDS[status])
