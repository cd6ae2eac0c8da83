"""The one table that turns refusals into API answers, and the shape of everything else."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import strawberry
from graphql import GraphQLError
from strawberry import ExceptionHandler

from models.rules import refusals
from models.rules.kinds import AccountKind
from models.rules.prices import packages_on_sale
from models.rules.refusals import Refusal
from models.store.faults import is_passing, is_unavailable
from resolvers.outcomes import UnreadOutcomeError
from schema.context import Info
from schema.types.money import ConnectsPackage
from schema.types.scalars import Instant
from schema.types.wallet import UpcomingGrant

MASK = "Something went wrong here."
UNAVAILABLE = "The database cannot be used for now. Try again."
UNREAD = (
    "It was carried out, and its outcome could not be read. "
    "The same call with the same key gives it."
)
RETRY_SECONDS = 1
"""After which who met a passing fault may try again."""
MESSAGE_LENGTH: Final = 2_000
"""What is longer repeats what the caller sent, and is cut."""

_logger = logging.getLogger(__name__)


@strawberry.enum(description="Why a mutation was refused. The list is closed.")
class UserErrorCode(Enum):
    INSUFFICIENT_CONNECTS = strawberry.enum_value(
        "INSUFFICIENT_CONNECTS", description="The wallet has fewer Connects than this costs."
    )
    PRICE_CHANGED = strawberry.enum_value(
        "PRICE_CHANGED", description="It costs something else than the person was shown."
    )
    INVALID_INPUT = strawberry.enum_value(
        "INVALID_INPUT", description="Some of the input is wrong; `fields` says what."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is no such thing, or none that the viewer may see."
    )
    NOT_ALLOWED = strawberry.enum_value(
        "NOT_ALLOWED", description="This account or person cannot do that."
    )
    CONFLICT = strawberry.enum_value(
        "CONFLICT", description="The present state does not permit it."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED", description="The key was used before with other input."
    )
    PAYMENT_DECLINED = strawberry.enum_value(
        "PAYMENT_DECLINED", description="The payment company declined."
    )
    LIMIT_EXCEEDED = strawberry.enum_value(
        "LIMIT_EXCEEDED", description="There is a limit, and it is reached."
    )
    TRY_AGAIN = strawberry.enum_value(
        "TRY_AGAIN", description="A passing fault: the same call with the same key may succeed."
    )


@strawberry.interface(description="Why a mutation was refused. Nothing was changed.")
class UserError:
    code: UserErrorCode = strawberry.field(description="The reason, for programs.")
    message: str = strawberry.field(description="The reason, for people.")
    retryable: bool = strawberry.field(
        description="Whether the same call with the same key may succeed later."
    )


@strawberry.type(description="The wallet has fewer Connects than this costs.")
class InsufficientConnects(UserError):
    account_kind: strawberry.Private[str]
    required: int = strawberry.field(description="What it costs, in Connects.")
    available: int = strawberry.field(description="What the wallet has, in Connects.")
    shortfall: int = strawberry.field(description="What is missing, in Connects.")
    next_grant: UpcomingGrant | None = strawberry.field(
        description="The next free Connects; null where none are to come."
    )

    @strawberry.field(description="What the account can buy, smallest first.")
    async def packages(self, info: Info) -> list[ConnectsPackage]:
        services = info.context.services
        on_sale = packages_on_sale(await services.loaders.packages(), services.clock())
        return [ConnectsPackage.of(p) for p in on_sale if self.account_kind in p.for_kinds]


@strawberry.type(description="It costs something else than the person was shown.")
class PriceChanged(UserError):
    expected: int = strawberry.field(description="What the person was shown, in Connects.")
    actual: int = strawberry.field(description="What it costs now, in Connects.")


@strawberry.type(description="One wrong value of an input.")
class InvalidField:
    path: list[str] = strawberry.field(description="The way to it from the input.")
    message: str = strawberry.field(description="What it must be.")


@strawberry.type(description="Some of the input is wrong.")
class InvalidInput(UserError):
    fields: list[InvalidField] = strawberry.field(description="Each wrong value.")


@strawberry.type(description="There is no such thing, or none that the viewer may see.")
class NotFound(UserError):
    pass


@strawberry.type(description="This account or person cannot do that.")
class NotAllowed(UserError):
    pass


@strawberry.type(description="The present state does not permit it.")
class Conflict(UserError):
    pass


@strawberry.type(description="The key was used before with other input.")
class IdempotencyKeyReused(UserError):
    pass


@strawberry.type(description="The payment company declined. Nothing was charged.")
class PaymentDeclined(UserError):
    pass


@strawberry.type(description="There is a limit, and it is reached.")
class LimitExceeded(UserError):
    limit: int = strawberry.field(description="How many there may be.")
    used: int = strawberry.field(description="How many there are.")
    resets_at: Instant | None = strawberry.field(
        description="When there will be room again; null where waiting does not help."
    )


@strawberry.type(description="A passing fault. Nothing was decided.")
class TryAgain(UserError):
    pass


def _insufficient(refusal: refusals.InsufficientConnects) -> dict[str, Any]:
    connects, at = refusal.next_grant_connects, refusal.next_grant_at
    return {
        "account_kind": AccountKind(refusal.account_kind),
        "required": refusal.required,
        "available": refusal.available,
        "shortfall": refusal.shortfall,
        "next_grant": None
        if connects is None or at is None
        else UpcomingGrant(connects=connects, at=Instant(at)),
    }


def _invalid(refusal: refusals.InvalidInput) -> dict[str, Any]:
    return {
        "fields": [
            InvalidField(path=list(field.path), message=field.message) for field in refusal.fields
        ]
    }


def _nothing(_refusal: Refusal) -> dict[str, Any]:
    return {}


ANSWERS: dict[type[Refusal], tuple[type[UserError], Callable[[Any], dict[str, Any]]]] = {
    refusals.InsufficientConnects: (InsufficientConnects, _insufficient),
    refusals.PriceChanged: (
        PriceChanged,
        lambda refusal: {"expected": refusal.expected, "actual": refusal.actual},
    ),
    refusals.InvalidInput: (InvalidInput, _invalid),
    refusals.NotFound: (NotFound, _nothing),
    refusals.NotAllowed: (NotAllowed, _nothing),
    refusals.Conflict: (Conflict, _nothing),
    refusals.IdempotencyKeyReused: (IdempotencyKeyReused, _nothing),
    refusals.PaymentDeclined: (PaymentDeclined, _nothing),
    refusals.LimitExceeded: (
        LimitExceeded,
        lambda refusal: {
            "limit": refusal.limit,
            "used": refusal.used,
            "resets_at": refusal.resets_at,
        },
    ),
    refusals.TryAgain: (TryAgain, _nothing),
}
"""For each refusal the type that answers it, and how its own fields are filled."""


@dataclass(frozen=True)
class _Answer:
    """Turns a refusal that a mutation raises into the union member that stands for it."""

    exception_type: type[Refusal]
    error_type: type[UserError]
    fill: Callable[[Any], dict[str, Any]]

    def handle(self, exception: Refusal, **_where: object) -> UserError:
        return self.error_type(
            code=UserErrorCode[exception.code],
            message=exception.message,
            retryable=exception.retryable,
            **self.fill(exception),
        )


class _Unavailable:
    """Turns a fault of the database that a mutation meets into TryAgain; leaves bugs alone."""

    exception_type = Exception
    error_type = TryAgain

    def handle(self, exception: Exception, *, info: Info, **_where: object) -> UserError | None:
        refusal = refusal_of(exception, info.context.request_id)
        if refusal is None:
            return None
        return TryAgain(
            code=UserErrorCode.TRY_AGAIN, message=refusal.message, retryable=refusal.retryable
        )


EXCEPTION_HANDLERS: list[ExceptionHandler[Any]] = [
    *(_Answer(refusal, error_type, fill) for refusal, (error_type, fill) in ANSWERS.items()),
    _Unavailable(),
]


def refusal_of(error: BaseException, request_id: str) -> Refusal | None:
    """The refusal that `error` is, or stands for, being a fault of the database; None for a bug.

    Such a fault is logged with the request's id.
    """
    if isinstance(error, Refusal):
        return error
    if not is_unavailable(error):
        return None
    level = logging.WARNING if is_passing(error) else logging.ERROR
    _logger.log(level, "request %s met a fault of the database: %r", request_id, error)
    return refusals.TryAgain(UNAVAILABLE)


def top_level(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """A top-level error as it is given: a code, the request's id, and nothing internal.

    What was not meant for the person is logged with the request's id and masked.
    """
    shown = error
    original = error.original_error
    if original is not None and not isinstance(original, GraphQLError):
        shown = _like(error, *_shown(original, request_id))
    formatted: dict[str, Any] = dict(shown.formatted)
    if len(shown.message) > MESSAGE_LENGTH:
        formatted["message"] = f"{shown.message[:MESSAGE_LENGTH]}…"
    formatted["extensions"] = {
        "code": "BAD_USER_INPUT" if error.path else "GRAPHQL_VALIDATION_FAILED",
        **(shown.extensions or {}),
        "requestId": request_id,
    }
    return formatted


def _shown(original: Exception, request_id: str) -> tuple[str, dict[str, Any]]:
    """The message and the extensions for what was raised."""
    if isinstance(original, UnreadOutcomeError):
        _logger.warning("request %s could not read its outcome: %r", request_id, original.__cause__)
        return UNREAD, {"code": "TRY_AGAIN", "retryable": True}
    refusal = refusal_of(original, request_id)
    if refusal is not None:
        return refusal.message, {"code": refusal.code, **_details(refusal)}
    _logger.error("request %s failed", request_id, exc_info=original)
    return MASK, {"code": "INTERNAL_SERVER_ERROR"}


def _details(refusal: Refusal) -> dict[str, Any]:
    """Whether it may pass, if it may, and which arguments are wrong, where that is why."""
    if refusal.retryable:
        return {"retryable": True}
    if not isinstance(refusal, refusals.InvalidInput):
        return {}
    return {"fields": [{"path": list(one.path), "message": one.message} for one in refusal.fields]}


def _like(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
