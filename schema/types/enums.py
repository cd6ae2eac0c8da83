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


ADMINISTRATION: Final = "Not used yet: reserved for an administration API."
PROVIDERS: Final = "Not used yet: reserved for real payment providers."
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
    "The kind of an account.",
    {
        "CLIENT": "Posts jobs and invites freelancers.",
        "FREELANCER": "Has a profile and submits proposals.",
        "AGENCY": "A company that posts jobs, invites freelancers and submits proposals.",
    },
)
describe(
    ConnectsAction,
    "An action that costs Connects.",
    {action: action.row.description for action in ConnectsAction},
)
describe(
    EntryKind,
    "The kind of a ledger entry.",
    {
        "GRANT": "Free Connects were granted.",
        "PURCHASE": "Bought Connects were credited.",
        "SPEND": "Connects were spent on an action.",
        "EXPIRY": "The remaining Connects of a lot expired.",
        "RETURN": "Spent Connects were returned by the return policy.",
        "REVERSAL": "An earlier entry was corrected. Until version 0.2.0 also returned Connects.",
        "ADJUSTMENT": f"Connects were corrected manually. {ADMINISTRATION}",
        "HOLD": "Connects were reserved: they are held and no longer available.",
        "CAPTURE": "Reserved Connects were spent. `connects` is 0, because they were already taken "
        "from the available Connects when they were reserved.",
        "RELEASE": "Reserved Connects were released and are available again.",
    },
)
describe(
    LotSource,
    "The source of a lot.",
    {
        "MONTHLY_GRANT": "The free grant of a calendar month.",
        "PURCHASE": "A paid purchase.",
        "BONUS": f"A gift. {ADMINISTRATION}",
        "ADJUSTMENT": f"A manual correction. {ADMINISTRATION}",
    },
)
describe(
    JobStatus,
    "The status of a job.",
    {
        "OPEN": "The job accepts proposals.",
        "AWARDED": "The job was awarded to a proposal.",
        "CANCELLED": "The owner cancelled the job.",
        "EXPIRED": "The job was open for 30 days without being awarded.",
    },
)
describe(
    ProposalStatus,
    "The status of a proposal.",
    {
        "SUBMITTED": "The job's owner has not decided yet.",
        "WITHDRAWN": "The author withdrew the proposal.",
        "AWARDED": "The proposal won the job.",
        "NOT_AWARDED": "The job was awarded to another proposal, or closed without an award.",
    },
)
describe(
    InvitationStatus,
    "The status of an invitation.",
    {
        "PENDING": "The freelancer has not answered yet.",
        "ACCEPTED": "The freelancer accepted the invitation.",
        "DECLINED": "The freelancer declined the invitation.",
        "EXPIRED": "The freelancer did not answer within 7 days, or before the job closed.",
    },
)
describe(
    BoostStatus,
    "The status of a boost.",
    {
        "LEADING": "The boost has one of the job's first four places. Its Connects are held.",
        "OUTBID": "Four others offered more. The Connects were released.",
        "CHARGED": "The boost led when someone was hired, or 7 days after the job was posted. The "
        "Connects were spent.",
        "RELEASED": "The boost or the proposal was withdrawn, or the job ended. The Connects were "
        "released.",
    },
)
describe(
    PurchaseStatus,
    "The status of a purchase.",
    {
        "PENDING": "The payment is pending.",
        "PAID": "The purchase is paid, and its Connects are credited.",
        "DECLINED": "The payment was declined. Nothing was charged.",
        "REFUNDED": f"The purchase was refunded. {PROVIDERS}",
        "DISPUTED": f"The payment is disputed. {PROVIDERS}",
    },
)
