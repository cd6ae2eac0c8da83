"""Which moves each status permits, and what is said where it does not."""

import pytest

from models.rules.kinds import InvitationStatus, JobStatus, ProposalStatus
from models.rules.refusals import Conflict
from models.rules.transitions import (
    InvitationMove,
    JobMove,
    ProposalMove,
    check_open,
    move_invitation,
    move_job,
    move_proposal,
)

JOB_AWARDED = "This job has been awarded."
JOB_CANCELLED = "This job was cancelled."
JOB_EXPIRED = "This job has expired."
WITHDRAWN = "This proposal was withdrawn."
AWARDED = "This proposal was awarded the job."
NOT_AWARDED = "This proposal was not awarded the job."
ACCEPTED = "This invitation was accepted."
DECLINED = "This invitation was declined."
EXPIRED = "This invitation has expired."

JOBS: dict[tuple[JobStatus, JobMove], JobStatus | str] = {
    (JobStatus.OPEN, JobMove.CANCEL): JobStatus.CANCELLED,
    (JobStatus.OPEN, JobMove.AWARD): JobStatus.AWARDED,
    (JobStatus.AWARDED, JobMove.CANCEL): JOB_AWARDED,
    (JobStatus.AWARDED, JobMove.AWARD): JOB_AWARDED,
    (JobStatus.CANCELLED, JobMove.CANCEL): JOB_CANCELLED,
    (JobStatus.CANCELLED, JobMove.AWARD): JOB_CANCELLED,
    (JobStatus.EXPIRED, JobMove.CANCEL): JOB_EXPIRED,
    (JobStatus.EXPIRED, JobMove.AWARD): JOB_EXPIRED,
}
PROPOSALS: dict[tuple[ProposalStatus, ProposalMove], ProposalStatus | str] = {
    (ProposalStatus.SUBMITTED, ProposalMove.WITHDRAW): ProposalStatus.WITHDRAWN,
    (ProposalStatus.SUBMITTED, ProposalMove.AWARD): ProposalStatus.AWARDED,
    (ProposalStatus.WITHDRAWN, ProposalMove.WITHDRAW): WITHDRAWN,
    (ProposalStatus.WITHDRAWN, ProposalMove.AWARD): WITHDRAWN,
    (ProposalStatus.AWARDED, ProposalMove.WITHDRAW): AWARDED,
    (ProposalStatus.AWARDED, ProposalMove.AWARD): AWARDED,
    (ProposalStatus.NOT_AWARDED, ProposalMove.WITHDRAW): NOT_AWARDED,
    (ProposalStatus.NOT_AWARDED, ProposalMove.AWARD): NOT_AWARDED,
}
INVITATIONS: dict[tuple[InvitationStatus, InvitationMove], InvitationStatus | str] = {
    (InvitationStatus.PENDING, InvitationMove.ACCEPT): InvitationStatus.ACCEPTED,
    (InvitationStatus.PENDING, InvitationMove.DECLINE): InvitationStatus.DECLINED,
    (InvitationStatus.ACCEPTED, InvitationMove.ACCEPT): ACCEPTED,
    (InvitationStatus.ACCEPTED, InvitationMove.DECLINE): ACCEPTED,
    (InvitationStatus.DECLINED, InvitationMove.ACCEPT): DECLINED,
    (InvitationStatus.DECLINED, InvitationMove.DECLINE): DECLINED,
    (InvitationStatus.EXPIRED, InvitationMove.ACCEPT): EXPIRED,
    (InvitationStatus.EXPIRED, InvitationMove.DECLINE): EXPIRED,
}
STATE_OF_JOB = {
    JobStatus.AWARDED: JOB_AWARDED,
    JobStatus.CANCELLED: JOB_CANCELLED,
    JobStatus.EXPIRED: JOB_EXPIRED,
}


@pytest.mark.parametrize("move", JobMove)
@pytest.mark.parametrize("status", JobStatus)
def test_a_job_moves_or_says_what_it_is(status: JobStatus, move: JobMove) -> None:
    after = JOBS[status, move]

    if isinstance(after, JobStatus):
        assert move_job(status, move) is after
    else:
        with pytest.raises(Conflict) as refused:
            move_job(status, move)
        assert refused.value.message == after


@pytest.mark.parametrize("move", ProposalMove)
@pytest.mark.parametrize("status", ProposalStatus)
def test_a_proposal_moves_or_says_what_it_is(status: ProposalStatus, move: ProposalMove) -> None:
    after = PROPOSALS[status, move]

    if isinstance(after, ProposalStatus):
        assert move_proposal(status, move) is after
    else:
        with pytest.raises(Conflict) as refused:
            move_proposal(status, move)
        assert refused.value.message == after


@pytest.mark.parametrize("move", InvitationMove)
@pytest.mark.parametrize("status", InvitationStatus)
def test_an_invitation_moves_or_says_what_it_is(
    status: InvitationStatus, move: InvitationMove
) -> None:
    after = INVITATIONS[status, move]

    if isinstance(after, InvitationStatus):
        assert move_invitation(status, move) is after
    else:
        with pytest.raises(Conflict) as refused:
            move_invitation(status, move)
        assert refused.value.message == after


@pytest.mark.parametrize("status", JobStatus)
def test_only_an_open_job_is_open(status: JobStatus) -> None:
    if status is JobStatus.OPEN:
        check_open(status)
    else:
        with pytest.raises(Conflict) as refused:
            check_open(status)
        assert refused.value.message == STATE_OF_JOB[status]
