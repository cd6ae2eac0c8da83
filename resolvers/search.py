"""Searching freelancers and jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from tortoise.models import Model

from models.rules.instants import FOREVER
from models.rules.kinds import JobStatus
from models.rules.refusals import InvalidReason
from models.rules.searching import SearchText, search_text
from models.store.database import Database
from models.store.pages import Key, Page, Sliced
from models.store.search import Found, Order, Search
from models.tables import Freelancer, Job
from resolvers.inputs import TEXT_LENGTH, Checks, passed
from resolvers.services import Services

M = TypeVar("M", bound=Model)

RATING_MOST: Final = 5


class FreelancerOrder(StrEnum):
    RELEVANCE = "RELEVANCE"
    RATING = "RATING"
    HOURLY_RATE_ASC = "HOURLY_RATE_ASC"
    HOURLY_RATE_DESC = "HOURLY_RATE_DESC"
    NEWEST = "NEWEST"


class JobOrder(StrEnum):
    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"


_BY_RATING: Final = Order(("COALESCE(rating, -1)", "account_id"), descending=True)
FREELANCER_ORDERS: Final = {
    FreelancerOrder.RELEVANCE: _BY_RATING,
    FreelancerOrder.RATING: _BY_RATING,
    FreelancerOrder.HOURLY_RATE_ASC: Order(
        ("COALESCE(hourly_rate_minor, 2147483648)", "account_id"), descending=False
    ),
    FreelancerOrder.HOURLY_RATE_DESC: Order(
        ("COALESCE(hourly_rate_minor, -1)", "account_id"), descending=True
    ),
    FreelancerOrder.NEWEST: Order(("account_id",), descending=True),
}
"""Whoever has no rating or no rate stands last, either way."""
JOB_ORDERS: Final = {order: Order(("id",), descending=True) for order in JobOrder}


@dataclass(frozen=True)
class FreelancerFilter:
    """Conditions that add up. Rates in minor units, `countries` as ISO 3166-1 alpha-2 codes."""

    text: str | None = None
    skills: Sequence[str] = ()
    min_hourly_rate: int | None = None
    max_hourly_rate: int | None = None
    countries: Sequence[str] | None = None
    min_rating: float | None = None
    available_now: bool | None = None


@dataclass(frozen=True)
class JobFilter:
    """Conditions that add up. Without `statuses`, cancelled jobs are left out."""

    text: str | None = None
    skills: Sequence[str] = ()
    statuses: Sequence[JobStatus] | None = None


async def freelancers(
    services: Services, wanted: FreelancerFilter, order: FreelancerOrder, page: Page
) -> Sliced[Found[Freelancer]]:
    """A page of freelancers. Raises InvalidInput."""
    _check_freelancers(wanted)
    text = _words(wanted.text)
    search = _Paged(services.database, Freelancer, FREELANCER_ORDERS[order], page)
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
    async with services.loaders.searching:
        return await search.sliced(text, by_relevance=order is FreelancerOrder.RELEVANCE)


async def jobs(
    services: Services, wanted: JobFilter, order: JobOrder, page: Page
) -> Sliced[Found[Job]]:
    """A page of jobs. Raises InvalidInput."""
    checks = Checks()
    _check_text_and_skills(checks, wanted.text, wanted.skills)
    checks.most("filter.statuses", wanted.statuses or (), len(JobStatus))
    checks.done()
    text = _words(wanted.text)
    search = _Paged(services.database, Job, JOB_ORDERS[order], page)
    search.with_skills(wanted.skills, beside_text=text is not None)
    if wanted.statuses is None:
        search.conditions.add("status <> {}", JobStatus.CANCELLED)
    else:
        _with_statuses(search, wanted.statuses, services.clock())
    async with services.loaders.searching:
        return await search.sliced(text, by_relevance=order is JobOrder.RELEVANCE)


class _Paged(Search[M]):
    """A search for one page, which may be read from the end, and between two places."""

    def __init__(self, database: Database, model: type[M], order: Order, page: Page) -> None:
        reading = order._replace(descending=order.descending is not page.backwards)
        super().__init__(database, model, reading)
        self._page = page

    async def sliced(self, text: SearchText | None, *, by_relevance: bool) -> Sliced[Found[M]]:
        """The page of rows that hold all words of `text`."""
        return Sliced.of(await self._read(text, by_relevance=by_relevance), self._page)

    async def _read(self, text: SearchText | None, *, by_relevance: bool) -> list[Found[M]]:
        page = self._page
        if text is None:
            self._end_at(page.far)
            return await self._rows(self.conditions, 0, page.limit, page.near, few=False)
        if not text.words:
            return []
        found: list[Found[M]] = []
        for tier in self._tiers(by_relevance=by_relevance):
            if len(found) == page.limit:
                break
            if page.far is not None and tier == page.far[0]:
                # No tier is read after this one, so that the condition may stay.
                self._end_at(page.far)
            near = page.near if page.near is not None and tier == page.near[0] else None
            found += await self._tier(text, tier, page.limit - len(found), near)
        return found

    def _tiers(self, *, by_relevance: bool) -> list[int]:
        """The tiers that the page can reach, in the direction of reading."""
        after, before = self._page.after, self._page.before
        tiers = [
            tier
            for tier in ((1, 2, 3) if by_relevance else (0,))
            if (after is None or tier >= after[0]) and (before is None or tier <= before[0])
        ]
        return tiers[::-1] if self._page.backwards else tiers

    def _end_at(self, far: Key | None) -> None:
        if far is not None:
            keys, descending = self._order
            marks = ", ".join("{}" for _ in keys)
            comparison = ">" if descending else "<"
            self.conditions.add(f"({', '.join(keys)}) {comparison} ({marks})", *far[1:])


def _with_statuses(search: Search[Job], statuses: Sequence[JobStatus], now: int) -> None:
    """An open job whose time is over has expired, whatever is stored."""
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
    """An empty search box looks for nothing in particular; signs alone are found nowhere."""
    return search_text(text) if text is not None and text.strip() else None


def _check_freelancers(wanted: FreelancerFilter) -> None:
    checks = Checks()
    _check_text_and_skills(checks, wanted.text, wanted.skills)
    least, most = wanted.min_hourly_rate, wanted.max_hourly_rate
    for path, rate in (("minHourlyRate", least), ("maxHourlyRate", most)):
        if rate is not None and rate < 0:
            checks.fault(f"filter.{path}", "must be 0 or more", InvalidReason.TOO_SMALL, 0)
    if least is not None and most is not None and least > most:
        message = "is more than maxHourlyRate"
        checks.fault("filter.minHourlyRate", message, InvalidReason.TOO_LARGE, most)
    checks.countries("filter.countries", wanted.countries or ())
    if wanted.min_rating is not None and not 0 <= wanted.min_rating <= RATING_MOST:
        message = f"must be 0 to {RATING_MOST}"
        checks.fault("filter.minRating", message, *passed(wanted.min_rating, 0, RATING_MOST))
    checks.done()


def _check_text_and_skills(checks: Checks, text: str | None, skills: Sequence[str]) -> None:
    checks.text("filter.text", text, TEXT_LENGTH)
    checks.skills("filter.skills", skills)
