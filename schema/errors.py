"""The one table of errors: how each refusal and each fault is answered."""

import logging
from dataclasses import dataclass
from typing import Any, Final

from strawberry import ExceptionHandler

from models.rules import refusals
from models.rules.refusals import Refusal
from models.store.faults import is_passing, is_unavailable
from resolvers.outcomes import UnreadOutcomeError
from schema.context import Info
from schema.types.user_error import TYPES, UserError, user_error
from serving.application import INTERNAL

MASK: Final = "Something went wrong here."
UNAVAILABLE: Final = "The database cannot be used for now. Try again."
UNREAD: Final = (
    "It was carried out, and its outcome could not be read. "
    "The same call with the same key gives it."
)
UNSHOWN: Final = "It was carried out, and then something went wrong here."
COMMITTED: Final = {"committed": True}
"""The extension of an error that came after its mutation was carried out."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _RefusalHandler:
    """Turns a refusal that a mutation raises into the union member that stands for it."""

    exception_type: type[Refusal]
    error_type: type[UserError]

    def handle(self, exception: Refusal, *, info: Info, **_where: object) -> UserError:
        info.context.codes.append(exception.code)
        return user_error(exception)


class _Unavailable:
    """Turns a fault of the database that a mutation meets into TryAgain; leaves bugs alone."""

    exception_type = Exception
    error_type = TYPES[refusals.TryAgain]

    def handle(self, exception: Exception, *, info: Info, **_where: object) -> UserError | None:
        refusal = refusal_of(exception, info.context.request_id)
        if refusal is None:
            return None
        info.context.codes.append(refusal.code)
        return user_error(refusal)


EXCEPTION_HANDLERS: Final[list[ExceptionHandler[Any]]] = [
    *(_RefusalHandler(refusal, error_type) for refusal, error_type in TYPES.items()),
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


def describe(original: Exception, request_id: str) -> tuple[str, dict[str, Any]]:
    """The message and the extensions that answer what was raised; see `serving.application`.

    What was not meant for the person is logged with the request's id and masked.
    """
    if isinstance(original, UnreadOutcomeError):
        if original.is_a_bug:
            _logger.error("request %s failed after its commit", request_id, exc_info=original)
            return UNSHOWN, {"code": INTERNAL, **COMMITTED}
        _logger.warning("request %s could not read its outcome: %r", request_id, original.__cause__)
        return UNREAD, {"code": "TRY_AGAIN", "retryable": True, **COMMITTED}
    refusal = refusal_of(original, request_id)
    if refusal is not None:
        return refusal.message, {"code": refusal.code, **_details(refusal)}
    _logger.error("request %s failed", request_id, exc_info=original)
    return MASK, {"code": INTERNAL}


def _details(refusal: Refusal) -> dict[str, Any]:
    """Whether it may pass, if it may; its reason; which arguments are wrong, where that is why."""
    if refusal.retryable:
        return {"retryable": True}
    if isinstance(refusal, refusals.Conflict | refusals.NotAllowed):
        return {"reason": refusal.reason}
    if isinstance(refusal, refusals.InvalidInput):
        return {"fields": [_field(one) for one in refusal.fields]}
    return {}


def _field(wrong: refusals.InvalidField) -> dict[str, Any]:
    limit = {} if wrong.limit is None else {"limit": wrong.limit}
    return {
        "path": list(wrong.path),
        "message": wrong.message,
        "reason": wrong.reason,
        **limit,
    }
