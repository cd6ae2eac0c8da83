"""Refusals: results that decline a request and change nothing.

A closed list. Each is declared once, here: its code, what it means, the reasons that it may have,
and the fields that a person or a program needs in order to go on. `details()` gives the fields as
plain JSON values, so that a refusal can be stored with its idempotency key and be given again;
`schema.types.user_error` makes the GraphQL types and enums of the same declarations.
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Final, Self, TypeVar

from models.rules.instants import Instant


class Reason(StrEnum):
    """Base of the closed lists of reasons, each with what it means in the API."""

    description: str

    def __new__(cls, word: str, description: str) -> Self:
        made = str.__new__(cls, word)
        made._value_ = word
        made.description = description
        return made


_UNSPECIFIED: Final = (
    "UNSPECIFIED",
    "None of the other reasons; see the message. Also used for refusals that "
    "were stored by an earlier version.",
)


class ConflictReason(Reason):
    """Why the present state does not permit something."""

    JOB_AWARDED = "JOB_AWARDED", "The job was awarded."
    JOB_CANCELLED = "JOB_CANCELLED", "The job was cancelled."
    JOB_EXPIRED = "JOB_EXPIRED", "The job has expired."
    ALREADY_PROPOSED = "ALREADY_PROPOSED", "The account already submitted a proposal to the job."
    PROPOSAL_WITHDRAWN = "PROPOSAL_WITHDRAWN", "The proposal was withdrawn."
    PROPOSAL_AWARDED = "PROPOSAL_AWARDED", "The proposal won the job."
    PROPOSAL_NOT_AWARDED = (
        "PROPOSAL_NOT_AWARDED",
        "The job was awarded to another proposal, or closed without an award.",
    )
    INVITATION_PENDING = (
        "INVITATION_PENDING",
        "The freelancer already has a pending invitation to the job.",
    )
    INVITATION_ACCEPTED = "INVITATION_ACCEPTED", "The invitation was accepted."
    INVITATION_DECLINED = "INVITATION_DECLINED", "The invitation was declined."
    INVITATION_EXPIRED = "INVITATION_EXPIRED", "The invitation has expired."
    BOOSTS_CLOSED = (
        "BOOSTS_CLOSED",
        "The job takes no more boosts: 7 days have passed since its posting, or someone was hired.",
    )
    BOOST_TOO_LOW = (
        "BOOST_TOO_LOW",
        "The boost would not be among the four leading ones. The message and `quote` say how many "
        "Connects would be.",
    )
    BOOST_NOT_RAISED = (
        "BOOST_NOT_RAISED",
        "The proposal's boost is already as high or higher. A boost can only be raised.",
    )
    NO_BOOST = "NO_BOOST", "The proposal has no leading boost."
    NOTHING_TO_UNLOCK = (
        "NOTHING_TO_UNLOCK",
        "The freelancer gave neither an e-mail address nor a phone number.",
    )
    ALREADY_UNLOCKED = (
        "ALREADY_UNLOCKED",
        "The contact details are already unlocked, and another message was sent with them.",
    )
    UNSPECIFIED = _UNSPECIFIED


class NotAllowedReason(Reason):
    """Why an account or a person cannot do something."""

    ACTION_NOT_FOR_KIND = (
        "ACTION_NOT_FOR_KIND",
        "This kind of account cannot perform the action: the price list has no price for it.",
    )
    PACKAGE_NOT_FOR_KIND = (
        "PACKAGE_NOT_FOR_KIND",
        "This kind of account cannot buy the package. `connectsPackages` lists the packages that "
        "it can buy.",
    )
    SELLING_IS_OFF = "SELLING_IS_OFF", "Connects are not sold on this server."
    OWN_JOB = "OWN_JOB", "The job belongs to one of the viewer's accounts."
    OWN_PROFILE = "OWN_PROFILE", "The profile belongs to one of the viewer's accounts."
    UNSPECIFIED = _UNSPECIFIED


class InvalidReason(Reason):
    """What is wrong with a value."""

    REQUIRED = "REQUIRED", "The value is required, and is missing or empty."
    NOT_APPLICABLE = (
        "NOT_APPLICABLE",
        "The value cannot be combined with another value that was given.",
    )
    TOO_SMALL = "TOO_SMALL", "The number is less than `limit`."
    TOO_LARGE = "TOO_LARGE", "The number is more than `limit`."
    TOO_LONG = "TOO_LONG", "The text has more than `limit` characters."
    TOO_MANY = "TOO_MANY", "The list has more than `limit` values."
    INVALID_CHARACTER = (
        "INVALID_CHARACTER",
        "The text contains a character that it may not contain, such as NUL or an unpaired "
        "surrogate.",
    )
    NOT_AN_ID = "NOT_AN_ID", "The value is not an ID of this service."
    ID_OF_ANOTHER_TYPE = "ID_OF_ANOTHER_TYPE", "The ID is of another type."
    NOT_A_CURSOR = "NOT_A_CURSOR", "The value is not a cursor of this list."
    IN_THE_FUTURE = "IN_THE_FUTURE", "The time is in the future."
    WRONG_ORDER = "WRONG_ORDER", "The end of a range is before its beginning."
    NOT_A_CURRENCY = "NOT_A_CURRENCY", "The value is not an ISO 4217 code, such as USD."
    NOT_A_COUNTRY = "NOT_A_COUNTRY", "The value is not an ISO 3166-1 alpha-2 code, such as DE."
    NOT_A_TIME_ZONE = (
        "NOT_A_TIME_ZONE",
        "The value is not an IANA time zone, such as Europe/Berlin.",
    )
    NOT_AN_EMAIL = "NOT_AN_EMAIL", "The value is not an e-mail address."
    NOT_A_PHONE = "NOT_A_PHONE", "The value is not a phone number, such as +49 30 1234567."
    NOT_A_PAYMENT_METHOD = (
        "NOT_A_PAYMENT_METHOD",
        "The payment provider does not have this method.",
    )
    UNSPECIFIED = _UNSPECIFIED


R = TypeVar("R", bound=Reason)
F = TypeVar("F", bound="Refusal")


def _described(description: str) -> dict[str, str]:
    """Returns the metadata of a field that the API exposes."""
    return {"description": description}


@dataclass(eq=False)
class Refusal(Exception):
    """Base class of all refusals. `message` is written for the end user.

    `description` says in the API what the refusal means. `replayed`: it was decided earlier, for a
    call with the same key, and says how things stood then. `afresh`: it is decided again at each
    call with the key, because it depends on more than the ledger's rows.
    """

    code: ClassVar[str]
    description: ClassVar[str]
    message: str
    replayed = False
    afresh = False

    @property
    def retryable(self) -> bool:
        """Whether waiting helps."""
        return False

    @property
    def is_remembered(self) -> bool:
        """Whether it is stored with the idempotency key."""
        return not (self.afresh or self.retryable)

    def __str__(self) -> str:
        return self.message

    def details(self) -> dict[str, Any]:
        """Returns the fields as JSON values, including `message`."""
        return asdict(self)


@dataclass(eq=False)
class InsufficientConnects(Refusal):
    """`account_kind` determines which packages to suggest.

    `next_grant_connects` are granted at `next_grant_at`; both are None if no grant is due.
    """

    code = "INSUFFICIENT_CONNECTS"
    description = "The wallet does not have enough Connects."
    required: int = field(metadata=_described("The price in Connects when the call was refused."))
    available: int = field(
        metadata=_described("The number of Connects available when the call was refused.")
    )
    account_kind: str
    next_grant_connects: int | None = None
    next_grant_at: int | None = None

    @property
    def shortfall(self) -> int:
        return self.required - self.available


@dataclass(eq=False)
class PriceChanged(Refusal):
    code = "PRICE_CHANGED"
    description = "The price differs from the one that the person was shown."
    expected: int = field(metadata=_described("The price in Connects that the person was shown."))
    actual: int = field(metadata=_described("The price in Connects when the call was refused."))


@dataclass(frozen=True)
class InvalidField:
    """One wrong value: `path` leads to it from the input, `message` says what it must be.

    `limit` is the number that the value passed, where it passed one.
    """

    path: tuple[str, ...]
    message: str
    reason: InvalidReason = InvalidReason.UNSPECIFIED
    limit: int | None = None


@dataclass(eq=False)
class InvalidInput(Refusal):
    code = "INVALID_INPUT"
    description = "Some of the input is invalid. `fields` lists the invalid values."
    fields: tuple[InvalidField, ...] = ()

    @classmethod
    def at(
        cls,
        path: str,
        message: str,
        reason: InvalidReason = InvalidReason.UNSPECIFIED,
        limit: int | None = None,
    ) -> "InvalidInput":
        """One wrong value at a dotted `path` of the input."""
        return cls.of([InvalidField(tuple(path.split(".")), message, reason, limit)])

    @classmethod
    def of(cls, fields: list[InvalidField]) -> "InvalidInput":
        summary = "; ".join(f"{'.'.join(field.path)}: {field.message}" for field in fields)
        return cls(summary, tuple(fields))


@dataclass(eq=False)
class NotFound(Refusal):
    code = "NOT_FOUND"
    description = "The object does not exist, or the viewer may not see it."


@dataclass(eq=False)
class NotAllowed(Refusal):
    code = "NOT_ALLOWED"
    description = "This account or user cannot do that."
    reason: NotAllowedReason = field(
        default=NotAllowedReason.UNSPECIFIED,
        metadata=_described("The cause, for programs and translations."),
    )


@dataclass(eq=False)
class Conflict(Refusal):
    code = "CONFLICT"
    description = "The current state does not permit the action."
    reason: ConflictReason = field(
        default=ConflictReason.UNSPECIFIED,
        metadata=_described("The cause, for programs and translations."),
    )


NOTHING_TO_UNLOCK: Final = (
    "This profile has neither an e-mail address nor a phone number, so there is nothing to unlock."
)
"""The message of the Conflict that keeps an account from paying for nothing."""


@dataclass(eq=False)
class PaymentDeclined(Refusal):
    code = "PAYMENT_DECLINED"
    description = "The payment was declined. Nothing was charged."


@dataclass(eq=False)
class LimitExceeded(Refusal):
    code = "LIMIT_EXCEEDED"
    description = "A limit has been reached."
    limit: int = field(metadata=_described("The limit."))
    used: int = field(metadata=_described("The number in use."))
    resets_at: Instant | None = field(
        default=None,
        metadata=_described("When the call can succeed again. Null if waiting does not help."),
    )

    @property
    def retryable(self) -> bool:
        return self.resets_at is not None


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    code = "IDEMPOTENCY_KEY_REUSED"
    description = "The idempotency key was already used with different input."
    message: str = (
        "This idempotency key was already used with different input. "
        "Use a new key for a new request, or the same input to repeat the earlier one."
    )


@dataclass(eq=False)
class TryAgain(Refusal):
    code = "TRY_AGAIN"
    description = (
        "A temporary fault. Repeat the call with the same key. If the first call "
        "was carried out, the repeated call returns its outcome and charges "
        "nothing."
    )
    message: str = "The service is busy. Nothing was lost. Try again with the same key."

    @property
    def retryable(self) -> bool:
        return True


REFUSALS: Final[tuple[type[Refusal], ...]] = (
    InsufficientConnects,
    PriceChanged,
    InvalidInput,
    NotFound,
    NotAllowed,
    Conflict,
    PaymentDeclined,
    LimitExceeded,
    IdempotencyKeyReused,
    TryAgain,
)
"""In the order in which the API lists them."""

REASONS: Final[tuple[type[Reason], ...]] = (ConflictReason, NotAllowedReason, InvalidReason)
"""The closed lists of reasons."""

_BY_CODE: Final = {refusal.code: refusal for refusal in REFUSALS}


def decided_afresh(refusal: F) -> F:
    """Returns `refusal`, which a decision may raise without its being stored with the key."""
    refusal.afresh = True
    return refusal


def restore(code: str, details: dict[str, Any]) -> Refusal:
    """Restores a refusal from `code` and `details()`. Raises KeyError for an unknown code."""
    kind = _BY_CODE[code]
    if kind is InvalidInput:
        return InvalidInput(details["message"], tuple(map(_restored_field, details["fields"])))
    if kind is Conflict:
        return Conflict(details["message"], _reason(ConflictReason, details))
    if kind is NotAllowed:
        return NotAllowed(details["message"], _reason(NotAllowedReason, details))
    return kind(**details)


def _restored_field(details: dict[str, Any]) -> InvalidField:
    reason = _reason(InvalidReason, details)
    return InvalidField(tuple(details["path"]), details["message"], reason, details.get("limit"))


def _reason(reasons: type[R], details: dict[str, Any]) -> R:
    """The reason in what was stored. Earlier versions stored none, later ones may know others."""
    found = reasons.__members__.get(details.get("reason", ""))
    return found or reasons.__members__["UNSPECIFIED"]


def in_words(connects: int) -> str:
    """Formats a number of Connects for people."""
    return "1 Connect" if connects == 1 else f"{connects} Connects"
