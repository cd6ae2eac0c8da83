"""Refusals: the answers that say no and change nothing.

A closed list. Each carries what the person needs in order to go on, as plain JSON values in
`details()`, so that a refusal can be stored with its idempotency key and be given again.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(eq=False)
class Refusal(Exception):
    """Base of all refusals. `message` is written for the person who asked."""

    code: ClassVar[str]

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
    """`required` and `available` are Connects; `account_kind` says which packages would help.

    `next_grant_connects` come at `next_grant_at` (instant); both None where no grant is due.
    """

    code = "INSUFFICIENT_CONNECTS"
    required: int
    available: int
    account_kind: str
    next_grant_connects: int | None = None
    next_grant_at: int | None = None

    @property
    def shortfall(self) -> int:
        return self.required - self.available


@dataclass(eq=False)
class PriceChanged(Refusal):
    """`expected` is what the person was shown, `actual` what it costs now, in Connects."""

    code = "PRICE_CHANGED"
    expected: int
    actual: int


@dataclass(frozen=True)
class InvalidField:
    """One wrong value: `path` leads to it from the input, `message` says what it must be."""

    path: tuple[str, ...]
    message: str


@dataclass(eq=False)
class InvalidInput(Refusal):
    code = "INVALID_INPUT"
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


@dataclass(eq=False)
class NotAllowed(Refusal):
    code = "NOT_ALLOWED"


@dataclass(eq=False)
class Conflict(Refusal):
    code = "CONFLICT"


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    code = "IDEMPOTENCY_KEY_REUSED"
    message: str = (
        "This idempotency key was used before with other input. "
        "Use a new key for a new intent, and the same input to repeat the old one."
    )


@dataclass(eq=False)
class PaymentDeclined(Refusal):
    code = "PAYMENT_DECLINED"


@dataclass(eq=False)
class LimitExceeded(Refusal):
    """`used` of `limit` are taken; `resets_at` (instant) says when that changes, if it does."""

    code = "LIMIT_EXCEEDED"
    limit: int
    used: int
    resets_at: int | None = None

    @property
    def retryable(self) -> bool:
        return self.resets_at is not None


@dataclass(eq=False)
class TryAgain(Refusal):
    """A passing fault. Nothing was decided; the same call with the same key may go through."""

    code = "TRY_AGAIN"
    message: str = "The service is busy. Nothing was lost; try again with the same key."

    @property
    def retryable(self) -> bool:
        return True


_BY_CODE: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        InsufficientConnects,
        PriceChanged,
        InvalidInput,
        NotFound,
        NotAllowed,
        Conflict,
        IdempotencyKeyReused,
        PaymentDeclined,
        LimitExceeded,
        TryAgain,
    )
}


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
