"""The status of a job, proposal or invitation at an instant, without a scheduler."""

from models.rules.instants import DAY
from models.rules.kinds import InvitationStatus, JobStatus, ProposalStatus

JOB_LIFETIME = 30 * DAY
INVITATION_LIFETIME = 7 * DAY


def job_status(stored: JobStatus, expires_at: int, now: int) -> JobStatus:
    """Returns the current status of a job last stored as `stored`."""
    if stored is JobStatus.OPEN and expires_at <= now:
        return JobStatus.EXPIRED
    return stored


def invitation_status(
    stored: InvitationStatus, expires_at: int, now: int, job: JobStatus = JobStatus.OPEN
) -> InvitationStatus:
    """The status of an invitation, last stored as `stored`, to a job that is `job` now."""
    if stored is InvitationStatus.PENDING and (expires_at <= now or job is not JobStatus.OPEN):
        return InvitationStatus.EXPIRED
    return stored


def proposal_status(stored: ProposalStatus, job: JobStatus) -> ProposalStatus:
    """Returns the status of a proposal to a job whose current status is `job`.

    If the job is no longer open, proposals that were not hired derive their status from it.
    """
    if stored is ProposalStatus.SUBMITTED and job is not JobStatus.OPEN:
        return ProposalStatus.NOT_AWARDED
    return stored
