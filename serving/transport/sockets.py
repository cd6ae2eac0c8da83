"""GraphQL over WebSockets: the protocol graphql-transport-ws, one connection for many operations.

The close codes are the protocol's. Each operation runs in a task of its own and its answers are
sent one by one; a client that does not read them is cut off.
"""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, aclosing
from typing import Final

import orjson
from graphql import GraphQLError
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from uuid_utils import uuid4

from serving import application as app
from serving.application import Authenticator, Caller, Context, Unauthenticated
from serving.operations.answers import Answer, Json, to_json
from serving.operations.documents import Rejected
from serving.operations.operations import Operations
from serving.operations.quotas import TOO_MANY_REQUESTS, QuotaExceeded
from serving.operations.streams import ServerClosing
from serving.operations.throttle import Throttled
from serving.transport.bodies import BadRequest, GraphQLRequest, checked_request, parse_json
from serving.transport.delivery import SlowClientError, deliver
from serving.transport.origins import FORBIDDEN, Origins
from serving.transport.socket_protocol import FRAMES

PROTOCOL: Final = "graphql-transport-ws"
OPERATIONS: Final = 100
"""How many operations may run on one connection."""
MESSAGES_IN_A_ROW: Final = 10
"""How many are handled before others have a turn."""
INIT_SECONDS: Final = 10.0
ID_LENGTH: Final = 128
HANDSHAKE_POINTS: Final = 10
BYTES_PER_POINT: Final = 10_000
"""Of a message, beyond the first point."""
PAUSE_SECONDS: Final = 5.0
"""How long the next message of a caller who owes points waits at most."""
REASON_BYTES: Final = 123
SWEPT_TOGETHER: Final = 50
EXPIRY_GRACE_SECONDS: Final = 1.0
"""Between the operations' own errors when a token expires, and the end of the connection."""

GOING_AWAY: Final = 1001
TRY_AGAIN_LATER: Final = 1013
"""Clients come again after it; to graphql-ws, 4500 is final."""
POLICY_VIOLATION: Final = 1008
BAD_MESSAGE: Final = 4400
UNAUTHORIZED: Final = 4401
WRONG_PROTOCOL: Final = 4406
INIT_TIMEOUT: Final = 4408
ID_IN_USE: Final = 4409
TOO_MANY: Final = 4429
INTERNAL: Final = 4500

_logger = logging.getLogger(__name__)


