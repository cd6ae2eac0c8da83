"""Searching the marketplace, and asking for a price before paying it."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from models.store.pages import Key
from models.store.search import Found
from models.tables import Freelancer as FreelancerRow
from models.tables import Job as JobRow
from resolvers import quote as quotes
from resolvers import search
from resolvers.search import FreelancerOrder, JobOrder
from schema.connections import After, Before, Connection, Connects, First, Last, Order
from schema.context import Info
from schema.ids import required_id
from schema.mutations.market_inputs import FreelancerFilter, JobFilter, QuoteInput
from schema.types.enums import ConnectsAction, describe
from schema.types.freelancer import Freelancer
from schema.types.job import Job

describe(
    FreelancerOrder,
    "In which order to list freelancers. Who has no rating or no rate stands last.",
    {
        "RELEVANCE": "All words in the title first, then in title and skills, then anywhere; "
        "the best rated first among each.",
        "RATING": "The best rated first.",
        "HOURLY_RATE_ASC": "The lowest hourly rate first.",
        "HOURLY_RATE_DESC": "The highest hourly rate first.",
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

_FREELANCER_KEYS: dict[FreelancerOrder, tuple[object, ...]] = {
    FreelancerOrder.RELEVANCE: (int, float, UUID),
    FreelancerOrder.RATING: (int, float, UUID),
    FreelancerOrder.HOURLY_RATE_ASC: (int, int, UUID),
    FreelancerOrder.HOURLY_RATE_DESC: (int, Connects, UUID),
    FreelancerOrder.NEWEST: (int, UUID),
}
_JOB_KEY = (int, UUID)


@strawberry.type(description="What an action costs an account this instant.")
class Quote:
    action: ConnectsAction = strawberry.field(description="What it is asked for.")
    connects: int = strawberry.field(description="What it costs, in Connects.")
    available: int = strawberry.field(description="What the wallet has, in Connects.")
    available_after: int = strawberry.field(
        description="What would remain, in Connects; 0 or more."
    )
    shortfall: int = strawberry.field(description="What is missing, in Connects; 0 or more.")
    affordable: bool = strawberry.field(description="Whether the wallet has enough.")
    refundable: bool = strawberry.field(description="Whether any of it can come back.")
    explanation: str = strawberry.field(description="All of this in plain words.")

    @classmethod
    def of(cls, quote: quotes.Quote) -> "Quote":
        return cls(
            action=quote.action,
            connects=quote.connects,
            available=quote.available,
            available_after=quote.available_after,
            shortfall=quote.shortfall,
            affordable=quote.shortfall == 0,
            refundable=quote.returnable > 0,
            explanation=quote.explanation,
        )


@strawberry.type
class MarketQuery:
    @strawberry.field(
        description="What an action would cost one of your accounts this instant. "
        "Whether it is permitted is said only by the mutation."
    )
    async def quote(
        self,
        info: Info,
        input: Annotated[QuoteInput, strawberry.argument(description="What is asked for.")],
    ) -> Quote:
        job, freelancer = input.job_id, input.freelancer_id
        quote = await quotes.quote(
            info.context.services,
            info.context.signed_in(),
            account_id=required_id("accountId", input.account_id, "Account"),
            action=input.action,
            chosen=input.connects,
            job_id=required_id("jobId", job, "Job") if job else None,
            freelancer_id=required_id("freelancerId", freelancer, "Freelancer")
            if freelancer
            else None,
        )
        return Quote.of(quote)

    @strawberry.field(description="Freelancers and agencies that meet all conditions.")
    async def freelancers(
        self,
        info: Info,
        filter: Annotated[
            FreelancerFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        order_by: Annotated[
            FreelancerOrder | None,
            strawberry.argument(description="In which order: RELEVANCE if not given."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Freelancer]:
        by = order_by or FreelancerOrder.RELEVANCE
        order = Order[Found[FreelancerRow]](f"freelancers:{by}", _FREELANCER_KEYS[by], _place)
        asked = order.page(first, after, last, before)
        wanted = _freelancer_filter(filter or FreelancerFilter())
        sliced = await search.freelancers(info.context.services, wanted, by, asked)
        return order.connection(sliced, lambda found: Freelancer.of(found.row))

    @strawberry.field(description="Jobs that meet all conditions.")
    async def jobs(
        self,
        info: Info,
        filter: Annotated[JobFilter | None, strawberry.argument(description="Which ones.")] = None,
        order_by: Annotated[
            JobOrder | None,
            strawberry.argument(description="In which order: RELEVANCE if not given."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Job]:
        by = order_by or JobOrder.RELEVANCE
        order = Order[Found[JobRow]](f"jobs:{by}", _JOB_KEY, _place)
        asked = order.page(first, after, last, before)
        filter = filter or JobFilter()
        wanted = search.JobFilter(filter.text, filter.skills or (), filter.statuses)
        sliced = await search.jobs(info.context.services, wanted, by, asked)
        return order.connection(sliced, lambda found: Job.of(found.row, info))


def _place(found: Found[Any]) -> Key:
    return found.place


def _freelancer_filter(filter: FreelancerFilter) -> search.FreelancerFilter:
    return search.FreelancerFilter(
        text=filter.text,
        skills=filter.skills or (),
        min_hourly_rate=filter.min_hourly_rate,
        max_hourly_rate=filter.max_hourly_rate,
        countries=filter.countries,
        min_rating=filter.min_rating,
        available_now=filter.available_now,
    )
