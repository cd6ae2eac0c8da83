"""Responses to operations, independent of the transport."""

import json
from collections.abc import Collection
from typing import Any, Final, NamedTuple

import orjson
from graphql import ExecutionResult, GraphQLError

from serving.application import Describe
from serving.operations.documents import Rejected
from serving.operations.encoding import Encoded

Json = dict[str, Any]

ERRORS: Final = 100
"""The maximum number of errors in a response; the last one counts those omitted."""
MESSAGE_LENGTH: Final = 2_000
"""Longer messages repeat the caller's input and are cut."""


class Answer(NamedTuple):
    """A GraphQL response. `wait` is in seconds, over 0 where the caller was throttled.

    `committed`: the keys of the operation's mutations that were carried out, in their order.
    """

    body: Json
    executed: bool = True
    wait: float = 0
    event_id: str | None = None
    """What the client may ask to go on after; of a subscription's answers."""
    committed: Collection[str] = ()


def top_level(error: GraphQLError, request_id: str, *, committed: Collection[str] = ()) -> Json:
    """A top-level error as it is given: with a code and the request's id.

    `committed`: the keys of the mutations that were carried out before it was raised.
    """
    formatted: Json = dict(error.formatted)
    if len(error.message) > MESSAGE_LENGTH:
        formatted["message"] = f"{error.message[:MESSAGE_LENGTH]}…"
    formatted["extensions"] = {
        "code": "BAD_USER_INPUT" if error.path else "GRAPHQL_VALIDATION_FAILED",
        **(error.extensions or {}),
        "requestId": request_id,
    }
    if committed:
        formatted["extensions"]["committed"] = True
        if not error.path:
            formatted["extensions"]["committedFields"] = list(committed)
    return formatted


def _described(error: GraphQLError, request_id: str, describe: Describe) -> GraphQLError:
    """Returns the error as shown; the application's exceptions are described in its words."""
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        return error
    message, extensions = describe(original, request_id)
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def rejection(rejected: Rejected, request_id: str) -> Answer:
    """Returns the response to a rejected operation; with `data` if it may be retried."""
    body: Json = {"errors": [top_level(error, request_id) for error in rejected.errors]}
    if rejected.wait:
        body["data"] = None
    if rejected.extensions:
        body["extensions"] = rejected.extensions
    return Answer(body, executed=rejected.wait > 0, wait=rejected.wait)


def answer(
    result: ExecutionResult, request_id: str, describe: Describe, carried_out: Collection[str] = ()
) -> Answer:
    """What a result makes; without `data` where the variables were wrong and nothing was done.

    `carried_out` are the keys of the mutations that were carried out. Each error of one of them,
    and each error of the operation as a whole, says that something was committed; the latter says
    of which mutations.
    """
    if not result.errors:
        return Answer({"data": result.data}, committed=carried_out)
    described = [_described(error, request_id, describe) for error in _first(result.errors)]
    committed = dict.fromkeys([*carried_out, *_said_to_be_committed(described)])
    body: Json = {"errors": [_told(error, request_id, committed) for error in described]}
    executed = result.data is not None or any(error.path for error in result.errors)
    if executed:
        body["data"] = result.data
    return Answer(body, executed, committed=committed)


def _said_to_be_committed(errors: list[GraphQLError]) -> list[str]:
    """The keys of mutations whose errors say themselves that they were carried out."""
    return [
        str(error.path[0])
        for error in errors
        if error.path and (error.extensions or {}).get("committed")
    ]


def _told(error: GraphQLError, request_id: str, committed: Collection[str]) -> Json:
    """An error of one mutation says what became of that one, one of the operation of all."""
    concerned = not error.path or error.path[0] in committed
    return top_level(error, request_id, committed=committed if concerned else ())


def _first(errors: list[GraphQLError]) -> list[GraphQLError]:
    if len(errors) <= ERRORS:
        return errors
    told = errors[: ERRORS - 1]
    message = f"{len(errors) - len(told):,} more errors were omitted."
    return [*told, GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})]


def too_late(deadline: float) -> GraphQLError:
    """Returns the error for an operation that took longer than `deadline` seconds."""
    return GraphQLError(
        f"This took longer than {deadline:g} s and was cancelled. A mutation may have succeeded: "
        "the same call with the same key returns its outcome.",
        extensions={"code": "DEADLINE_EXCEEDED"},
    )


def stopping() -> GraphQLError:
    """Returns the error for an operation interrupted because the server is stopping."""
    return GraphQLError(
        "The server is stopping and cancelled this. Try again. A mutation may have succeeded: "
        "the same call with the same key returns its outcome.",
        extensions={"code": "TRY_AGAIN", "retryable": True},
    )


def to_json(body: Json) -> bytes:
    """Encodes `body` as JSON, whatever text it contains; parts of it may be Encoded."""
    try:
        return orjson.dumps(body, default=_fragment)
    except TypeError:
        # An error message repeats a lone surrogate, which orjson cannot encode.
        return json.dumps(body, default=_decoded).encode()


def _fragment(part: object) -> orjson.Fragment:
    if not isinstance(part, Encoded):
        raise TypeError
    return orjson.Fragment(part.content)


def _decoded(part: object) -> Any:
    if not isinstance(part, Encoded):
        raise TypeError
    return orjson.loads(part.content)
