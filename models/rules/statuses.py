"""What a job or an invitation is at an instant: nobody has to come by for it to expire."""

from models.rules.instants import DAY
from models.rules.kinds import InvitationStatus, JobStatus

JOB_LIFETIME = 30 * DAY
INVITATION_LIFETIME = 7 * DAY


def job_status(stored: JobStatus, expires_at: int, now: int) -> JobStatus:
    """The status of a job that was last stored as `stored`."""
    if stored is JobStatus.OPEN and expires_at <= now:
        return JobStatus.EXPIRED
    return stored


def invitation_status(stored: InvitationStatus, expires_at: int, now: int) -> InvitationStatus:
    """The status of an invitation that was last stored as `stored`."""
    if stored is InvitationStatus.PENDING and expires_at <= now:
        return InvitationStatus.EXPIRED
    return stored
