"""The types that answer a refused mutation, made of the refusals that `models.rules` declares."""

import dataclasses
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import strawberry

from models.rules import refusals
from models.rules.kinds import AccountKind
from models.rules.refusals import REFUSALS, Refusal
from resolvers.buy_connects import packages_for_sale
from resolvers.inputs import WRONG_FIELDS
from schema.context import Info
from schema.types.enums import describe
from schema.types.money import PACKAGES, ConnectsPackage
from schema.types.node import SAME_AS
from schema.types.scalars import Instant
from schema.types.wallet import UpcomingGrant
from serving.operations.costs import holds

REPLAYED: Final = "When this key was first used: {} To ask again, use a new key."

if TYPE_CHECKING:
    UserErrorCode = StrEnum
else:
    UserErrorCode = StrEnum("UserErrorCode", {one.code: one.code for one in REFUSALS})
    describe(
        UserErrorCode,
        "The code of a refusal. The list is closed.",
        {one.code: one.description for one in REFUSALS},
    )


for _reasons, _about in (
    (refusals.ConflictReason, "Why the current state does not permit an action."),
    (refusals.NotAllowedReason, "Why an account or a user cannot do something."),
    (refusals.InvalidReason, "What is wrong with a value."),
):
    describe(_reasons, _about, {one.name: one.description for one in _reasons})


@strawberry.interface(description="A refusal of a mutation. Nothing was changed.")
class UserError:
    code: UserErrorCode = strawberry.field(description="The code of the refusal, for programs.")
    message: str = strawberry.field(description="The explanation in English, for people.")
    retryable: bool = strawberry.field(
        description="Whether the same call with the same key may succeed later."
    )
    replayed: bool = strawberry.field(
        description="Whether this repeats the refusal of an earlier call with the same key. Its "
        "values are from that call. Use a new key once the person has changed "
        "something. Always false for refusals that are judged again at each call, such as those "
        "of invalid input and of missing access."
    )


@strawberry.type
class _WhatHelps:
    """What `InsufficientConnects` gives beside the fields of its refusal."""

    account_kind: strawberry.Private[AccountKind]
    shortfall: int = strawberry.field(
        description="The number of Connects that were missing when the call was refused."
    )
    next_grant: UpcomingGrant | None = strawberry.field(
        description="The next grant of free Connects. Null if none is due, or if the refusal is "
        "replayed."
    )

    @strawberry.field(
        description="The packages that the account can buy, smallest first. Empty if buying is "
        "not set up.",
        metadata=holds(PACKAGES),
    )
    async def packages(self, info: Info) -> list[ConnectsPackage]:
        on_sale = await packages_for_sale(info.context.services, self.account_kind)
        return [ConnectsPackage.of(package, info) for package in on_sale]


@strawberry.type(description="An invalid value of an input.")
class InvalidField:
    path: list[str] = strawberry.field(description="The path from the input to the value.")
    message: str = strawberry.field(description="What the value must be, in English.")
    reason: refusals.InvalidReason = strawberry.field(
        description="The cause, for programs and translations."
    )
    limit: int | None = strawberry.field(
        description="The limit that the value violates. Null if it violates none."
    )


@strawberry.type
class _WrongFields:
    fields: list[InvalidField] = strawberry.field(
        description="The invalid values, up to 10.", metadata=holds(WRONG_FIELDS)
    )


def _reason_of(refusal: type[Refusal], name: str) -> type:
    """The field for the `reason` of a refusal under a name of its own."""
    field = strawberry.field(description=SAME_AS.format("reason"))
    hint = get_type_hints(refusal)["reason"]
    return strawberry.type(
        type(f"_{refusal.__name__}", (), {name: field, "__annotations__": {name: hint}})
    )


def _what_helps(refusal: refusals.InsufficientConnects) -> dict[str, Any]:
    connects, at = refusal.next_grant_connects, refusal.next_grant_at
    return {
        "account_kind": AccountKind(refusal.account_kind),
        "shortfall": refusal.shortfall,
        "next_grant": None
        if connects is None or at is None or refusal.replayed
        else UpcomingGrant(connects=connects, at=Instant(at)),
    }


def _wrong_fields(refusal: refusals.InvalidInput) -> dict[str, Any]:
    return {
        "fields": [
            InvalidField(
                path=list(field.path),
                message=field.message,
                reason=field.reason,
                limit=field.limit,
            )
            for field in refusal.fields
        ]
    }


_MORE: Final[dict[type[Refusal], tuple[type, Callable[[Any], dict[str, Any]]]]] = {
    refusals.InsufficientConnects: (_WhatHelps, _what_helps),
    refusals.InvalidInput: (_WrongFields, _wrong_fields),
    refusals.Conflict: (
        _reason_of(refusals.Conflict, "conflict_reason"),
        lambda refusal: {"conflict_reason": refusal.reason},
    ),
    refusals.NotAllowed: (
        _reason_of(refusals.NotAllowed, "not_allowed_reason"),
        lambda refusal: {"not_allowed_reason": refusal.reason},
    ),
}
"""For refusals whose types have more than their described fields: what, and how it is filled."""


def _described(refusal: type[Refusal]) -> list[dataclasses.Field[Any]]:
    return [one for one in dataclasses.fields(refusal) if "description" in one.metadata]


def _type_of(refusal: type[Refusal]) -> type[UserError]:
    hints = get_type_hints(refusal)
    shown = _described(refusal)
    namespace: dict[str, Any] = {
        one.name: strawberry.field(description=one.metadata["description"]) for one in shown
    }
    namespace["__annotations__"] = {one.name: hints[one.name] for one in shown}
    bases = (UserError, _MORE[refusal][0]) if refusal in _MORE else (UserError,)
    made: type[UserError] = strawberry.type(
        type(refusal.__name__, bases, namespace), description=refusal.description
    )
    return made


TYPES: Final = {refusal: _type_of(refusal) for refusal in REFUSALS}
"""The type that answers each refusal."""


def user_error(refusal: Refusal) -> UserError:
    """The answer that stands for `refusal`."""
    kind = type(refusal)
    values = {one.name: getattr(refusal, one.name) for one in _described(kind)}
    if kind in _MORE:
        values |= _MORE[kind][1](refusal)
    return TYPES[kind](
        code=UserErrorCode(refusal.code),
        message=REPLAYED.format(refusal.message) if refusal.replayed else refusal.message,
        retryable=refusal.retryable,
        replayed=refusal.replayed,
        **values,
    )
