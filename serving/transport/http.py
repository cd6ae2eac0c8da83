"""GraphQL over HTTP: queries by GET, everything by POST, subscriptions as event streams."""

import math
import re
from collections.abc import AsyncGenerator, Callable
from typing import Final

from graphql import GraphQLError, OperationType
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type
from uuid_utils import uuid4

from serving.application import Authenticator, Context, Unauthenticated
from serving.operations.answers import Answer, Json, to_json, top_level
from serving.operations.deadlines import Deadlines
from serving.operations.documents import Operation, Rejected
from serving.operations.operations import Operations
from serving.operations.quotas import QuotaExceeded
from serving.operations.throttle import Throttled
from serving.operations.workers import BusyError
from serving.transport.accept import EVENT_STREAM, JSON, MULTIPART
from serving.transport.admission import RETRY_SECONDS, Admission, busy
from serving.transport.bodies import (
    BadRequest,
    GraphQLRequest,
    body_to_come,
    check_type,
    query_parameters,
    read_request,
)
from serving.transport.events import AnswerStream, only
from serving.transport.exchange import Headers, HttpRequest, Reply
from serving.transport.framing import FRAMINGS, Framing

PUBLIC_SECONDS: Final = 60
"""How long anybody may keep the answer to a query that was asked without a token."""
COMPRESSED_BYTES: Final = 500
"""Shorter answers are sent as they are."""
READING_SECONDS: Final = 8.0
SIGN_IN_SECONDS: Final = 15.0
_REPLY: Final = "serving.reply"
"""Where the scope holds the reply for the middleware that compresses it.

A middleware is made for one application, and to make one for each reply takes 22 µs."""
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BEARER_WANTED: Final = ((b"www-authenticate", b'Bearer error="invalid_token"'),)
_RETRY_AFTER: Final = ((b"retry-after", b"%d" % RETRY_SECONDS),)
_PRIVATE: Final = ((b"cache-control", b"private, no-store"),)
_PUBLIC: Final = ((b"cache-control", b"public, max-age=%d" % PUBLIC_SECONDS),)

RenderPage = Callable[[], Response]


