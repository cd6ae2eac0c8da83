"""Searching freelancers and jobs."""

from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from models.store.pages import Key
from models.store.search import Found
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
    "In which order to list freelancers. Who has no rating or no rate stands last.",
    {
        "RELEVANCE": "All words in the title first, then in title and skills, then anywhere; "
        "the best rated first among each.",
        "RATING": "The best rated first.",
        "HOURLY_RATE_ASC": "The lowest hourly rate in the filter's `rateCurrency` first; whoever "
        "asks for another currency, or names no rate, stands last.",
        "HOURLY_RATE_DESC": "The highest hourly rate in the filter's `rateCurrency` first; whoever "
        "asks for another currency, or names no rate, stands last.",
        "NEWEST": "The newest first.",
    },
)
describe(
    JobOrder,
    "In which order to list jobs.",
    {
        "RELEVANCE": "All words in the title first, then in title and skills, then anywhere; "
        "the newest first among each.",
        "NEWEST": "The newest first.",
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


@strawberry.input(description="Which freelancers to find; conditions add up.")
class FreelancerFilter:
    text: str | None = strawberry.field(
        default=None,
        description="Words of title, skills and overview, stemmed; "
        "all must be found, and the last may be the beginning of a word.",
    )
    skills: list[str] | None = strawberry.field(
        default=None,
        description=f"Only those who have all of these skills: up to {SKILLS}.",
        metadata=at_most(SKILLS),
    )
    min_hourly_rate: MinorUnits | None = strawberry.field(
        default=None,
        description="Only those who ask this or more an hour, in minor units of `rateCurrency`; "
        "whoever asks for another currency is left out.",
    )
    max_hourly_rate: MinorUnits | None = strawberry.field(
        default=None,
        description="Only those who ask this or less an hour, in minor units of `rateCurrency`; "
        "whoever asks for another currency is left out.",
    )
    rate_currency: str = strawberry.field(
        default="USD",
        description="The ISO 4217 code of the currency in which hourly rates are compared, by the "
        "conditions and by the orders: rates of different currencies are not.",
    )
    countries: list[str] | None = strawberry.field(
        default=None,
        description="Only those from these countries: "
        f"up to {COUNTRIES_ASKED} ISO 3166-1 alpha-2 codes.",
        metadata=at_most(COUNTRIES_ASKED),
    )
    min_rating: float | None = strawberry.field(
        default=None, description="Only those who are rated this or better: 0 to 5."
    )
    available_now: bool | None = strawberry.field(
        default=None, description="Only those who can start at once, or who can't."
    )


@strawberry.input(description="Which jobs to find; conditions add up.")
class JobFilter:
    text: str | None = strawberry.field(
        default=None,
        description="Words of title, skills and description, stemmed; "
        "all must be found, and the last may be the beginning of a word.",
    )
    skills: list[str] | None = strawberry.field(
        default=None,
        description=f"Only those that take all of these skills: up to {SKILLS}.",
        metadata=at_most(SKILLS),
    )
    statuses: list[JobStatus] | None = strawberry.field(
        default=None,
        description=f"Only those that stand in one of these ways: up to {len(JobStatus)}. "
        "All but cancelled ones if not given.",
        metadata=at_most(len(JobStatus)),
    )


@strawberry.type
class Search:
    """The root fields that search."""

    @strawberry.field(description="Freelancers and agencies that meet all conditions.")
    @paged()
    async def freelancers(
        self,
        info: Info,
        paging: Paging,
        filter: Annotated[
            FreelancerFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        order_by: Annotated[
            FreelancerOrder | None,
            strawberry.argument(description="In which order: RELEVANCE if not given."),
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

    @strawberry.field(description="Jobs that meet all conditions.")
    @paged()
    async def jobs(
        self,
        info: Info,
        paging: Paging,
        filter: Annotated[JobFilter | None, strawberry.argument(description="Which ones.")] = None,
        order_by: Annotated[
            JobOrder | None,
            strawberry.argument(description="In which order: RELEVANCE if not given."),
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
