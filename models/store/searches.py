"""The searches of the marketplace: freelancers and jobs by filter and order."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from models.rules.instants import FOREVER
from models.rules.kinds import JobStatus
from models.rules.searching import SearchText, search_text
from models.store.database import Database
from models.store.pages import Page, Sliced
from models.store.search import Found, RankedSearch, SortOrder
from models.tables import Freelancer, Job


class FreelancerOrder(StrEnum):
    RELEVANCE = "RELEVANCE"
    RATING = "RATING"
    HOURLY_RATE_ASC = "HOURLY_RATE_ASC"
    HOURLY_RATE_DESC = "HOURLY_RATE_DESC"
    NEWEST = "NEWEST"


class JobOrder(StrEnum):
    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"


_BY_RATING: Final = SortOrder(("COALESCE(rating, -1)", "account_id"), descending=True)
FREELANCER_ORDERS: Final = {
    FreelancerOrder.RELEVANCE: _BY_RATING,
    FreelancerOrder.RATING: _BY_RATING,
    FreelancerOrder.HOURLY_RATE_ASC: SortOrder(
        ("COALESCE(hourly_rate_minor, 2147483648)", "account_id"), descending=False
    ),
    FreelancerOrder.HOURLY_RATE_DESC: SortOrder(
        ("COALESCE(hourly_rate_minor, -1)", "account_id"), descending=True
    ),
    FreelancerOrder.NEWEST: SortOrder(("account_id",), descending=True),
}
"""Freelancers without a rating or rate come last in both directions."""
JOB_ORDERS: Final = {order: SortOrder(("id",), descending=True) for order in JobOrder}


@dataclass(frozen=True)
class FreelancerFilter:
    """Conditions, combined with AND. Rates in minor units, `countries` in ISO 3166-1 alpha-2."""

    text: str | None = None
    skills: Sequence[str] = ()
    min_hourly_rate: int | None = None
    max_hourly_rate: int | None = None
    countries: Sequence[str] | None = None
    min_rating: float | None = None
    available_now: bool | None = None


@dataclass(frozen=True)
class JobFilter:
    """Conditions, combined with AND."""

    text: str | None = None
    skills: Sequence[str] = ()
    statuses: Sequence[JobStatus] | None = None


async def freelancers(
    database: Database, wanted: FreelancerFilter, order: FreelancerOrder, page: Page
) -> Sliced[Found[Freelancer]]:
    """Returns a page of freelancers."""
    text = _words(wanted.text)
    search = RankedSearch(database, Freelancer, FREELANCER_ORDERS[order], page)
    search.with_skills(wanted.skills, beside_text=text is not None)
    for comparison, value in (
        ("hourly_rate_minor >= {}", wanted.min_hourly_rate),
        ("hourly_rate_minor <= {}", wanted.max_hourly_rate),
        ("rating >= {}", wanted.min_rating),
        ("available_now = {}", wanted.available_now),
    ):
        if value is not None:
            search.conditions.add(comparison, value)
    if wanted.countries is not None:
        search.conditions.among("country", list(dict.fromkeys(wanted.countries)))
    return await search.sliced(text, by_relevance=order is FreelancerOrder.RELEVANCE)


async def jobs(
    database: Database, wanted: JobFilter, order: JobOrder, page: Page, now: int
) -> Sliced[Found[Job]]:
    """Returns a page of jobs, with their statuses at the instant `now`."""
    text = _words(wanted.text)
    search = RankedSearch(database, Job, JOB_ORDERS[order], page)
    search.with_skills(wanted.skills, beside_text=text is not None)
    if wanted.statuses is not None:
        _with_statuses(search, wanted.statuses, now)
    return await search.sliced(text, by_relevance=order is JobOrder.RELEVANCE)


def _with_statuses(search: RankedSearch[Job], statuses: Sequence[JobStatus], now: int) -> None:
    """An open job past its expiry counts as expired, whatever is stored."""
    stored = [status for status in JobStatus if status in statuses and status is not JobStatus.OPEN]
    marks = ", ".join("{}" for _ in stored)
    conditions = [f"status IN ({marks or 'NULL'})"]
    values: list[Any] = list(stored)
    if JobStatus.OPEN in statuses or JobStatus.EXPIRED in statuses:
        conditions.append("(status = 'OPEN' AND expires_at > {} AND expires_at <= {})")
        values += [
            now if JobStatus.EXPIRED not in statuses else -1,
            now if JobStatus.OPEN not in statuses else FOREVER,
        ]
    search.conditions.add(f"({' OR '.join(conditions)})", *values)


def _words(text: str | None) -> SearchText | None:
    """Empty text means no text search; text of punctuation alone matches nothing."""
    return search_text(text) if text is not None and text.strip() else None
