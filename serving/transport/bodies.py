"""Reading requests: bounded bodies, JSON, and the parts of a GraphQL request."""

import json
import re
from typing import Any, Final, NamedTuple

import orjson

from serving.operations.deadlines import Deadlines
from serving.transport.exchange import DisconnectedError, HttpRequest

BODY_BYTES = 1_000_000
JSON_VALUES: Final = 30_000
"""How many values the JSON of a request may have, by the commas and brackets in it."""
LENIENT_BYTES: Final = 200_000
PARAMETERS: Final = 50
"""Of a query string."""
_HASH: Final = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_BEFORE_VALUES: Final = (b",", b"[", b"{")
_SIMPLE_TYPES: Final = frozenset(
    {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)
_PREFLIGHT_HEADERS: Final = (b"apollo-require-preflight", b"x-apollo-operation-name")
"""Headers that a browser asks leave to send to another site, as Apollo's servers know them."""


class BadRequest(Exception):
    """The request can't be understood; `status` is the HTTP status to say so with.

    `allowed` are the methods that would do, where this one does not.
    """

    def __init__(self, message: str, status: int = 400, allowed: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.allowed = allowed


class GraphQLRequest(NamedTuple):
    """What is to be executed: a document, or the hash of one, or both."""

    query: str | None
    variables: dict[str, Any]
    operation_name: str | None
    document_hash: str | None = None
    length: int = BODY_BYTES
    """The bytes that it came in; the most there may be where nobody counted."""


def check_type(request: HttpRequest) -> None:
    """Raises BadRequest for a content type that is not taken."""
    content_type = request.header(b"content-type") or ""
    if content_type == "application/json":
        return
    content_type = content_type.partition(";")[0].strip().lower()
    if request.method == "POST":
        if content_type != "application/json":
            raise BadRequest("Send the request with Content-Type: application/json.", 415)
    elif content_type in _SIMPLE_TYPES and not any(map(request.header, _PREFLIGHT_HEADERS)):
        raise BadRequest(
            f"A web page of any site can send {content_type}. Send a GET without Content-Type, or "
            f"one of the headers {', '.join(name.decode() for name in _PREFLIGHT_HEADERS)}.",
            415,
        )


async def body_to_come(request: HttpRequest, reading: Deadlines) -> bytes:
    """The body of which not all is there yet. Raises BadRequest, also where it takes too long."""
    try:
        with reading.start():
            return await _chunks(request)
    except DisconnectedError:
        raise BadRequest("The request was cut off.") from None
    except TimeoutError:
        raise BadRequest(f"The body did not come in {reading.seconds:g} s.", 408) from None


def read_request(request: HttpRequest, body: bytes) -> GraphQLRequest:
    """The GraphQL request in the query string of a GET or the body of a POST.

    Raises BadRequest.
    """
    if request.method == "GET":
        return _from_query_string(request)
    if len(body) > BODY_BYTES:
        raise _too_long()
    return checked_request(parse_json(body, "The body"), "The body", len(body))


def _from_query_string(request: HttpRequest) -> GraphQLRequest:
    parameters: dict[str, Any] = dict(query_parameters(request))
    for name in ("variables", "extensions"):
        if text := parameters.pop(name, None):
            parameters[name] = parse_json(text.encode(), f"The parameter {name}")
    return checked_request(parameters, "The query string", len(request.query_string))


def query_parameters(request: HttpRequest) -> dict[str, str]:
    """The parameters of the query string. Raises BadRequest where there are too many."""
    try:
        return request.parameters(PARAMETERS)
    except ValueError:
        message = f"The query string may have at most {PARAMETERS} parameters."
        raise BadRequest(message) from None


def checked_request(parameters: object, what: str, length: int = BODY_BYTES) -> GraphQLRequest:
    """The request that `parameters` make up, from a JSON object of so many bytes.

    Raises BadRequest.
    """
    if isinstance(parameters, list):
        raise BadRequest(f"{what} is a list, and batches are not taken: send one JSON object.")
    if not isinstance(parameters, dict):
        raise BadRequest(f"{what} must be a JSON object with the key query.")
    query = parameters.get("query")
    variables = parameters.get("variables")
    operation_name = parameters.get("operationName")
    extensions = parameters.get("extensions")
    if query is not None and not isinstance(query, str):
        raise BadRequest("query must be a GraphQL document, as text.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("variables must be an object.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("operationName must be text.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("extensions must be an object.")
    named = _document_hash(parameters.get("documentId"), (extensions or {}).get("persistedQuery"))
    if not query and named is None:
        raise BadRequest("There is no GraphQL document: send one, as text, under the name query.")
    return GraphQLRequest(query or None, variables or {}, operation_name or None, named, length)


def _document_hash(document_id: object, persisted_query: object) -> str | None:
    """The hash under either of the names that clients send it by."""
    if document_id is not None:
        found = hash_in(document_id)
        if found is None:
            raise BadRequest("documentId must be sha256: and 64 hexadecimal digits.")
        return found
    if persisted_query is None:
        return None
    if not isinstance(persisted_query, dict) or persisted_query.get("version") != 1:
        raise BadRequest("persistedQuery must be an object with version 1 and sha256Hash.")
    found = hash_in(persisted_query.get("sha256Hash"))
    if found is None:
        raise BadRequest("sha256Hash must be 64 hexadecimal digits.")
    return found


def hash_in(text: object) -> str | None:
    """The hash that `text` is, with or without `sha256:` before it; None where it is none."""
    match = _HASH.fullmatch(text) if isinstance(text, str) else None
    return match[1].lower() if match else None


async def _chunks(request: HttpRequest) -> bytes:
    announced = request.header(b"content-length") or ""
    if announced.isdecimal() and int(announced) > BODY_BYTES:
        raise _too_long()
    body, more = await request.chunk()
    while more:
        chunk, more = await request.chunk()
        body += chunk
        if len(body) > BODY_BYTES:
            raise _too_long()
    return body


def _too_long() -> BadRequest:
    return BadRequest(f"The body may have at most {BODY_BYTES:,} bytes.", 413)


def parse_json(text: bytes, what: str) -> Any:
    """The value of a JSON text. Raises BadRequest, which calls it `what`."""
    if len(text) > JSON_VALUES and sum(map(text.count, _BEFORE_VALUES)) > JSON_VALUES:
        message = f"{what} may have at most {JSON_VALUES:,} commas and opening brackets."
        raise BadRequest(message)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _parse_leniently(text, what, str(error))


def _parse_leniently(text: bytes, what: str, message: str) -> Any:
    """Lone surrogates are let in, so that the field that has them can be named."""
    if len(text) > LENIENT_BYTES or b"\\ud" not in text.lower():
        raise BadRequest(f"{what} is not valid JSON: {message}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{what} is not valid JSON: {error}") from error
