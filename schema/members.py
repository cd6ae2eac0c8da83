"""What only the members of an account may see, decided once for all fields and nodes."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from operator import attrgetter
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from resolvers import access
from schema.context import Info

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


def for_members(
    account_id: str,
) -> Callable[
    [Callable[Concatenate[S, Info, P], Awaitable[T]]],
    Callable[Concatenate[S, Info, P], Coroutine[Any, Any, T | None]],
]:
    """Makes a resolver give null to everybody but the members of an account.

    `account_id` is the path from the object to the account's id, such as "row.account_id".
    """
    account_of = attrgetter(account_id)

    def decorate(
        resolve: Callable[Concatenate[S, Info, P], Awaitable[T]],
    ) -> Callable[Concatenate[S, Info, P], Coroutine[Any, Any, T | None]]:
        @wraps(resolve)
        async def resolve_for_members(
            self: S, info: Info, *args: P.args, **kwargs: P.kwargs
        ) -> T | None:
            context = info.context
            if not await access.is_member(context.services, context.user, account_of(self)):
                return None
            return await resolve(self, info, *args, **kwargs)

        return cast(
            "Callable[Concatenate[S, Info, P], Coroutine[Any, Any, T | None]]", resolve_for_members
        )

    return decorate


def members_of(account_id: str) -> Callable[[Info, Any], Awaitable[bool]]:
    """Whether the viewer is a member of the account that a row names at the path `account_id`."""
    account_of = attrgetter(account_id)

    def may_see(info: Info, row: Any) -> Awaitable[bool]:
        context = info.context
        return access.is_member(context.services, context.user, account_of(row))

    return may_see


def members_of_either(one_id: str, other_id: str) -> Callable[[Info, Any], Awaitable[bool]]:
    """Whether the viewer is a member of one of the two accounts that a row names: both sides."""
    is_one, is_other = members_of(one_id), members_of(other_id)

    async def may_see(info: Info, row: Any) -> bool:
        return await is_one(info, row) or await is_other(info, row)

    return may_see
