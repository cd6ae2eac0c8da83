"""HTTP as uvicorn speaks it, with less work for each request, and an end to all waiting.

uvicorn sets a timer after each answer and takes it back with the next request. One for each
connection, which looks now and then, takes 1 µs less of each request, and sees to more.
"""

import asyncio
from typing import Any, Final
from urllib.parse import unquote

import httptools
from uuid_utils import uuid4

from serving.internals.uvicorn import (
    HIGH_WATER_LIMIT,
    ASGI3Application,
    HttpToolsProtocol,
    RequestResponseCycle,
    asks_for_web_socket,
)
from serving.transport.admission import LEAST_IN_A_TURN, RETRY_SECONDS, Admission, busy
from serving.transport.heads import BadHeadError, check_upgrade, checked_head
from serving.transport.sending import GatheringTransport

GRAPHQL_PATH: Final = "/graphql"
HEALTH_PATH: Final = "/health"
CONNECTIONS: Final = 4_096
"""How many connections may be open."""
RESERVED: Final = 256
"""How many more may ask for HEALTH_PATH, so that a full server is not taken for a dead one."""
RESERVED_SECONDS: Final = 0.5
"""How long each of those may take to ask."""
HEAD_SECONDS: Final = 8.0
"""How long the head of a request may take."""
HEAD_BYTES: Final = 65_536
"""How long it may be, give or take PIECE_BYTES."""
FRAMING_BYTES: Final = 8_192
"""How much longer than its content a body may be: chunk sizes, extensions and trailers."""
PIECE_BYTES: Final = 4_096
"""How much is parsed before it is seen whether a connection has to wait for its answers."""

EXPIRY_SECONDS: Final = 0.05

_BETWEEN: Final = 0
"""Before a request: what may come is empty lines."""
_HEAD: Final = 1
_BODY: Final = 2
"""Trailers are part of it."""
_COMPLETE: Final = 3
"""What was received ended with the end of a request, or will have when more comes."""


_GRAPHQL_TARGET: Final = GRAPHQL_PATH.encode()
_HEALTH_CHECK: Final = b"GET %b" % HEALTH_PATH.encode()
_TOO_MANY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 30\r\nretry-after: %d\r\nconnection: close\r\n\r\n"
    b"There are too many connections" % RETRY_SECONDS
)


class _TooManyConnectionsError(Exception):
    """The connection is one too many."""


