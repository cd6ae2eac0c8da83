"""uvicorn has what serving/internals/uvicorn.py lists, and the protocols use nothing else of it."""

import ast
import asyncio
import inspect
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

import server
from serving.internals.uvicorn import (
    CYCLE_ATTRIBUTES,
    HTTP_ATTRIBUTES,
    SERVER_ATTRIBUTES,
    STATUS_LINE,
    WEB_SOCKET_ATTRIBUTES,
    HttpToolsProtocol,
    RequestResponseCycle,
    WebSocketsSansIOProtocol,
    asks_for_web_socket,
    cycle_behind,
)
from serving.transport import sending
from serving.transport import uvicorn as http
from serving.transport.sending import GatheringTransport, try_send_whole, whole_body
from serving.transport.socket_protocol import WebSocketProtocol
from serving.transport.uvicorn import HttpProtocol

REQUEST = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
HEAD = b"content-length: 6\r\n"


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass


async def app(_scope: Any, _receive: Any, _send: Any) -> None:
    await asyncio.sleep(0)


def made(kind: Callable[..., Any]) -> Any:
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    return kind(config=config, server_state=ServerState(), app_state={})


def requested(kind: Callable[..., Any]) -> tuple[RequestResponseCycle, Wire]:
    """A request that came in one piece over a protocol of `kind`."""
    protocol, wire = made(kind), Wire()
    protocol.connection_made(wire)
    protocol.data_received(REQUEST)
    cycle: RequestResponseCycle = protocol.cycle
    return cycle, wire


def used_of(*names: str, within: object) -> set[str]:
    """The attributes of those variables, or of `super()`, that the source of `within` uses."""
    found = set()
    for node in ast.walk(ast.parse(dedent(inspect.getsource(within)))):  # type: ignore[arg-type]
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in names:
            found.add(node.attr)
    return found


def inherited(kind: type, base: object) -> set[str]:
    """What `kind` reads, calls and overrides of `base`, an instance of its base class."""
    return {
        name
        for name in {*vars(kind), *used_of("self", "super()", within=kind)}
        if hasattr(base, name) and not name.startswith("__")
    }


async def test_all_that_is_listed_is_there() -> None:
    socket = made(WebSocketsSansIOProtocol)
    socket.connection_made(Wire())
    cycle, _ = requested(HttpToolsProtocol)
    served = uvicorn.Server(uvicorn.Config(app, log_config=None))

    missing = [
        name
        for listed, thing in (
            (HTTP_ATTRIBUTES, cycle.on_response.__self__),  # type: ignore[attr-defined]
            (CYCLE_ATTRIBUTES, cycle),
            (WEB_SOCKET_ATTRIBUTES, socket),
            (SERVER_ATTRIBUTES, served),
        )
        for name in listed
        if not hasattr(thing, name)
    ]

    assert missing == []


async def test_the_protocols_use_what_is_listed_and_nothing_else() -> None:
    socket = made(WebSocketsSansIOProtocol)
    socket.connection_made(Wire())
    cycle, _ = requested(HttpToolsProtocol)
    protocol = cycle.on_response.__self__  # type: ignore[attr-defined]

    assert inherited(HttpProtocol, protocol) == HTTP_ATTRIBUTES
    assert inherited(WebSocketProtocol, socket) == WEB_SOCKET_ATTRIBUTES
    cycles = "cycle", "before", "self._running", "self.cycle"
    of_cycles = used_of(*cycles, within=http) | used_of(*cycles, within=sending)
    assert of_cycles == CYCLE_ATTRIBUTES


def test_the_server_uses_what_is_listed() -> None:
    served = uvicorn.Server(uvicorn.Config(app, log_config=None))

    assert inherited(server._AnnouncingServer, served) <= SERVER_ATTRIBUTES


async def test_a_request_of_uvicorn_is_taken_and_answered_past_the_messages() -> None:
    cycle, wire = requested(HttpProtocol)

    assert cycle_behind(cycle.receive) is cycle
    assert whole_body(cycle.receive) == b"body"  # type: ignore[arg-type]
    assert try_send_whole(cycle.send, 200, HEAD, b"answer")  # type: ignore[arg-type]
    await asyncio.sleep(0)

    assert isinstance(cycle.transport, GatheringTransport)
    assert cycle.response_complete
    head, _, body = wire.written.partition(b"\r\n\r\n")
    assert wire.written.startswith(STATUS_LINE[200])
    assert (head.splitlines()[-1], body) == (HEAD.strip(), b"answer")


@pytest.mark.parametrize("disturb", ["disconnected", "response_started", "access_log"])
async def test_an_answer_that_uvicorn_must_see_goes_by_messages(disturb: str) -> None:
    cycle, wire = requested(HttpProtocol)
    setattr(cycle, disturb, True)

    assert not try_send_whole(cycle.send, 200, HEAD, b"answer")  # type: ignore[arg-type]
    await asyncio.sleep(0)

    assert wire.written == b""


async def test_uvicorns_own_protocol_is_answered_by_messages() -> None:
    cycle, wire = requested(HttpToolsProtocol)

    assert not try_send_whole(cycle.send, 200, HEAD, b"answer")  # type: ignore[arg-type]

    assert wire.written == b""
    assert not cycle.response_started


@pytest.mark.parametrize(("name", "asks"), [(b"websocket", True), (b"h2c", False)])
async def test_a_request_for_a_web_socket_is_told_from_others(name: bytes, asks: bool) -> None:
    protocol = made(HttpToolsProtocol)

    protocol.headers = [(b"connection", b"upgrade"), (b"upgrade", name)]

    assert asks_for_web_socket(protocol) is asks


async def test_behind_the_channels_of_others_is_no_request() -> None:
    class Other:
        async def receive(self) -> dict[str, Any]:
            return {"type": "http.request", "body": b"body"}

        async def send(self, _message: Any) -> None:
            raise AssertionError("nothing is sent past the messages")

    async def plain() -> dict[str, Any]:
        return {"type": "http.request", "body": b"body"}

    other = Other()

    assert cycle_behind(other.receive) is cycle_behind(plain) is None
    assert whole_body(other.receive) is whole_body(plain) is None
    assert not try_send_whole(other.send, 200, HEAD, b"answer")
