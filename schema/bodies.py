"""Reading requests: bounded bodies, JSON, and the parts of a GraphQL request."""

import json
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request

BODY_BYTES = 1_000_000


class BadRequest(Exception):
    """The request can't be understood; `status` is the HTTP status to say so with."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class GraphQLRequest(NamedTuple):
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def read_request(request: Request) -> GraphQLRequest:
    """The GraphQL request in the query string of a GET or the body of a POST.

    Raises BadRequest.
    """
    if request.method == "GET":
        return _from_query_string(request)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise BadRequest("Send the request as application/json.", 415)
    parameters = _parse_json(await _read_body(request), "The body")
    if not isinstance(parameters, dict):
        raise BadRequest("The body must be a JSON object with the key query.")
    return _checked(parameters)


def _from_query_string(request: Request) -> GraphQLRequest:
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if text := parameters.pop(name, None):
            parameters[name] = _parse_json(text.encode(), f"The parameter {name}")
    return _checked(parameters)


def _checked(parameters: dict[str, Any]) -> GraphQLRequest:
    query = parameters.get("query")
    variables = parameters.get("variables")
    operation_name = parameters.get("operationName")
    if not isinstance(query, str) or not query:
        raise BadRequest("query must be a GraphQL document. Send one, as text, under that name.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("variables must be an object.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("operationName must be text.")
    if not isinstance(parameters.get("extensions") or {}, dict):
        raise BadRequest("extensions must be an object.")
    return GraphQLRequest(query, variables, operation_name or None)


async def _read_body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > BODY_BYTES:
        raise BadRequest(f"The body may have at most {BODY_BYTES:,} bytes.", 413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise BadRequest(f"The body may have at most {BODY_BYTES:,} bytes.", 413)
    return bytes(body)


def _parse_json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _parse_leniently(text, what, str(error))


def _parse_leniently(text: bytes, what: str, message: str) -> Any:
    """Lone surrogates are let in, so that the field that has them can be named."""
    if b"\\ud" not in text.lower():
        raise BadRequest(f"{what} is not valid JSON: {message}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{what} is not valid JSON: {error}") from error