class HttpProtocol(HttpToolsProtocol):
    """A connection, on a transport that gathers what it writes; WebSockets get the one below it.

    uvicorn waits for good for a connection's first request and for the rest of a head, takes heads
    and trailers of any length, appends trailers to the headers of the request, and drops requests
    that it has begun where one behind them is broken. Here all that is received has a bound, and
    what is broken is refused once all that was taken before it is answered. A connection whose
    requests wait for each other is not read on.
    """

    _waits_until: float | None = None
    """When the connection is closed, by the loop's clock; None while a request is answered."""
    _is_expiring = False
    """Whether it is past that time, and only what has come already can save it."""

    _part = _BETWEEN
    """What is being received."""
    _received = 0
    """How many bytes of that have come in pieces of their own."""
    _content = 0
    """How many bytes of the body's content have come."""

    _room = PIECE_BYTES
    """How long a piece may be that is parsed at once; 0 while nothing is parsed."""
    _held = b""
    """What is parsed later."""
    _is_ended = False
    """Whether nothing more is parsed, ever."""
    _refusal: str | None = None
    """What is said, with 400, when all that was taken is answered."""
    _running: RequestResponseCycle | None = None
    """The request being answered, where others wait behind it."""

    _is_upgrading = False
    """Whether the last request begins a WebSocket."""
    _is_beyond = False
    """Whether the connection is one too many, for all but HEALTH_PATH."""

    def __init__(
        self,
        *given: Any,
        admission: Admission | None = None,
        connections: int = CONNECTIONS,
        **options: Any,
    ) -> None:
        super().__init__(*given, **options)
        self._admission = admission or Admission()
        self._most_connections = connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(GatheringTransport(transport, self.loop))  # type: ignore[arg-type]
        beyond = len(self.connections) - self._most_connections
        if beyond > RESERVED:
            self._refuse_connection()
        elif beyond > 0:
            self._is_beyond = True
            self._wait(RESERVED_SECONDS)
        else:
            self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._running is not None:
            _abandon(self._running)
        self._stop_waiting()
        self._end()

    def data_received(self, data: bytes) -> None:
        is_late = len(self.tasks) >= LEAST_IN_A_TURN and self._admission.is_late()
        if len(data) <= self._room and not is_late:
            self._parse(data)
        elif not self._is_ended:
            self._held += data
            if is_late and self._room and not data.startswith(_HEALTH_CHECK):
                self._hold()
                self._admission.later(self._release)
            else:
                self._parse_held()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = _HEAD
        self._received = self._content = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers are not for the headers: nobody asks for them, and they would override them."""
        if self._part == _HEAD:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        named = checked_head(version, self.headers)
        before: RequestResponseCycle | None = self.cycle
        if self._is_beyond:
            self._check_beyond()
        if b"upgrade" in named and self.parser.should_upgrade():
            self._check_upgrade(named, before)
        self._describe(version, named)
        self._part, self._received, self._waits_until = _BODY, 0, None
        if b"upgrade" in named and asks_for_web_socket(self):
            self._is_upgrading = True
        else:
            self._begin(version, named, before)

    def _describe(self, version: str, named: dict[bytes, bytes]) -> None:
        """Completes the scope. `named` spares the application a dict of its own."""
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["method"] = self.parser.get_method().decode("ascii")
        if version != "1.1":
            scope["http_version"] = version
        scope["named_headers"] = named
        if self.url == _GRAPHQL_TARGET and not self.root_path:
            scope["path"] = GRAPHQL_PATH
            scope["raw_path"], scope["query_string"] = _GRAPHQL_TARGET, b""
            return
        target = httptools.parse_url(self.url)
        scope["path"] = self.root_path + unquote(target.path.decode("ascii"))
        scope["raw_path"] = self.root_path.encode("ascii") + target.path
        scope["query_string"] = target.query or b""

    def _begin(
        self, version: str, named: dict[bytes, bytes], before: RequestResponseCycle | None
    ) -> None:
        """Answers the request, or leaves it until those before it are answered."""
        self.cycle = RequestResponseCycle(
            self.scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            asyncio.Event(),
            b"expect" in named and named[b"expect"].lower() == b"100-continue",
            version != "1.0" and self.parser.should_keep_alive(),
            self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
            return
        self.flow.pause_reading()
        self.pipeline.appendleft((self.cycle, self.app))
        self._running = self._running or before
        self._hold()

    def on_body(self, body: bytes) -> None:
        self._content += len(body)
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.body += body
            if self._content > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        self._part, self._received = _COMPLETE, 0
        cycle = self.cycle
        if not self._is_upgrading and not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._running, app = self.pipeline.pop()
            self._start_asgi_task(self._running, app)
            if not self.pipeline:
                self._release()
        elif self._refusal is not None:
            self.send_400_response(self._refusal)
        else:
            self._running = None
            self._wait(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._waits_until is None:
            return
        left = self._waits_until - self.loop.time()
        if left > 0:
            self._look_after(left)
        elif self._held or not self._is_expiring:
            # What came while the loop was busy is received before the next look.
            self._is_expiring = True
            self._look_after(EXPIRY_SECONDS)
        elif self._is_beyond:
            self._refuse_connection()
        else:
            super().timeout_keep_alive_handler()

    def handle_websocket_upgrade(self) -> None:
        assert isinstance(self.transport, GatheringTransport)
        self.transport.release_reading()
        self.transport = self.transport.below
        self._stop_waiting()
        self._end()
        super().handle_websocket_upgrade()
        if self.flow.write_paused:
            # The transport says so once, and said it to this protocol.
            self.transport.get_protocol().pause_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if not (self._admission.is_full and self._try_refuse(cycle)):
            super()._start_asgi_task(cycle, app)

    def _try_refuse(self, cycle: RequestResponseCycle) -> bool:
        """Refuses the request at once, because there are too many; False where it can't be.

        Pages of other origins need headers that only the application adds. Where refusing alone
        takes the loop too long, who comes again too soon is not read before it is time.
        """
        if (
            cycle.scope["path"] != GRAPHQL_PATH
            or cycle is self._running
            or any(name == b"origin" for name, _ in cycle.scope["headers"])
        ):
            return False
        reply = busy(uuid4().hex, b"application/json")
        if not reply.try_send(cycle.send):  # type: ignore[arg-type]
            return False
        if self._admission.is_late():
            assert isinstance(self.transport, GatheringTransport)
            self.transport.rest(RETRY_SECONDS)
        return True

    def _check_beyond(self) -> None:
        """Raises where a connection that is one too many asks for anything but HEALTH_PATH."""
        is_health = self.url.partition(b"?")[0] == HEALTH_PATH.encode()
        if not is_health and len(self.connections) > self._most_connections:
            raise _TooManyConnectionsError

    def _refuse_connection(self) -> None:
        self._end()
        self.transport.write(_TOO_MANY)
        self.transport.close()

    def _check_upgrade(
        self, named: dict[bytes, bytes], before: RequestResponseCycle | None
    ) -> None:
        is_web_socket = asks_for_web_socket(self)
        check_upgrade(self.parser.get_method(), named, is_web_socket=is_web_socket)
        if is_web_socket and before is not None and not before.response_complete:
            raise BadHeadError("A WebSocket begins when all requests before it are answered.")

    def _unsupported_upgrade_warning(self) -> None:
        """Answers over HTTP/1.1, once: the parser has lost what follows."""
        self.cycle.keep_alive = False

    def _parse(self, data: bytes | memoryview) -> None:
        if self._part == _COMPLETE:
            self._part = _BETWEEN
        part = self._part
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if asks_for_web_socket(self):
                self.handle_websocket_upgrade()
            else:
                self._unsupported_upgrade_warning()
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, _TooManyConnectionsError):
                self._refuse_connection()
            else:
                self._refuse(_reason(error))
        else:
            if self._part != _COMPLETE:
                if self._part == _HEAD != part and not self._is_beyond:
                    self._expect_head()
                self._count(len(data), part)

    def _expect_head(self) -> None:
        """Gives the rest of a head its time, unless a request before it is being answered."""
        if self._waits_until is not None:
            self._wait(HEAD_SECONDS)

    def _count(self, length: int, part: int) -> None:
        """Refuses what is too long. What came together with the part before it is not counted."""
        if self._part != part:
            return
        self._received += length
        if part == _BODY:
            if self._received > FRAMING_BYTES + 2 * self._content:
                self._refuse("The chunks' sizes, extensions and trailers are too long.")
        elif self._received > HEAD_BYTES:
            self._refuse("The head of the request is too long.")

    def _refuse(self, message: str) -> None:
        """Answers with 400 what is being received, after all that was taken before it.

        Nothing more is parsed, and the connection is closed.
        """
        assert isinstance(self.transport, GatheringTransport)
        self._end()
        self.transport.hold_reading()
        cycle: RequestResponseCycle | None = self.cycle
        if self._part == _BODY:
            self._refuse_body(message)
        elif cycle is not None and not cycle.response_complete:
            self._refusal = message
        else:
            self.send_400_response(message)

    def _refuse_body(self, message: str) -> None:
        """Answers the last request, whose head was taken, unless it has its answer already."""
        cycle = self.cycle
        if self.pipeline:
            self.pipeline.popleft()
            self._refusal = message
        elif cycle.response_complete:
            self.transport.close()
        elif cycle.response_started:
            cycle.keep_alive = False
        else:
            _abandon(cycle)
            self.send_400_response(message)

    def _hold(self) -> None:
        """Neither reads nor parses."""
        assert isinstance(self.transport, GatheringTransport)
        self._room = 0
        self.transport.hold_reading()

    def _release(self) -> None:
        """Parses what is held and reads on, until requests wait again."""
        assert isinstance(self.transport, GatheringTransport)
        if self._is_ended:
            return
        self._room = PIECE_BYTES
        self._parse_held()
        if self._room:
            self.transport.release_reading()

    def _parse_held(self) -> None:
        held, start = memoryview(self._held), 0
        while self._room and start < len(held):
            self._parse(held[start : start + PIECE_BYTES])
            start += PIECE_BYTES
        self._held = b"" if self._is_ended else bytes(held[start:])

    def _end(self) -> None:
        self._room, self._held, self._is_ended = 0, b"", True

    def _wait(self, seconds: float) -> None:
        self._waits_until = self.loop.time() + seconds
        self._is_expiring = False
        if self.timeout_keep_alive_task is None:
            self._look_after(seconds)

    def _look_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            min(seconds, self.timeout_keep_alive), self.timeout_keep_alive_handler
        )

    def _unset_keepalive_if_required(self) -> None:
        """Nothing: what comes puts off the end of the waiting, and the timer sees that."""

    def _stop_waiting(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None


def _abandon(cycle: RequestResponseCycle) -> None:
    """Tells who answers the request that nobody waits for it."""
    cycle.disconnected = True
    cycle.message_event.set()


def _reason(error: httptools.HttpParserError) -> str:
    """What was wrong, in ASCII."""
    cause = error.__context__
    if isinstance(cause, BadHeadError):
        return str(cause)
    if cause is not None:
        return "The target of the request is not valid."
    return f"This is not valid HTTP: {error}."
