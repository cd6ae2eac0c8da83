"""What holds for every use of a job."""

from models.rules.kinds import JobStatus
from models.rules.refusals import Conflict
from models.rules.statuses import job_status
from models.tables import Job

_IN_WORDS = {
    JobStatus.AWARDED: "has been awarded",
    JobStatus.CANCELLED: "was cancelled",
    JobStatus.EXPIRED: "has expired",
}


def check_open(job: Job, now: int) -> None:
    """Raises Conflict, with the present state in words, where the job is not open at `now`."""
    status = job_status(job.status, job.expires_at, now)
    if status is not JobStatus.OPEN:
        raise Conflict(f"This job {_IN_WORDS[status]}.")
