"""What all mutations share: the signed-in caller, the idempotency key, the union of answers.

A mutation is one file of this folder: its input, what it answers when it succeeds, and an
asynchronous function that carries it out. `mutation` makes the field of it:

    @mutation("Withdraw a proposal. Its Connects do not come back.", NotFound, Conflict)
    async def withdraw_proposal(call: Call, input: WithdrawProposalInput) -> ...Success:
"""

import dataclasses
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Any, Final, NamedTuple, TypeVar, Union, get_type_hints

import strawberry
from typing_extensions import dataclass_transform

from models.ledger.commands import Intent, request_hash
from models.rules.facts import Entry as EntryRow
from models.rules.facts import Wallet as WalletRow
from models.rules.refusals import (
    REFUSALS,
    IdempotencyKeyReused,
    InsufficientConnects,
    InvalidInput,
    LimitExceeded,
    NotAllowed,
    NotFound,
    PriceChanged,
    Refusal,
    TryAgain,
)
from models.tables import User
from resolvers.outcomes import raise_if_carried_out
from resolvers.services import Services
from schema.context import Info
from schema.types.entry import Entry
from schema.types.user_error import TYPES
from schema.types.wallet import Wallet
from serving.application import CarriedOut
from serving.internals.strawberry import StrawberryField, get_object_definition, to_camel_case

T = TypeVar("T")

EVERY: Final = (InvalidInput, IdempotencyKeyReused, TryAgain)
"""The refusals that every mutation may be answered with."""
SPENDING: Final = (InsufficientConnects, PriceChanged, NotFound, NotAllowed, LimitExceeded)
"""Those of every mutation that spends Connects."""
_PLAIN: Final = frozenset({str, int, bool, type(None)})


@strawberry.input
class Keyed:
    """The input of a mutation."""

    idempotency_key: str = strawberry.field(
        description="A key of your choice that identifies this request, 1 to 255 characters, "
        "unique among your requests. A call with the same key returns the same "
        "decision, with its objects in their current state, and charges nothing "
        "again. Refusals that depend on the ledger, such as InsufficientConnects, "
        "PriceChanged and Conflict, are repeated, too: use a new key once the person has "
        "changed something. Invalid input, missing objects and missing access are judged "
        "again at each call."
    )


@strawberry.input
class Priced(Keyed):
    """The input of a mutation that spends Connects."""

    expected_connects: int | None = strawberry.field(
        default=None,
        description="The price in Connects that the person was shown. If the price is another "
        "now, higher or lower, or 0 because the action is free, the result is PriceChanged, and "
        "nothing happens.",
    )


@strawberry.type
class Outcome(CarriedOut):
    """The success of a mutation."""

    replayed: bool = strawberry.field(
        description="Whether this repeats the outcome of an earlier call with the same key."
    )


@strawberry.type
class Spent(Outcome):
    """The success of a mutation that spends Connects."""

    wallet: Wallet = strawberry.field(
        description="The wallet in its current state, including this change."
    )
    entry: Entry | None = strawberry.field(
        description="The entry that charged the wallet. Null if the action was free."
    )


class _Moved(NamedTuple):
    wallet: Wallet
    entry: Entry | None


def moved(wallet: WalletRow, entry: EntryRow | None) -> dict[str, Any]:
    """The fields `wallet` and `entry` of a success."""
    return _Moved(Wallet(wallet), Entry(entry) if entry else None)._asdict()


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def success(description: str) -> Callable[[type[T]], type[T]]:
    """Makes the type of a success. Its own fields stand before those that it shares."""
    return lambda cls: _own_fields_first(strawberry.type(cls, description=description))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def input(description: str) -> Callable[[type[T]], type[T]]:
    """Makes an input. Its own fields stand before those that it shares."""
    return lambda cls: _own_fields_first(strawberry.input(cls, description=description))


def _own_fields_first(cls: type[T]) -> type[T]:
    fields = get_object_definition(cls, strict=True).fields
    names = [name for base in cls.__mro__ for name in vars(base).get("__annotations__", ())]
    fields.sort(key=lambda field: names.index(field.python_name))
    return cls


class Call(NamedTuple):
    """A call of a mutation by a signed-in user."""

    info: Info
    services: Services
    user: User
    intent: Intent


def mutation(
    description: str, *refusals: type[Refusal]
) -> Callable[[Callable[[Call, Any], Awaitable[Any]]], StrawberryField]:
    """Makes a mutation's field of the function that carries it out and gives its success.

    The function takes the call and the input. It may raise `refusals` and those of EVERY, which
    become members of the field's union.
    """

    def decorate(carry_out: Callable[[Call, Any], Awaitable[Any]]) -> StrawberryField:
        name = to_camel_case(carry_out.__name__)
        hints = get_type_hints(carry_out)

        async def resolve(info: Info, input: Any) -> Any:
            context = info.context
            user = context.signed_in()
            context.moment.clear()
            call = Call(info, context.services, user, _intent(user, name, input))
            try:
                done = await carry_out(call, input)
            except Exception as error:
                await raise_if_carried_out(error, call.services, call.intent)
                raise
            wallet: Wallet | None = getattr(done, "wallet", None)
            if wallet is not None:
                context.moment[wallet.row.account_id] = wallet.row
            return done

        argument = strawberry.argument(description="The input.")
        resolve.__name__ = carry_out.__name__
        resolve.__annotations__ = {
            "info": Info,
            "input": Annotated[hints["input"], argument],
            "return": _union(name, hints["return"], {*refusals, *EVERY}),
        }
        field: StrawberryField = strawberry.mutation(resolver=resolve, description=description)
        return field

    return decorate


def _union(name: str, success: type, refusals: set[type[Refusal]]) -> Any:
    """What a mutation answers: its success, or one of the refusals."""
    members = [TYPES[refusal] for refusal in REFUSALS if refusal in refusals]
    title = f"{name[0].upper()}{name[1:]}Result"
    union = strawberry.union(title, description=f"The result of `{name}`.")
    # Nullable, so that an error under one mutation leaves the answers of the others as they are.
    return Annotated[Union[(success, *members)], union] | None


def _intent(user: User, operation: str, input: Any) -> Intent:
    """The caller's intent: the key of `input`, and the hash of all the rest of it."""
    request = _plain(input)
    key = request.pop("idempotency_key")
    return Intent(user.id, key, request_hash(operation, request))


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if dataclasses.is_dataclass(value):
        return {name: _plain(part) for name, part in vars(value).items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.value if isinstance(value, Enum) else value
