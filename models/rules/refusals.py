"""Refusals: the answers that say no and change nothing.

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
    "None of the others: see the message. A refusal that an earlier version remembered with its "
    "key has this one.",
)


class ConflictReason(Reason):
    """Why the present state does not permit something."""

    JOB_AWARDED = "JOB_AWARDED", "Somebody has been hired for the job."
    JOB_CANCELLED = "JOB_CANCELLED", "The job was cancelled."
    JOB_EXPIRED = "JOB_EXPIRED", "The job is no longer open: its time is over."
    ALREADY_PROPOSED = "ALREADY_PROPOSED", "The account has proposed to the job before."
    PROPOSAL_WITHDRAWN = "PROPOSAL_WITHDRAWN", "The proposal was withdrawn."
    PROPOSAL_AWARDED = "PROPOSAL_AWARDED", "The proposal has been awarded the job."
    PROPOSAL_NOT_AWARDED = (
        "PROPOSAL_NOT_AWARDED",
        "The proposal was not awarded the job: somebody else was hired, or nobody.",
    )
    INVITATION_PENDING = (
        "INVITATION_PENDING",
        "The freelancer has an invitation to the job that is unanswered.",
    )
    INVITATION_ACCEPTED = "INVITATION_ACCEPTED", "The invitation has been accepted."
    INVITATION_DECLINED = "INVITATION_DECLINED", "The invitation has been declined."
    INVITATION_EXPIRED = "INVITATION_EXPIRED", "The invitation was not answered in time."
    BOOSTS_CLOSED = (
        "BOOSTS_CLOSED",
        "The boosts of the job have closed: 7 days after its posting they are charged.",
    )
    BOOST_TOO_LOW = (
        "BOOST_TOO_LOW",
        "The boost would not be among the four that lead. The message and `quote` say what would.",
    )
    BOOST_NOT_RAISED = (
        "BOOST_NOT_RAISED",
        "The proposal's boost is as high already, or higher. A boost can only be raised.",
    )
    NO_BOOST = "NO_BOOST", "The proposal has no boost that leads."
    NOTHING_TO_UNLOCK = (
        "NOTHING_TO_UNLOCK",
        "The freelancer has given neither an e-mail address nor a telephone number.",
    )
    ALREADY_UNLOCKED = (
        "ALREADY_UNLOCKED",
        "The contact details are unlocked, and another message was sent with them.",
    )
    UNSPECIFIED = _UNSPECIFIED


class NotAllowedReason(Reason):
    """Why an account or a person cannot do something."""

    ACTION_NOT_FOR_KIND = (
        "ACTION_NOT_FOR_KIND",
        "The price list has no price of this action for accounts of this kind.",
    )
    PACKAGE_NOT_FOR_KIND = (
        "PACKAGE_NOT_FOR_KIND",
        "The package is not for accounts of this kind; `connectsPackages` lists those that are.",
    )
    SELLING_IS_OFF = "SELLING_IS_OFF", "Connects are not sold on this server."
    OWN_JOB = "OWN_JOB", "The job belongs to an account of the viewer's own."
    OWN_PROFILE = "OWN_PROFILE", "The freelancer is an account of the viewer's own."
    UNSPECIFIED = _UNSPECIFIED


class InvalidReason(Reason):
    """What is wrong with a value."""

    REQUIRED = "REQUIRED", "It is missing here, or empty."
    NOT_APPLICABLE = "NOT_APPLICABLE", "It does not go with another value that was given."
    TOO_SMALL = "TOO_SMALL", "The number is less than `limit`."
    TOO_LARGE = "TOO_LARGE", "The number is more than `limit`."
    TOO_LONG = "TOO_LONG", "The text has more than `limit` characters."
    TOO_MANY = "TOO_MANY", "The list has more than `limit` values."
    INVALID_CHARACTER = (
        "INVALID_CHARACTER",
        "The text has NUL, or half of a surrogate pair, which is no character.",
    )
    NOT_AN_ID = "NOT_AN_ID", "It is no id of this service."
    ID_OF_ANOTHER_TYPE = "ID_OF_ANOTHER_TYPE", "It is an id of something else than is asked for."
    NOT_A_CURSOR = "NOT_A_CURSOR", "It is no cursor of this list."
    IN_THE_FUTURE = "IN_THE_FUTURE", "The time has not come yet."
    NOT_A_CURRENCY = "NOT_A_CURRENCY", "It is no ISO 4217 code, such as USD."
    NOT_A_COUNTRY = "NOT_A_COUNTRY", "It is no ISO 3166-1 alpha-2 code, such as DE."
    NOT_AN_EMAIL = "NOT_AN_EMAIL", "It is no e-mail address."
    NOT_A_PHONE = "NOT_A_PHONE", "It is no telephone number, such as +49 30 1234567."
    NOT_A_PAYMENT_METHOD = "NOT_A_PAYMENT_METHOD", "The payment company has no such method."
    UNSPECIFIED = _UNSPECIFIED


R = TypeVar("R", bound=Reason)


def _described(description: str) -> dict[str, str]:
    """The metadata of a field that the API shows."""
    return {"description": description}


@dataclass(eq=False)
class Refusal(Exception):
    """Base of all refusals. `message` is written for the person who asked.

    `description` says in the API what the refusal means. `replayed`: it was decided earlier, for a
    call with the same key, and says how things stood then.
    """

    code: ClassVar[str]
    description: ClassVar[str]
    message: str
    replayed = False

    @property
    def retryable(self) -> bool:
        """Whether waiting helps. Such a refusal is not remembered with the idempotency key."""
        return False

    def __str__(self) -> str:
        return self.message

    def details(self) -> dict[str, Any]:
        """The fields as JSON values, `message` included."""
        return asdict(self)


@dataclass(eq=False)
class InsufficientConnects(Refusal):
    """`account_kind` says which packages would help.

    `next_grant_connects` come at `next_grant_at`; both are None where no grant is due.
    """

    code = "INSUFFICIENT_CONNECTS"
    description = "The wallet has fewer Connects than this costs."
    required: int = field(metadata=_described("What it cost when it was refused, in Connects."))
    available: int = field(
        metadata=_described("What the wallet had when it was refused, in Connects.")
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
    description = "It costs something else than the person was shown."
    expected: int = field(metadata=_described("What the person was shown, in Connects."))
    actual: int = field(metadata=_described("What it costs now, in Connects."))


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
    description = "Some of the input is wrong; `fields` says what."
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
    description = "There is no such thing, or none that the viewer may see."


@dataclass(eq=False)
class NotAllowed(Refusal):
    code = "NOT_ALLOWED"
    description = "This account or person cannot do that."
    reason: NotAllowedReason = field(
        default=NotAllowedReason.UNSPECIFIED,
        metadata=_described("Why not, for programs and for translations."),
    )


@dataclass(eq=False)
class Conflict(Refusal):
    code = "CONFLICT"
    description = "The present state does not permit it."
    reason: ConflictReason = field(
        default=ConflictReason.UNSPECIFIED,
        metadata=_described("Which state, for programs and for translations."),
    )


NOTHING_TO_UNLOCK: Final = (
    "This profile has neither an e-mail address nor a phone number, so there is nothing to unlock."
)
"""The message of the Conflict that keeps an account from paying for nothing."""


@dataclass(eq=False)
class PaymentDeclined(Refusal):
    code = "PAYMENT_DECLINED"
    description = "The payment company declined. Nothing was charged."


@dataclass(eq=False)
class LimitExceeded(Refusal):
    code = "LIMIT_EXCEEDED"
    description = "There is a limit, and it is reached."
    limit: int = field(metadata=_described("How many there may be."))
    used: int = field(metadata=_described("How many there are."))
    resets_at: Instant | None = field(
        default=None,
        metadata=_described("When there will be room again; null where waiting does not help."),
    )

    @property
    def retryable(self) -> bool:
        return self.resets_at is not None


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    code = "IDEMPOTENCY_KEY_REUSED"
    description = "The key was used before with other input."
    message: str = (
        "This idempotency key was used before with other input. "
        "Use a new key for a new intent, and the same input to repeat the old one."
    )


@dataclass(eq=False)
class TryAgain(Refusal):
    code = "TRY_AGAIN"
    description = (
        "A passing fault. The same call with the same key may succeed; if this one was carried out "
        "after all, it gives its outcome and charges nothing."
    )
    message: str = "The service is busy. Nothing was lost; try again with the same key."

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


def restore(code: str, details: dict[str, Any]) -> Refusal:
    """The refusal that `code` and `details()` describe. KeyError for an unknown code."""
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
    """A number of Connects as a person reads it."""
    return "1 Connect" if connects == 1 else f"{connects} Connects"
