"""What a job, a proposal or an invitation is at an instant."""

import pytest

from models.rules.instants import DAY
from models.rules.kinds import InvitationStatus, JobStatus, ProposalStatus
from models.rules.statuses import (
    INVITATION_LIFETIME,
    JOB_LIFETIME,
    invitation_status,
    job_status,
    proposal_status,
)
from tests.models.rules.samples import NOW


def test_an_open_job_lives_30_days_and_an_invitation_7() -> None:
    assert (JOB_LIFETIME, INVITATION_LIFETIME) == (30 * DAY, 7 * DAY)


@pytest.mark.parametrize(("now", "expired"), [(NOW - 1, False), (NOW, True), (NOW + 1, True)])
@pytest.mark.parametrize("stored", JobStatus)
def test_only_an_open_job_expires_at_its_instant(
    stored: JobStatus, now: int, expired: bool
) -> None:
    expires = stored is JobStatus.OPEN and expired
    assert job_status(stored, NOW, now) == (JobStatus.EXPIRED if expires else stored)


@pytest.mark.parametrize(("now", "expired"), [(NOW - 1, False), (NOW, True), (NOW + 1, True)])
@pytest.mark.parametrize("stored", InvitationStatus)
def test_only_a_pending_invitation_expires_at_its_instant(
    stored: InvitationStatus, now: int, expired: bool
) -> None:
    expires = stored is InvitationStatus.PENDING and expired
    assert invitation_status(stored, NOW, now) == (InvitationStatus.EXPIRED if expires else stored)


@pytest.mark.parametrize("job", JobStatus)
@pytest.mark.parametrize("stored", ProposalStatus)
def test_only_a_submitted_proposal_learns_from_the_job_that_it_was_not_awarded(
    stored: ProposalStatus, job: JobStatus
) -> None:
    lost = stored is ProposalStatus.SUBMITTED and job is not JobStatus.OPEN
    assert proposal_status(stored, job) is (ProposalStatus.NOT_AWARDED if lost else stored)


@pytest.mark.parametrize("job", JobStatus)
@pytest.mark.parametrize("stored", InvitationStatus)
def test_only_a_pending_invitation_expires_with_its_job(
    stored: InvitationStatus, job: JobStatus
) -> None:
    expires = stored is InvitationStatus.PENDING and job is not JobStatus.OPEN
    status = invitation_status(stored, NOW + 1, NOW, job)
    assert status is (InvitationStatus.EXPIRED if expires else stored)
