"""Quotes: prices that are asked for before they are paid."""

import strawberry

from resolvers import quote as quotes
from schema.types.enums import ConnectsAction


@strawberry.input(description="What a price is asked for.")
class QuoteInput:
    account_id: strawberry.ID = strawberry.field(description="The account that would pay.")
    action: ConnectsAction = strawberry.field(description="What it would pay for.")
    connects: int | None = strawberry.field(
        default=None,
        description="How many, where the payer chooses. For a boost, in all; without it, as many "
        "as it takes to lead.",
    )
    job_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The job to propose to; an accepted invitation makes it free. Or the job whose "
        "proposal to boost.",
    )
    freelancer_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose contact details; they may be unlocked already, or not be there at all.",
    )


@strawberry.type(description="What an action costs an account this instant.")
class Quote:
    action: ConnectsAction = strawberry.field(description="What it is asked for.")
    connects: int = strawberry.field(description="What it costs, in Connects.")
    available: int = strawberry.field(description="What the wallet has, in Connects.")
    available_after: int = strawberry.field(
        description="What would remain, in Connects; 0 or more. What a boost has set aside already "
        "is not taken again."
    )
    shortfall: int = strawberry.field(description="What is missing, in Connects; 0 or more.")
    affordable: bool = strawberry.field(description="Whether the wallet has enough.")
    refundable: bool = strawberry.field(
        description="Whether any of it can come back and be spent again: what would lapse on its "
        "return does not count."
    )
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
