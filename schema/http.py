"""GraphQL over HTTP: queries by GET, everything by POST, subscriptions as event streams."""

import logging
import math
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from graphql import GraphQLError, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from models.rules.refusals import Refusal
from resolvers.authentication import Unauthenticated
from resolvers.services import Services
from schema.answers import Answer, refusal, to_json
from schema.bodies import BadRequest, GraphQLRequest, read_request
from schema.context import Context
from schema.documents import Operation, Refused
from schema.errors import MASK, top_level
from schema.events import EVENT_STREAM, EventStream, only
from schema.operations import Operations
from schema.sign_in import SignIn

_logger = logging.getLogger(__name__)

GRAPHQL_JSON: Final = "application/graphql-response+json"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Those that are routed here: whoever uses a wrong one gets an error like any other."""
PUBLIC_SECONDS: Final = 60
"""How long anybody may keep the answer to a query that was asked without a token."""
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

Page = Callable[[], Response]


class GraphQLEndpoint:
    """Answers HTTP requests. `page` is what browsers get that come without a query."""

    def __init__(
        self, services: Services, sign_in: SignIn, operations: Operations, page: Page | None = None
    ) -> None:
        self._services = services
        self._sign_in = sign_in
        self._operations = operations
        self._page = page

    async def __call__(self, request: Request) -> Response:
        request_id = given_or_new_id(request.headers.get("x-request-id", ""))
        try:
            response = await self._respond(request, request_id)
        except BadRequest as bad:
            response = _error(request, request_id, bad.status, "BAD_REQUEST", bad.message)
        except Unauthenticated as bad:
            response = _error(request, request_id, 401, "UNAUTHENTICATED", str(bad))
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        except Refusal as refusal:
            # Signing in for the first time makes a user, and the ledger may be busy.
            response = _error(request, request_id, 503, refusal.code, refusal.message)
        except Exception:
            _logger.exception("request %s failed", request_id)
            response = _error(request, request_id, 500, "INTERNAL_SERVER_ERROR", MASK)
        response.headers["X-Request-ID"] = request_id
        return response

    async def _respond(self, request: Request, request_id: str) -> Response:
        if request.method not in ("GET", "POST"):
            return _not_allowed(request, request_id, "Use GET or POST.", "GET, POST")
        if self._page is not None and _wants_page(request):
            return self._page()
        try:
            asked = await read_request(request)
        except ClientDisconnect:
            raise BadRequest("The request was cut off.") from None
        host = request.client.host if request.client else None
        caller = await self._sign_in.caller(request.headers.get("authorization"), host)
        context = Context(self._services, caller, request_id)
        if EVENT_STREAM in request.headers.get("accept", ""):
            return await self._stream(request, asked, context)
        return await self._execute(request, asked, context)

    async def _execute(self, request: Request, asked: GraphQLRequest, context: Context) -> Response:
        try:
            operation = self._operations.find(asked)
            if not_here := _not_here(request, operation, context.request_id):
                return not_here
            answer = await self._operations.execute(operation, asked.variables, context)
        except Refused as refused:
            answer = refusal(refused, context.request_id)
        response = _response(request, answer)
        if request.method == "GET":
            response.headers["Cache-Control"] = _cache_control(answer, context)
        return response

    async def _stream(self, request: Request, asked: GraphQLRequest, context: Context) -> Response:
        try:
            operation = self._operations.find(asked)
        except Refused as refused:
            answer = refusal(refused, context.request_id)
            return EventStream(only(answer), context.request_id)
        if operation.type is OperationType.MUTATION and request.method == "GET":
            return _mutation_by_get(request, context.request_id)
        answers = self._operations.stream(operation, asked.variables, context)
        return EventStream(answers, context.request_id)


def given_or_new_id(given: str) -> str:
    """The request's id: the one that a proxy gave it, unless that could do harm, or a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _not_here(request: Request, operation: Operation, request_id: str) -> Response | None:
    """The refusal of an operation that can't be answered in this way."""
    if operation.type is OperationType.MUTATION and request.method == "GET":
        return _mutation_by_get(request, request_id)
    if operation.type is OperationType.SUBSCRIPTION:
        message = f"Subscribe over a WebSocket, or with the header Accept: {EVENT_STREAM}."
        return _error(request, request_id, 406, "BAD_REQUEST", message)
    return None


def _mutation_by_get(request: Request, request_id: str) -> Response:
    return _not_allowed(request, request_id, "Mutations are sent by POST.", "POST")


def _response(request: Request, answer: Answer) -> Response:
    media_type = _media_type(request)
    understood = answer.executed or media_type != GRAPHQL_JSON
    response = _json(media_type, answer.body, 200 if understood else 400)
    if answer.wait:
        response.headers["Retry-After"] = str(math.ceil(answer.wait))
    return response


def _cache_control(answer: Answer, context: Context) -> str:
    """What was asked without a token holds nothing private."""
    if context.user is None and answer.executed and "errors" not in answer.body:
        return f"public, max-age={PUBLIC_SECONDS}"
    return "private, no-store"


def _error(request: Request, request_id: str, status: int, code: str, message: str) -> Response:
    error = GraphQLError(message, extensions={"code": code})
    return _json(_media_type(request), {"errors": [top_level(error, request_id)]}, status)


def _not_allowed(request: Request, request_id: str, message: str, allowed: str) -> Response:
    response = _error(request, request_id, 405, "BAD_REQUEST", message)
    response.headers["Allow"] = allowed
    return response


def _json(media_type: str, body: dict[str, Any], status: int) -> Response:
    return Response(
        to_json(body), status, {"Vary": "Accept, Authorization"}, f"{media_type}; charset=utf-8"
    )


def _media_type(request: Request) -> str:
    accept = request.headers.get("accept", "")
    return GRAPHQL_JSON if GRAPHQL_JSON in accept else "application/json"


def _wants_page(request: Request) -> bool:
    return (
        request.method == "GET"
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )
