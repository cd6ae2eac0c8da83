"""Searching freelancers and jobs."""

from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from models.store.pages import Key
from models.store.search.ranked import Found
from models.tables import Freelancer as FreelancerRow
from models.tables import Job as JobRow
from resolvers import search
from resolvers.inputs import COUNTRIES_ASKED, SKILLS
from resolvers.search import FreelancerOrder, JobOrder
from schema.connections import Connection, Order, Paging, paged
from schema.context import Info
from schema.types.enums import JobStatus, describe
from schema.types.freelancer import Freelancer
from schema.types.job import Job
from schema.types.scalars import MinorUnits
from serving.operations.bounds import at_most

describe(
    FreelancerOrder,
    "The order of freelancers. Those without the rating or rate that is sorted by come last.",
    {
        "RELEVANCE": "Freelancers with all words in the title first, then in title and skills, "
        "then anywhere. Within each group, best rated first.",
        "RATING": "Best rated first.",
        "HOURLY_RATE_ASC": "Lowest hourly rate in the filter's `rateCurrency` first. Freelancers "
        "with a rate in another currency, or no rate, come last.",
        "HOURLY_RATE_DESC": "Highest hourly rate in the filter's `rateCurrency` first. Freelancers "
        "with a rate in another currency, or no rate, come last.",
        "NEWEST": "Newest first.",
    },
)
describe(
    JobOrder,
    "The order of jobs.",
    {
        "RELEVANCE": "Jobs with all words in the title first, then in title and skills, then "
        "anywhere. Within each group, newest first.",
        "NEWEST": "Newest first.",
    },
)

_FREELANCER_KEYS: Final[dict[FreelancerOrder, tuple[object, ...]]] = {
    FreelancerOrder.RELEVANCE: (int, float, UUID),
    FreelancerOrder.RATING: (int, float, UUID),
    FreelancerOrder.HOURLY_RATE_ASC: (int, int, UUID),
    FreelancerOrder.HOURLY_RATE_DESC: (int, int, UUID),
    FreelancerOrder.NEWEST: (int, UUID),
}
_JOB_KEY: Final = (int, UUID)


@strawberry.input(description="Conditions for freelancers. A freelancer must meet all of them.")
class FreelancerFilter:
    text: str | None = strawberry.field(
        default=None,
        description="Words in the title, skills and overview. All words must match, after "
        "stemming. The last one may be a prefix.",
    )
    skills: list[str] | None = strawberry.field(
        default=None,
        description=f"Only freelancers with all of these skills: up to {SKILLS}.",
        metadata=at_most(SKILLS),
    )
    min_hourly_rate: MinorUnits | None = strawberry.field(
        default=None,
        description="Only freelancers with this hourly rate or more, in minor units of "
        "`rateCurrency`. Rates in other currencies do not match.",
    )
    max_hourly_rate: MinorUnits | None = strawberry.field(
        default=None,
        description="Only freelancers with this hourly rate or less, in minor units of "
        "`rateCurrency`. Rates in other currencies do not match.",
    )
    rate_currency: str = strawberry.field(
        default="USD",
        description="The ISO 4217 code of the currency in which hourly rates are filtered and "
        "sorted. Rates in different currencies are not compared.",
    )
    countries: list[str] | None = strawberry.field(
        default=None,
        description="Only freelancers in these countries: "
        f"up to {COUNTRIES_ASKED} ISO 3166-1 alpha-2 codes. Null is all countries, an empty list "
        "finds nobody.",
        metadata=at_most(COUNTRIES_ASKED),
    )
    min_rating: float | None = strawberry.field(
        default=None, description="Only freelancers with this rating or better: 0 to 5."
    )
    available_now: bool | None = strawberry.field(
        default=None,
        description="Only freelancers who can start immediately (true), or who cannot (false).",
    )


@strawberry.input(description="Conditions for jobs. A job must meet all of them.")
class JobFilter:
    text: str | None = strawberry.field(
        default=None,
        description="Words in the title, skills and description. All words must match, after "
        "stemming. The last one may be a prefix.",
    )
    skills: list[str] | None = strawberry.field(
        default=None,
        description=f"Only jobs that require all of these skills: up to {SKILLS}.",
        metadata=at_most(SKILLS),
    )
    statuses: list[JobStatus] | None = strawberry.field(
        default=None,
        description=f"Only jobs with one of these statuses: up to {len(JobStatus)}. "
        "Null is the default: all statuses except CANCELLED. An empty list finds nothing.",
        metadata=at_most(len(JobStatus)),
    )


@strawberry.type
class Search:
    """The root fields that search."""

    @strawberry.field(description="Searches freelancers and agencies.")
    @paged()
    async def freelancers(
        self,
        info: Info,
        paging: Paging,
        filter: Annotated[
            FreelancerFilter | None, strawberry.argument(description="Conditions for the results.")
        ] = None,
        order_by: Annotated[
            FreelancerOrder | None,
            strawberry.argument(description="The order of the results. The default is RELEVANCE."),
        ] = None,
    ) -> Connection[Freelancer] | None:
        by = order_by or FreelancerOrder.RELEVANCE
        wanted = _freelancer_filter(filter or FreelancerFilter())
        name = f"freelancers:{by}"
        if by in search.RATE_ORDERS:
            name += f":{wanted.rate_currency[:3]}"
        order = Order[Found[FreelancerRow]](name, _FREELANCER_KEYS[by], _place)
        page = order.page(paging)
        rows = await search.freelancers(info.context.services, wanted, by, page)
        return order.connection(rows, lambda found: Freelancer.of(found.row, info))

    @strawberry.field(description="Searches jobs.")
    @paged()
    async def jobs(
        self,
        info: Info,
        paging: Paging,
        filter: Annotated[
            JobFilter | None, strawberry.argument(description="Conditions for the results.")
        ] = None,
        order_by: Annotated[
            JobOrder | None,
            strawberry.argument(description="The order of the results. The default is RELEVANCE."),
        ] = None,
    ) -> Connection[Job] | None:
        by = order_by or JobOrder.RELEVANCE
        order = Order[Found[JobRow]](f"jobs:{by}", _JOB_KEY, _place)
        page = order.page(paging)
        filter = filter or JobFilter()
        wanted = search.JobFilter(filter.text, filter.skills or (), filter.statuses)
        rows = await search.jobs(info.context.services, wanted, by, page)
        return order.connection(rows, lambda found: Job.of(found.row, info))


def _place(found: Found[Any]) -> Key:
    return found.place


def _freelancer_filter(filter: FreelancerFilter) -> search.FreelancerFilter:
    return search.FreelancerFilter(
        text=filter.text,
        skills=filter.skills or (),
        min_hourly_rate=filter.min_hourly_rate,
        max_hourly_rate=filter.max_hourly_rate,
        rate_currency=filter.rate_currency,
        countries=filter.countries,
        min_rating=filter.min_rating,
        available_now=filter.available_now,
    )