class Closed(Exception):
    """The connection is to be closed, with one of the protocol's codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason.encode("utf-8", "replace")[:REASON_BYTES].decode("utf-8", "ignore")


class SocketEndpoint:
    """Serves WebSockets to pages that `origins` welcomes, and to whoever names no origin."""

    def __init__(
        self,
        application: Authenticator,
        operations: Operations,
        origins: Origins | None = None,
    ) -> None:
        self._application = application
        self._operations = operations
        self._origins = origins or Origins()
        self._ended = 0

    async def __call__(self, websocket: WebSocket) -> None:
        try:
            await self._admit(websocket)
        except (WebSocketDisconnect, OSError) as gone:
            _logger.info("a WebSocket is gone before it began: %r", gone)

    async def _admit(self, websocket: WebSocket) -> None:
        origin, host = websocket.headers.get("origin"), websocket.headers.get("host")
        if origin is not None and not self._origins.welcome(origin, host):
            rejection = self._origins.rejection(origin)
            await websocket.send_denial_response(PlainTextResponse(rejection + "\n", FORBIDDEN))
            return
        nobody = self._application.nobody_at(_address(websocket))
        with ExitStack() as place:
            try:
                self._charge_handshake(nobody)
                place.enter_context(self._operations.quotas.connection(nobody))
            except QuotaExceeded as exceeded:
                await websocket.send_denial_response(
                    PlainTextResponse(exceeded.message + "\n", exceeded.status)
                )
                return
            await self._serve(websocket, nobody, place)

    def _charge_handshake(self, nobody: Caller) -> None:
        """Raises QuotaExceeded where the address has no points left."""
        throttle = self._operations.throttle
        if throttle is None:
            return
        wait = throttle.charge(nobody.key, HANDSHAKE_POINTS).wait
        if wait:
            message = f"Too much was asked for in a short time. Try again in {wait:.1f} s."
            raise QuotaExceeded(message, TOO_MANY_REQUESTS)

    async def _serve(self, websocket: WebSocket, nobody: Caller, place: ExitStack) -> None:
        if PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(WRONG_PROTOCOL, f"The only protocol here is {PROTOCOL}.")
            return
        await websocket.accept(PROTOCOL)
        connection = _SocketConnection(websocket, self._application, self._operations)
        await connection.serve(nobody, place)
        self._sweep()

    def _sweep(self) -> None:
        """Each connection leaves a cycle, with what its client did not read.

        The collector looks for old ones too seldom, because looking costs spends a third more.
        """
        self._ended += 1
        if self._ended % SWEPT_TOGETHER == 0:
            gc.collect()


def _address(websocket: WebSocket) -> str | None:
    return websocket.client.host if websocket.client else None


class _SocketConnection:
    def __init__(
        self, websocket: WebSocket, application: Authenticator, operations: Operations
    ) -> None:
        self._websocket = websocket
        self._application = application
        self._operations = operations
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._messages = 0

    async def serve(self, nobody: Caller, place: ExitStack) -> None:
        """Serves the connection until either side ends it, and leaves no operation behind.

        `place` holds one of the connections of `nobody`, until it is known who asks.
        """
        try:
            async with asyncio.TaskGroup() as group:
                caller = await self._sign_in_caller(nobody, place)
                await self._serve_operations(caller, group)
        except* Closed as closings:
            await self._close(_first(closings))
        except* (WebSocketDisconnect, SlowClientError) as gone:
            _logger.info("a WebSocket is gone: %r", _first(gone))
        except* Exception:
            _logger.exception("a WebSocket failed")
            await self._close(Closed(INTERNAL, "Internal server error"))

    async def _sign_in_caller(self, nobody: Caller, place: ExitStack) -> Caller:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                message = await self._receive(nobody)
                while message["type"] in _PINGS:
                    await _PINGS[message["type"]](self)
                    message = await self._receive(nobody)
        except TimeoutError:
            raise Closed(INIT_TIMEOUT, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise Closed(UNAUTHORIZED, "Unauthorized")
        caller = await self._caller(message.get("payload"))
        try:
            place.close()
            place.enter_context(self._operations.quotas.connection(caller))
        except QuotaExceeded as exceeded:
            raise Closed(TOO_MANY, exceeded.message) from None
        await self._send({"type": "connection_ack"})
        return caller

    async def _caller(self, payload: object) -> Caller:
        """Who the first message speaks for: as its payload says, or the handshake's header."""
        if payload is not None and not isinstance(payload, dict):
            raise Closed(BAD_MESSAGE, "The payload of connection_init must be an object.")
        given = {str(name).lower(): value for name, value in (payload or {}).items()}
        authorization = given.get("authorization", self._websocket.headers.get("authorization"))
        if authorization is not None and not isinstance(authorization, str):
            raise Closed(BAD_MESSAGE, "Authorization must be text.")
        try:
            return await self._application.caller(authorization, _address(self._websocket))
        except Unauthenticated as error:
            raise Closed(UNAUTHORIZED, str(error)) from None
        except Throttled as error:
            raise Closed(TOO_MANY, str(error)) from None
        except Exception as error:
            message, extensions = self._operations.describe(error, uuid4().hex)
            is_bug = extensions["code"] == app.INTERNAL
            raise Closed(INTERNAL if is_bug else TRY_AGAIN_LATER, message) from None

    async def _serve_operations(self, caller: Caller, group: asyncio.TaskGroup) -> None:
        try:
            left = self._application.context(caller, "").seconds_left()
            async with asyncio.timeout(None if left is None else left + EXPIRY_GRACE_SECONDS):
                while True:
                    await self._handle(await self._receive(caller), caller, group)
        except TimeoutError:
            raise Closed(UNAUTHORIZED, "The token has expired.") from None

    async def _handle(self, message: Json, caller: Caller, group: asyncio.TaskGroup) -> None:
        match message["type"]:
            case "subscribe":
                await self._subscribe(message, caller, group)
            case "complete":
                task = self._tasks.pop(_id(message), None)
                if task is not None:
                    task.cancel()
            case "connection_init":
                raise Closed(TOO_MANY, "Too many initialisation requests")
            case kind if kind in _PINGS:
                await _PINGS[kind](self)
            case kind:
                raise Closed(BAD_MESSAGE, f"Unknown message type {kind!r}")

    async def _subscribe(self, message: Json, caller: Caller, group: asyncio.TaskGroup) -> None:
        id = _id(message)
        if id in self._tasks:
            raise Closed(ID_IN_USE, f"Subscriber for {id} already exists")
        try:
            asked = checked_request(message.get("payload"), "The payload")
        except BadRequest as bad:
            raise Closed(BAD_MESSAGE, bad.message) from None
        context = self._application.context(caller, uuid4().hex)
        if len(self._tasks) >= OPERATIONS:
            await self._error(id, self._operations.rejection(_too_many(), context, asked))
            return
        self._tasks[id] = group.create_task(self._run(id, asked, context))

    async def _run(self, id: str, asked: GraphQLRequest, context: Context) -> None:
        """Sends the answers to one operation, and that they are complete."""
        mine = asyncio.current_task()
        try:
            operation = await self._operations.find(asked, context)
            answers = self._operations.stream(operation, asked.variables, context)
            async with aclosing(answers):
                async for answer in answers:
                    if not answer.executed:
                        self._forget(id, mine)
                        await self._error(id, answer)
                        return
                    await self._send_next(id, answer, context)
            self._forget(id, mine)
            await self._send({"id": id, "type": "complete"})
        except Rejected as rejected:
            self._forget(id, mine)
            await self._error(id, self._operations.rejection(rejected, context, asked))
        except ServerClosing:
            raise Closed(GOING_AWAY, "The server stops. Come again.") from None
        finally:
            self._forget(id, mine)

    def _forget(self, id: str, task: asyncio.Task[None] | None) -> None:
        """Frees the id, before the last message: with it, the client may use the id again."""
        if self._tasks.get(id) is task:
            del self._tasks[id]

    async def _error(self, id: str, answer: Answer) -> None:
        await self._send({"id": id, "type": "error", "payload": answer.body["errors"]})

    async def _receive(self, caller: Caller) -> Json:
        """The next message: an object with a type. Raises Closed for anything else."""
        frame = await self._websocket.receive()
        if frame["type"] == "websocket.disconnect":
            code = frame.get("code", 1005)
            if code == POLICY_VIOLATION and self._operations.throttle is not None:
                # Closed for too many frames: those of which none was a message cost as much.
                self._operations.throttle.settle(caller.key, FRAMES)
            raise WebSocketDisconnect(code)
        text = frame.get("text")
        if text is None:
            raise Closed(BAD_MESSAGE, "Messages must be text.")
        await self._charge_message(len(text), caller)
        try:
            message = parse_json(text.encode("utf-8", "surrogatepass"), "The message")
        except BadRequest as bad:
            raise Closed(BAD_MESSAGE, bad.message) from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(BAD_MESSAGE, "Messages must be objects with a type.")
        return message

    async def _charge_message(self, length: int, caller: Caller) -> None:
        """Takes the message's points. Has who owes points wait, and lets others have a turn."""
        self._messages += 1
        pause = 0.0
        if (throttle := self._operations.throttle) is not None:
            throttle.settle(caller.key, 1 + length // BYTES_PER_POINT)
            pause = min(throttle.wait(caller.key), PAUSE_SECONDS)
        if pause or self._messages % MESSAGES_IN_A_ROW == 0:
            await asyncio.sleep(pause)

    async def _send_next(self, id: str, answer: Answer, context: Context) -> None:
        # Made when it is its turn, so that only one waits for a client that reads slowly.
        async with self._sending:
            payload = orjson.Fragment(self._operations.to_json(answer, context))
            message = to_json({"id": id, "type": "next", "payload": payload})
            await deliver(self._websocket.send_text(message.decode()))

    async def _send(self, message: Json) -> None:
        text = to_json(message).decode()
        async with self._sending:
            await deliver(self._websocket.send_text(text))

    async def _pong(self) -> None:
        await self._send({"type": "pong"})

    async def _nothing(self) -> None:
        pass

    async def _close(self, closing: Exception) -> None:
        assert isinstance(closing, Closed)
        try:
            await deliver(self._websocket.close(closing.code, closing.reason))
        except (SlowClientError, WebSocketDisconnect, RuntimeError) as error:
            _logger.debug("a WebSocket could not be closed in order: %r", error)


_PINGS: Final[dict[str, Callable[[_SocketConnection], Awaitable[None]]]] = {
    "ping": _SocketConnection._pong,
    "pong": _SocketConnection._nothing,
}


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    """The first exception of a group, which may be in a group within."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _too_many() -> Rejected:
    message = f"At most {OPERATIONS} operations may run on one connection."
    return Rejected(GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"}))


def _id(message: Json) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 1 <= len(id) <= ID_LENGTH:
        raise Closed(BAD_MESSAGE, f"The id must be text of 1 to {ID_LENGTH} characters.")
    try:
        id.encode()
    except UnicodeEncodeError:
        raise Closed(BAD_MESSAGE, "The id contains half of a surrogate pair.") from None
    return id
