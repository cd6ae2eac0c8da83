"""GraphQL over HTTP: one endpoint for queries by GET and everything by POST."""

import json
import logging
import re
from typing import Any
from uuid import uuid4

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from strawberry.http.ides import get_graphql_ide_html
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from models.rules.refusals import Refusal
from models.tables import User
from resolvers.authentication import TokenReader, Unauthenticated
from resolvers.services import Services
from resolvers.users import Users
from schema.bodies import BadRequest, GraphQLRequest, read_request
from schema.context import Context
from schema.documents import needs_operation_name
from schema.errors import MASK, top_level
from schema.schema import schema

_logger = logging.getLogger(__name__)

GRAPHQL_JSON = "application/graphql-response+json"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Those that are routed here: whoever uses a wrong one gets an error like any other."""
_OPERATIONS = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}


class GraphQLEndpoint:
    """Answers HTTP requests. `graphiql` says whether browsers get the GraphiQL page."""

    def __init__(self, services: Services, secret: str, *, graphiql: bool) -> None:
        self._services = services
        self._tokens = TokenReader(secret)
        self._users = Users(services)
        self._graphiql = graphiql

    async def __call__(self, request: Request) -> Response:
        request_id = _request_id(request)
        try:
            response = await self._answer(request, request_id)
        except BadRequest as refusal:
            response = _error(request, request_id, refusal.status, "BAD_REQUEST", refusal.message)
        except Unauthenticated as refusal:
            response = _error(request, request_id, 401, "UNAUTHENTICATED", str(refusal))
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        except Refusal as refusal:
            # Signing in for the first time makes a user, and the ledger may be busy.
            response = _error(request, request_id, 503, refusal.code, refusal.message)
        except Exception:
            _logger.exception("request %s failed", request_id)
            response = _error(request, request_id, 500, "INTERNAL_SERVER_ERROR", MASK)
        response.headers["X-Request-ID"] = request_id
        return response

    async def _answer(self, request: Request, request_id: str) -> Response:
        if request.method not in _OPERATIONS:
            return _not_allowed(request, request_id, "Use GET or POST.", "GET, POST")
        if self._graphiql and _wants_page(request):
            return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql"))
        try:
            graphql_request = await read_request(request)
        except ClientDisconnect:
            raise BadRequest("The request was cut off.") from None
        user = await self._user(request)
        context = Context(self._services, user, request_id)
        return await _executed(request, graphql_request, context)

    async def _user(self, request: Request) -> User | None:
        header = request.headers.get("authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The header must read Authorization: Bearer TOKEN.")
        claims = self._tokens.read(token.strip(), self._services.clock())
        return await self._users.signed_in(claims)


async def _executed(request: Request, asked: GraphQLRequest, context: Context) -> Response:
    if asked.operation_name is None and needs_operation_name(asked.query):
        raise BadRequest("The document has several operations; operationName must name one.")
    try:
        result = await schema.execute(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            context_value=context,
            allowed_operation_types=_OPERATIONS[request.method],
        )
    except InvalidOperationTypeError as error:
        reason = error.as_http_error_reason(request.method)
        return _not_allowed(request, context.request_id, reason, "POST")
    except CannotGetOperationTypeError as error:
        raise BadRequest(error.as_http_error_reason()) from error
    return _respond(request, *_shape(request, result, context.request_id))


def _shape(
    request: Request, result: ExecutionResult | PreExecutionError, request_id: str
) -> tuple[dict[str, Any], int]:
    """The answer's body and status. What was never executed has no data."""
    errors = [top_level(error, request_id) for error in result.errors or ()]
    if isinstance(result, PreExecutionError):
        return {"errors": errors}, 400 if _media_type(request) == GRAPHQL_JSON else 200
    body: dict[str, Any] = {"errors": errors} if errors else {}
    return {**body, "data": result.data}, 200


def _error(request: Request, request_id: str, status: int, code: str, message: str) -> Response:
    error = GraphQLError(message, extensions={"code": code})
    return _respond(request, {"errors": [top_level(error, request_id)]}, status)


def _not_allowed(request: Request, request_id: str, message: str, allowed: str) -> Response:
    response = _error(request, request_id, 405, "BAD_REQUEST", message)
    response.headers["Allow"] = allowed
    return response


def _respond(request: Request, body: dict[str, Any], status: int) -> Response:
    return Response(
        _to_json(body), status, {"Vary": "Accept"}, f"{_media_type(request)}; charset=utf-8"
    )


def _to_json(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:
        # Half a surrogate pair that an error message repeats: orjson has no bytes for it.
        return json.dumps(body).encode()


def _media_type(request: Request) -> str:
    accept = request.headers.get("accept", "")
    return GRAPHQL_JSON if GRAPHQL_JSON in accept else "application/json"


def _wants_page(request: Request) -> bool:
    return (
        request.method == "GET"
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex
