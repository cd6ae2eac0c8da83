"""The searches of the marketplace: freelancers and jobs by filter and order."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from models.rules.instants import FOREVER
from models.rules.kinds import JobStatus
from models.rules.searching import SearchText, search_text
from models.store.database import Database
from models.store.pages import Key, Page, Sliced, in_two_parts
from models.store.search.ranked import Found, RankedSearch, SortOrder
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
    FreelancerOrder.NEWEST: SortOrder(("account_id",), descending=True),
}
"""Whoever has no rating stands last. RATE_ORDERS are the others."""
RATE_ORDERS: Final = {
    FreelancerOrder.HOURLY_RATE_ASC: SortOrder(
        ("hourly_rate_minor", "account_id"), descending=False
    ),
    FreelancerOrder.HOURLY_RATE_DESC: SortOrder(
        ("hourly_rate_minor", "account_id"), descending=True
    ),
}
"""Of those whose rate is in the currency that is compared."""
JOB_ORDERS: Final = {order: SortOrder(("id",), descending=True) for order in JobOrder}


@dataclass(frozen=True)
class FreelancerFilter:
    """Conditions that add up. `countries` as ISO 3166-1 alpha-2 codes.

    Rates in minor units of `rate_currency`, in which the orders by rate compare, too.
    """

    text: str | None = None
    skills: Sequence[str] = ()
    min_hourly_rate: int | None = None
    max_hourly_rate: int | None = None
    rate_currency: str = "USD"
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
    database: Database, wanted: FreelancerFilter, order: FreelancerOrder, page: Page
) -> Sliced[Found[Freelancer]]:
    """A page of freelancers."""
    if order in RATE_ORDERS:
        return await _by_rate(database, wanted, RATE_ORDERS[order], page)
    search = _searching(database, wanted, FREELANCER_ORDERS[order], page)
    by_relevance = order is FreelancerOrder.RELEVANCE
    return await search.sliced(_words(wanted.text), by_relevance=by_relevance)


def _searching(
    database: Database, wanted: FreelancerFilter, order: SortOrder, page: Page
) -> RankedSearch[Freelancer]:
    search = RankedSearch(database, Freelancer, order, page)
    search.with_skills(wanted.skills, beside_text=_words(wanted.text) is not None)
    least, most = wanted.min_hourly_rate, wanted.max_hourly_rate
    if least is not None or most is not None:
        search.conditions.add("hourly_rate_currency = {}", wanted.rate_currency)
    for comparison, value in (
        ("hourly_rate_minor >= {}", least),
        ("hourly_rate_minor <= {}", most),
        ("rating >= {}", wanted.min_rating),
        ("available_now = {}", wanted.available_now),
    ):
        if value is not None:
            search.conditions.add(comparison, value)
    if wanted.countries is not None:
        search.conditions.among("country", list(dict.fromkeys(wanted.countries)))
    return search


async def _by_rate(
    database: Database, wanted: FreelancerFilter, order: SortOrder, page: Page
) -> Sliced[Found[Freelancer]]:
    """A page of those whose rate is in the currency, by rate, and of all others after them.

    A place is 0, the rate and the account, or 1, 0 and the account of one of the others.
    """

    async def read(part: int, beside: Page) -> list[Found[Freelancer]]:
        if part == 0:
            beside = beside._replace(after=_in_tier(beside.after), before=_in_tier(beside.before))
        within = order if part == 0 else order._replace(keys=("account_id",))
        search = _searching(database, wanted, within, beside)
        search.conditions.add(_RATE_IN_PART[part], wanted.rate_currency)
        rows = await search.read(_words(wanted.text), by_relevance=False)
        return rows if part == 0 else [Found(row, (1, *place)) for row, place in rows]

    return await in_two_parts(page, read)


_RATE_IN_PART: Final = (
    "hourly_rate_currency = {}",
    "(hourly_rate_currency IS NULL OR hourly_rate_currency <> {})",
)


def _in_tier(key: Key | None) -> Key | None:
    """A key as a search without ranks has it, in tier 0."""
    return None if key is None else (0, *key)


async def jobs(
    database: Database, wanted: JobFilter, order: JobOrder, page: Page, now: int
) -> Sliced[Found[Job]]:
    """Returns a page of jobs, with their statuses at the instant `now`."""
    text = _words(wanted.text)
    search = RankedSearch(database, Job, JOB_ORDERS[order], page)
    search.with_skills(wanted.skills, beside_text=text is not None)
    if wanted.statuses is None:
        search.conditions.add("status <> {}", JobStatus.CANCELLED)
    else:
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
