"""Refusals: results that decline a request and change nothing.

A closed list. Each refusal is declared once, here: its code, its meaning, and the fields that a
person or a program needs to proceed. `details()` returns the fields as plain JSON values, so that a
refusal can be stored with its idempotency key and returned again. `schema.errors` derives its
GraphQL type from the same declaration.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Final

from models.rules.instants import Instant


def _described(description: str) -> dict[str, str]:
    """Returns the metadata of a field that the API exposes."""
    return {"description": description}


@dataclass(eq=False)
class Refusal(Exception):
    """Base class of all refusals. `message` is written for the end user.

    `description` explains the refusal in the API.
    """

    code: ClassVar[str]
    description: ClassVar[str]
    message: str

    @property
    def retryable(self) -> bool:
        """Whether waiting helps. Such refusals are not stored with the idempotency key."""
        return False

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
    description = "The wallet has fewer Connects than the price."
    required: int = field(metadata=_described("The price, in Connects."))
    available: int = field(metadata=_described("The Connects available in the wallet."))
    account_kind: str
    next_grant_connects: int | None = None
    next_grant_at: int | None = None

    @property
    def shortfall(self) -> int:
        return self.required - self.available


@dataclass(eq=False)
class PriceChanged(Refusal):
    code = "PRICE_CHANGED"
    description = "The price is not the one that the user was shown."
    expected: int = field(metadata=_described("The price that the user was shown, in Connects."))
    actual: int = field(metadata=_described("The current price, in Connects."))


@dataclass(frozen=True)
class InvalidField:
    """An invalid value: `path` is its path in the input, `message` what it must be."""

    path: tuple[str, ...]
    message: str


@dataclass(eq=False)
class InvalidInput(Refusal):
    code = "INVALID_INPUT"
    description = "The input is invalid; `fields` lists the invalid values."
    fields: tuple[InvalidField, ...] = ()

    @classmethod
    def at(cls, path: str, message: str) -> "InvalidInput":
        """Builds a refusal of one invalid value at a dotted `path` of the input."""
        return cls.of([InvalidField(tuple(path.split(".")), message)])

    @classmethod
    def of(cls, fields: list[InvalidField]) -> "InvalidInput":
        summary = "; ".join(f"{'.'.join(field.path)}: {field.message}" for field in fields)
        return cls(summary, tuple(fields))


@dataclass(eq=False)
class NotFound(Refusal):
    code = "NOT_FOUND"
    description = "The object does not exist or is not visible to the viewer."


@dataclass(eq=False)
class NotAllowed(Refusal):
    code = "NOT_ALLOWED"
    description = "This account or user may not do this."


@dataclass(eq=False)
class Conflict(Refusal):
    code = "CONFLICT"
    description = "The current state does not allow it."


@dataclass(eq=False)
class PaymentDeclined(Refusal):
    code = "PAYMENT_DECLINED"
    description = "The payment provider declined the payment. Nothing was charged."


@dataclass(eq=False)
class LimitExceeded(Refusal):
    code = "LIMIT_EXCEEDED"
    description = "A limit has been reached."
    limit: int = field(metadata=_described("The maximum number."))
    used: int = field(metadata=_described("The current number."))
    resets_at: Instant | None = field(
        default=None,
        metadata=_described("When the limit resets; null if waiting does not help."),
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
        "Use a new key for a new call, or the original input to repeat the old one."
    )


@dataclass(eq=False)
class TryAgain(Refusal):
    code = "TRY_AGAIN"
    description = (
        "A transient fault. Nothing was decided; the same call with the same key may succeed."
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

_BY_CODE: Final = {refusal.code: refusal for refusal in REFUSALS}


def restore(code: str, details: dict[str, Any]) -> Refusal:
    """Restores a refusal from `code` and `details()`. Raises KeyError for an unknown code."""
    kind = _BY_CODE[code]
    if kind is InvalidInput:
        fields = [
            InvalidField(tuple(field["path"]), field["message"]) for field in details["fields"]
        ]
        return InvalidInput(details["message"], tuple(fields))
    return kind(**details)


def in_words(connects: int) -> str:
    """Formats a number of Connects for people."""
    return "1 Connect" if connects == 1 else f"{connects} Connects"
