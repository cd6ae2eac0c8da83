"""Searching freelancers and jobs."""

from collections.abc import Sequence
from typing import Final

from models.rules.kinds import JobStatus
from models.rules.refusals import InvalidReason
from models.store.pages import Page, Sliced
from models.store.search import searches
from models.store.search.ranked import Found
from models.store.search.searches import (
    RATE_ORDERS,
    FreelancerFilter,
    FreelancerOrder,
    JobFilter,
    JobOrder,
)
from models.tables import Freelancer, Job
from resolvers.inputs import TEXT_LENGTH, Checks, passed
from resolvers.services import Services

__all__ = [
    "RATE_ORDERS",
    "FreelancerFilter",
    "FreelancerOrder",
    "JobFilter",
    "JobOrder",
    "freelancers",
    "jobs",
]

RATING_MOST: Final = 5


async def freelancers(
    services: Services, wanted: FreelancerFilter, order: FreelancerOrder, page: Page
) -> Sliced[Found[Freelancer]]:
    """A page of freelancers. Raises InvalidInput."""
    _check_freelancers(wanted)
    async with services.loaders.searching:
        return await searches.freelancers(services.database, wanted, order, page)


async def jobs(
    services: Services, wanted: JobFilter, order: JobOrder, page: Page
) -> Sliced[Found[Job]]:
    """A page of jobs. Raises InvalidInput."""
    checks = Checks()
    _check_text_and_skills(checks, wanted.text, wanted.skills)
    checks.most("filter.statuses", wanted.statuses or (), len(JobStatus))
    checks.done()
    async with services.loaders.searching:
        return await searches.jobs(services.database, wanted, order, page, services.clock())


def _check_freelancers(wanted: FreelancerFilter) -> None:
    checks = Checks()
    _check_text_and_skills(checks, wanted.text, wanted.skills)
    least, most = wanted.min_hourly_rate, wanted.max_hourly_rate
    for path, rate in (("minHourlyRate", least), ("maxHourlyRate", most)):
        if rate is not None and rate < 0:
            checks.wrong(f"filter.{path}", "must be 0 or more", InvalidReason.TOO_SMALL, 0)
    if least is not None and most is not None:
        checks.order("filter.minHourlyRate", least, "filter.maxHourlyRate", most)
    checks.currency("filter.rateCurrency", wanted.rate_currency)
    checks.countries("filter.countries", wanted.countries or ())
    if wanted.min_rating is not None and not 0 <= wanted.min_rating <= RATING_MOST:
        message = f"must be 0 to {RATING_MOST}"
        checks.wrong("filter.minRating", message, *passed(wanted.min_rating, 0, RATING_MOST))
    checks.done()


def _check_text_and_skills(checks: Checks, text: str | None, skills: Sequence[str]) -> None:
    checks.text("filter.text", text, TEXT_LENGTH)
    checks.skills("filter.skills", skills)
