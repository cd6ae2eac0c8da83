"""Quotes: prices that are asked for before they are paid."""

import strawberry

from resolvers import quote as quotes
from schema.mutations.inputs import MoneyInput
from schema.types.enums import ConnectsAction


@strawberry.input(description="The action to get a price for.")
class QuoteInput:
    account_id: strawberry.ID = strawberry.field(
        description="The ID of the account that would pay."
    )
    action: ConnectsAction = strawberry.field(description="The action to pay for.")
    connects: int | None = strawberry.field(
        default=None,
        description="The number of Connects, if the payer chooses it. For a boost, the number in "
        "all; by default the fewest that lead.",
    )
    job_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The ID of the job to submit a proposal to, or to invite a freelancer to; the "
        "price may depend on it. An accepted invitation to it makes the proposal free. For a "
        "boost, the ID of the proposal's job; required.",
    )
    freelancer_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The ID of the freelancer whose contact details to unlock. They may already "
        "be unlocked, or there may be none.",
    )
    category: str | None = strawberry.field(
        default=None,
        description="The category of the job to post, or, without `jobId`, of the job to submit a "
        "proposal or invite a freelancer to. The price may depend on it.",
    )
    budget: MoneyInput | None = strawberry.field(
        default=None,
        description="The budget of that job. The price may depend on it.",
    )


@strawberry.type(description="The current price of an action for an account.")
class Quote:
    action: ConnectsAction = strawberry.field(description="The action.")
    connects: int = strawberry.field(description="The price in Connects.")
    available: int = strawberry.field(description="The number of Connects in the wallet.")
    available_after: int = strawberry.field(
        description="The number of Connects that would be left, 0 or more. Connects that the boost "
        "already holds are not taken again."
    )
    shortfall: int = strawberry.field(
        description="The number of Connects that are missing, 0 or more."
    )
    affordable: bool = strawberry.field(description="Whether the wallet has enough Connects.")
    refundable: bool = strawberry.field(
        description="Whether any of the Connects can be returned and spent again. Connects that "
        "would expire when returned do not count."
    )
    explanation: str = strawberry.field(description="An explanation of the price, in English.")

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
