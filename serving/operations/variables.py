"""Limits on the variables of a request, and the cost of large ones.

They are measured first, because everything that follows takes time per value: coercion, conversion,
checks, and error messages.
"""

from collections import deque
from typing import Any, Final

from graphql import GraphQLError

from serving.operations.answers import Json
from serving.operations.documents import Rejected

FREE_LENGTH: Final = 10_000
"""Requests up to this size in bytes are not measured: their variables are small."""
VALUES: Final = 12_000
"""How many values there may be, including containers."""
CHARACTERS: Final = 300_000
"""How many characters all texts and names may have together."""
NAMES: Final = 1_000
"""How many names an object may have."""
NAME_LENGTH: Final = 200
CHARACTERS_PER_VALUE: Final = 10
CHARACTERS_PER_POINT: Final = 1_000
_SHOWN: Final = 50
_HOLDERS: Final = frozenset({dict, list})


def points_for(variables: Json) -> int:
    """Returns the cost: a point for each CHARACTERS_PER_POINT beyond FREE_LENGTH.

    A value counts as CHARACTERS_PER_VALUE plus its text. Raises Rejected if they are too large.
    """
    values, characters = 0, 0
    waiting: list[Json | list[Any]] = [variables]
    while waiting:
        holder = waiting.pop()
        values += len(holder)
        if values > VALUES:
            raise _too_large(f"{VALUES:,} values{_largest(variables)}")
        if isinstance(holder, dict):
            lengths = [*map(len, holder)]
            characters += sum(lengths)
            if len(lengths) > NAMES:
                raise _too_large(f"{NAMES:,} names in an object")
            if max(lengths, default=0) > NAME_LENGTH:
                raise _too_large(f"names of {NAME_LENGTH} characters")
        for value in holder.values() if isinstance(holder, dict) else holder:
            if type(value) is str:
                characters += len(value)
            elif value and type(value) in _HOLDERS:
                waiting.append(value)
    if characters > CHARACTERS:
        raise _too_large(f"{CHARACTERS:,} characters")
    weight = characters + values * CHARACTERS_PER_VALUE
    return max(0, weight - FREE_LENGTH) // CHARACTERS_PER_POINT


def _largest(variables: Json) -> str:
    """Names the first value that alone contains too many others, such as $filter.countries."""
    waiting: deque[tuple[str, Json | list[Any]]] = deque([("$", variables)])
    seen = 0
    while waiting and seen <= VALUES:
        path, holder = waiting.popleft()
        if len(holder) > VALUES:
            return f"; {path} has {len(holder):,}"
        seen += len(holder)
        dot = "" if path == "$" else "."
        for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if type(value) in _HOLDERS:
                waiting.append((f"{path}{dot}{str(key)[:_SHOWN]}", value))
    return ""


def _too_large(what: str) -> Rejected:
    message = f"The variables may have at most {what}."
    return Rejected(GraphQLError(message, extensions={"code": "BAD_USER_INPUT"}))