class GraphQLEndpoint:
    """Answers HTTP requests, as an ASGI application. `page` is for browsers without a query."""

    def __init__(
        self,
        application: Authenticator,
        operations: Operations,
        page: RenderPage | None = None,
        admission: Admission | None = None,
    ) -> None:
        self._application = application
        self._operations = operations
        self._page = page
        self._reading = Deadlines(READING_SECONDS)
        self._signing_in = Deadlines(SIGN_IN_SECONDS)
        self._admission = admission or Admission()
        # Else the parts of a stream wait in the compressor until there are enough of them.
        add_compress_type(MULTIPART.decode(), streaming=True)
        self._compressing = CompressMiddleware(_sent, minimum_size=COMPRESSED_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        request_id = _given_or_new_id(request.header(b"x-request-id"))
        try:
            reply = await self._reply(request, request_id)
        except Exception as error:
            reply = self._reply_to(error, request, request_id)
        if not (isinstance(reply, Reply) and _is_sent_as_it_is(request, reply)):
            await self._compressing({**scope, _REPLY: reply}, receive, send)
        elif not reply.try_send(send):
            await reply(scope, receive, send)

    def end(self) -> None:
        """Answers all that is under way, and what comes from now on, without waiting for more."""
        for deadlines in (self._reading, self._signing_in):
            deadlines.end()
        self._operations.end()

    async def _reply(self, request: HttpRequest, request_id: str) -> Reply | Response:
        if self._admission.is_full:
            raise BusyError
        if request.method not in ("GET", "POST"):
            raise BadRequest("Use GET or POST.", 405, "GET, HEAD, POST")
        if self._page is not None and _wants_page(request):
            return _named(self._page(), request_id)
        check_type(request)
        body = request.whole_body() if request.method == "POST" else b""
        if body is None:
            body = await body_to_come(request, self._reading)
        if not self._admission.enters():
            await self._admission.wait()
        try:
            return await self._answer(request, request_id, body)
        finally:
            self._admission.leave()

    async def _answer(self, request: HttpRequest, request_id: str, body: bytes) -> Reply | Response:
        asked = read_request(request, body)
        authorization = request.header(b"authorization")
        caller = self._application.known(authorization)
        if caller is None:
            with self._signing_in.start():
                caller = await self._application.caller(authorization, request.client_address)
        context = self._application.context(caller, request_id)
        if request.accepted.likes_events and not request.is_head:
            return await self._stream(FRAMINGS[EVENT_STREAM], request, asked, context)
        return await self._execute(request, asked, context)

    async def _execute(
        self, request: HttpRequest, asked: GraphQLRequest, context: Context
    ) -> Reply | Response:
        try:
            operation = self._operations.known(asked)
            if operation is None:
                operation = await self._operations.find(asked, context)
            stream = request.accepted.stream
            if operation.type is OperationType.SUBSCRIPTION and stream and not request.is_head:
                return await self._stream(FRAMINGS[stream], request, asked, context)
            _check_way(request, operation)
            answer = await self._operations.execute(operation, asked.variables, context)
        except Rejected as rejected:
            answer = self._operations.rejection(rejected, context, asked)
        media_type = _media_type(request)
        understood = answer.executed or media_type == JSON
        headers = _headers(request, answer, context)
        content = self._operations.to_json(answer, context)
        return Reply(context.request_id, 200 if understood else 400, content, media_type, headers)

    async def _stream(
        self, framing: Framing, request: HttpRequest, asked: GraphQLRequest, context: Context
    ) -> Reply | Response:
        last_event_id = request.header(b"last-event-id")
        context = self._application.context(context.caller, context.request_id, last_event_id)
        self._operations.quotas.check_connection(context.caller)
        try:
            operation = await self._operations.find(asked, context)
        except Rejected as rejected:
            answers = only(self._operations.rejection(rejected, context, asked))
            return self._streamed(framing, answers, asked, context)
        if operation.type is OperationType.MUTATION:
            _check_way(request, operation)
        answers = self._operations.stream(operation, asked.variables, context)
        return self._streamed(framing, answers, asked, context)

    def _streamed(
        self,
        framing: Framing,
        answers: AsyncGenerator[Answer, None],
        asked: GraphQLRequest,
        context: Context,
    ) -> Response:
        stream = AnswerStream(framing, self._operations, answers, asked, context)
        return _named(stream, context.request_id)

    def _reply_to(self, error: Exception, request: HttpRequest, request_id: str) -> Reply:
        """The reply where `error` kept the request from being executed, which is logged."""
        if isinstance(error, BusyError):
            self._operations.log.add(request_id, ["TRY_AGAIN"], caller=request.client_address)
            return busy(request_id, _media_type(request))
        status, told, headers = self._told(error, request_id)
        codes = [told["extensions"]["code"]]
        self._operations.log.add(request_id, codes, caller=request.client_address)
        content = to_json({"errors": [told]})
        return Reply(request_id, status, content, _media_type(request), (*headers, *_PRIVATE))

    def _told(self, error: Exception, request_id: str) -> tuple[int, Json, Headers]:
        """The status, the top-level error and the headers that say what went wrong."""
        match error:
            case BadRequest():
                headers: Headers = ((b"allow", error.allowed.encode()),) if error.allowed else ()
                return error.status, _error(request_id, "BAD_REQUEST", error.message), headers
            case QuotaExceeded():
                return error.status, _error(request_id, "LIMIT_EXCEEDED", error.message), ()
            case Unauthenticated():
                return 401, _error(request_id, "UNAUTHENTICATED", str(error)), _BEARER_WANTED
            case Throttled():
                told = _error(request_id, "THROTTLED", str(error), retryAfter=round(error.wait, 3))
                return 429, told, ((b"retry-after", b"%d" % math.ceil(error.wait)),)
        message, extensions = self._operations.describe(error, request_id)
        told = top_level(GraphQLError(message, extensions=extensions), request_id)
        # Signing in looks the user up in the database, or makes one by the ledger.
        return (503, told, _RETRY_AFTER) if extensions.get("retryable") else (500, told, ())


def _is_sent_as_it_is(request: HttpRequest, reply: Reply) -> bool:
    """Whether compressing would pass the reply on. Those to a GET may have to vary by encoding."""
    return len(reply.content) < COMPRESSED_BYTES or (
        request.method == "POST" and request.header(b"accept-encoding") is None
    )


async def _sent(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the reply that is made already."""
    reply: Reply | Response = scope[_REPLY]
    await reply(scope, receive, send)


def _named(response: Response, request_id: str) -> Response:
    response.headers["X-Request-ID"] = request_id
    return response


def _given_or_new_id(given: str | None) -> str:
    """The request's id: the one that a proxy gave it, unless that could do harm, or a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else uuid4().hex


def _check_way(request: HttpRequest, operation: Operation) -> None:
    """Raises BadRequest for an operation that can't be answered in this way."""
    if operation.type is OperationType.MUTATION and request.method == "GET":
        raise BadRequest("Mutations are sent by POST.", 405, "POST")
    if operation.type is OperationType.SUBSCRIPTION:
        raise BadRequest(
            "Subscribe over a WebSocket, or with the header Accept: text/event-stream, "
            "or multipart/mixed;subscriptionSpec=1.0.",
            406,
        )


def _headers(request: HttpRequest, answer: Answer, context: Context) -> Headers:
    headers: Headers = ()
    if answer.wait:
        headers = ((b"retry-after", b"%d" % math.ceil(answer.wait)),)
    if request.method != "GET":
        return headers
    if context.caller.user is not None or not answer.executed or "errors" in answer.body:
        return (*headers, *_PRIVATE)
    # What was asked without a token holds nothing private, once it says nothing of the caller.
    answer.body["extensions"]["cost"].pop("throttleStatus", None)
    return (*headers, *_PUBLIC)


def _error(request_id: str, code: str, message: str, **more: object) -> Json:
    return top_level(GraphQLError(message, extensions={"code": code, **more}), request_id)


def _media_type(request: HttpRequest) -> bytes:
    return request.accepted.json


def _wants_page(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and request.accepted.page
        and "query" not in query_parameters(request)
    )
