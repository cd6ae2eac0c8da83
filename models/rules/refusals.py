"""Refusals: the answers that say no and change nothing.

A closed list. Each is declared once, here: its code, what it means, and the fields that a person
or a program needs in order to go on. `details()` gives the fields as plain JSON values, so that a
refusal can be stored with its idempotency key and be given again; `schema.errors` makes its GraphQL
type of the same declaration.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Final

from models.rules.instants import Instant


def _described(description: str) -> dict[str, str]:
    """The metadata of a field that the API shows."""
    return {"description": description}


@dataclass(eq=False)
class Refusal(Exception):
    """Base of all refusals. `message` is written for the person who asked.

    `description` says in the API what the refusal means.
    """

    code: ClassVar[str]
    description: ClassVar[str]
    message: str

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
    required: int = field(metadata=_described("What it costs, in Connects."))
    available: int = field(metadata=_described("What the wallet has, in Connects."))
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
    """One wrong value: `path` leads to it from the input, `message` says what it must be."""

    path: tuple[str, ...]
    message: str


@dataclass(eq=False)
class InvalidInput(Refusal):
    code = "INVALID_INPUT"
    description = "Some of the input is wrong; `fields` says what."
    fields: tuple[InvalidField, ...] = ()

    @classmethod
    def at(cls, path: str, message: str) -> "InvalidInput":
        """One wrong value at a dotted `path` of the input."""
        return cls.of([InvalidField(tuple(path.split(".")), message)])

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


@dataclass(eq=False)
class Conflict(Refusal):
    code = "CONFLICT"
    description = "The present state does not permit it."


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
        "A passing fault. Nothing was decided: the same call with the same key may succeed."
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

_BY_CODE: Final = {refusal.code: refusal for refusal in REFUSALS}


def restore(code: str, details: dict[str, Any]) -> Refusal:
    """The refusal that `code` and `details()` describe. KeyError for an unknown code."""
    kind = _BY_CODE[code]
    if kind is InvalidInput:
        fields = [
            InvalidField(tuple(field["path"]), field["message"]) for field in details["fields"]
        ]
        return InvalidInput(details["message"], tuple(fields))
    return kind(**details)


def in_words(connects: int) -> str:
    """A number of Connects as a person reads it."""
    return "1 Connect" if connects == 1 else f"{connects} Connects"
