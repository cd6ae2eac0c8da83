"""The closed lists of words, as GraphQL enums with their meanings."""

from enum import StrEnum
from typing import Final

import strawberry

from models.rules.actions import ConnectsAction
from models.rules.kinds import (
    AccountKind,
    BoostStatus,
    EntryKind,
    InvitationStatus,
    JobStatus,
    LotSource,
    ProposalStatus,
    PurchaseStatus,
)
from serving.internals.strawberry import enum_definition

__all__ = [
    "AccountKind",
    "BoostStatus",
    "ConnectsAction",
    "EntryKind",
    "InvitationStatus",
    "JobStatus",
    "LotSource",
    "ProposalStatus",
    "PurchaseStatus",
    "describe",
]


ADMINISTRATION: Final = "Not produced yet: an administration API is to produce it."
PROVIDERS: Final = "Not produced yet: real payment companies are to produce it."
"""What is to produce the words that no code produces so far."""


def describe(
    words: type[StrEnum], description: str, meanings: dict[str, str], name: str | None = None
) -> None:
    """Makes a GraphQL enum of `words`, with the meaning of each."""
    enum = strawberry.enum(words, name=name, description=description)
    for value in enum_definition(enum).values:
        value.description = meanings[value.name]


describe(
    AccountKind,
    "What an account does on the marketplace.",
    {
        "CLIENT": "Posts jobs and invites freelancers.",
        "FREELANCER": "Has a profile and submits proposals.",
        "AGENCY": "Does both, as a company.",
    },
)
describe(
    ConnectsAction,
    "What Connects can be spent on.",
    {action: action.row.description for action in ConnectsAction},
)
describe(
    EntryKind,
    "Why an entry stands in a wallet's ledger.",
    {
        "GRANT": "Free Connects came in: a lot that was given.",
        "PURCHASE": "Bought Connects came in.",
        "SPEND": "Connects paid for an action.",
        "EXPIRY": "What remained of a lot lapsed.",
        "REVERSAL": "An earlier entry was undone.",
        "ADJUSTMENT": f"Connects were corrected by hand. {ADMINISTRATION}",
        "HOLD": "Connects were set aside: they are held, and no longer available.",
        "CAPTURE": "Connects that were set aside were spent. It moves none: they were taken when "
        "they were set aside.",
        "RELEASE": "Connects that were set aside were freed again.",
    },
)
describe(
    LotSource,
    "Where a lot of Connects came from.",
    {
        "MONTHLY_GRANT": "The free Connects of a calendar month.",
        "PURCHASE": "A purchase that was paid.",
        "BONUS": f"A gift. {ADMINISTRATION}",
        "ADJUSTMENT": f"A correction by hand. {ADMINISTRATION}",
    },
)
describe(
    JobStatus,
    "Where a job stands.",
    {
        "OPEN": "Takes proposals.",
        "AWARDED": "Somebody was hired.",
        "CANCELLED": "Its owner took it back.",
        "EXPIRED": "It was open for 30 days and nobody was hired.",
    },
)
describe(
    ProposalStatus,
    "Where a proposal stands.",
    {
        "SUBMITTED": "Waits for the job's owner.",
        "WITHDRAWN": "Its author took it back.",
        "AWARDED": "Its author was hired.",
        "NOT_AWARDED": "Somebody else was hired, or nobody.",
    },
)
describe(
    InvitationStatus,
    "Where an invitation stands.",
    {
        "PENDING": "Waits for the freelancer's answer.",
        "ACCEPTED": "The freelancer accepted.",
        "DECLINED": "The freelancer declined.",
        "EXPIRED": "The freelancer did not answer within 7 days, or while the job was open.",
    },
)
describe(
    BoostStatus,
    "Where a boost stands.",
    {
        "LEADING": "Has one of the job's four first places; its Connects are set aside.",
        "OUTBID": "Four others offered more. Its Connects came back.",
        "CHARGED": "Led when somebody was hired, or 7 days after the job was posted.",
        "RELEASED": "Was taken back, or the job ended before. Its Connects came back.",
    },
)
describe(
    PurchaseStatus,
    "Where a purchase stands.",
    {
        "PENDING": "Waits for the payment.",
        "PAID": "Paid, and its Connects credited.",
        "DECLINED": "The payment was declined; nothing was charged.",
        "REFUNDED": f"Paid back. {PROVIDERS}",
        "DISPUTED": f"The payment is disputed. {PROVIDERS}",
    },
)
