"""The closed lists of values used by accounts, the ledger and the marketplace."""

from enum import StrEnum
from typing import Final


class AccountKind(StrEnum):
    CLIENT = "CLIENT"
    FREELANCER = "FREELANCER"
    AGENCY = "AGENCY"


class EntryKind(StrEnum):
    GRANT = "GRANT"
    PURCHASE = "PURCHASE"
    SPEND = "SPEND"
    EXPIRY = "EXPIRY"
    RETURN = "RETURN"
    REVERSAL = "REVERSAL"
    ADJUSTMENT = "ADJUSTMENT"
    HOLD = "HOLD"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"


MOVE_HELD: Final = frozenset({EntryKind.HOLD, EntryKind.CAPTURE, EntryKind.RELEASE})
"""The kinds of entry that begin or end a hold."""


class LotSource(StrEnum):
    MONTHLY_GRANT = "MONTHLY_GRANT"
    PURCHASE = "PURCHASE"
    BONUS = "BONUS"
    ADJUSTMENT = "ADJUSTMENT"


class JobStatus(StrEnum):
    OPEN = "OPEN"
    AWARDED = "AWARDED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class ProposalStatus(StrEnum):
    SUBMITTED = "SUBMITTED"
    WITHDRAWN = "WITHDRAWN"
    AWARDED = "AWARDED"
    NOT_AWARDED = "NOT_AWARDED"


class InvitationStatus(StrEnum):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


class BoostStatus(StrEnum):
    LEADING = "LEADING"
    OUTBID = "OUTBID"
    CHARGED = "CHARGED"
    RELEASED = "RELEASED"


class PurchaseStatus(StrEnum):
    PENDING = "PENDING"
    PAID = "PAID"
    DECLINED = "DECLINED"
    REFUNDED = "REFUNDED"
    DISPUTED = "DISPUTED"


class ReturnReason(StrEnum):
    """`JOB_CANCELLED`: without a hire. `INVITATION_UNANSWERED`: it expired."""

    JOB_CANCELLED = "JOB_CANCELLED"
    INVITATION_UNANSWERED = "INVITATION_UNANSWERED"
