"""Clients that send too much, or nonsense: they get an answer, and all others are served."""

import socket
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.frames import (
    CONTINUATION,
    DEFLATE,
    HANDSHAKE,
    PING,
    PONG,
    PROTOCOL,
    TEXT,
    RawSocket,
    frame,
)
from tests.server.processes import Server, environment_of, serving

MEGABYTE = b" " * 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hostile")
    with serving(environment_of(f"sqlite://{folder / 'hostile.sqlite3'}"), folder) as server:
        yield server
        assert "Traceback" not in server.errors + server.output


@pytest.fixture(autouse=True)
def others_are_served(server: Server) -> Iterator[None]:
    yield
    assert server.ask("{ __typename }", None) == {"__typename": "Query"}


def connected(server: Server) -> socket.socket:
    where = urlsplit(server.url)
    assert where.hostname is not None
    return socket.create_connection((where.hostname, where.port or 0), timeout=10)


def send(server: Server, head: bytes, body: Iterator[bytes]) -> tuple[bytes, int]:
    """The start of the answer, and how many pieces of the body the server took before it."""
    with closing(connected(server)) as connection:
        connection.sendall(b"POST /graphql HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n")
        sent = 0
        connection.setblocking(False)
        try:
            for piece in body:
                connection.setblocking(True)
                connection.settimeout(10)
                connection.sendall(piece)
                sent += 1
                connection.setblocking(False)
                try:
                    if connection.recv(1, socket.MSG_PEEK):
                        break
                except BlockingIOError:
                    pass
        except (BrokenPipeError, ConnectionResetError):
            pass
        connection.settimeout(10)
        return connection.recv(4096), sent


def test_a_long_body_that_is_announced_is_refused_at_once(server: Server) -> None:
    head = b"content-type: application/json\r\ncontent-length: 50000000\r\n"

    answer, _ = send(server, head, iter([]))

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_long_body_that_is_not_announced_is_refused_while_it_comes(server: Server) -> None:
    head = b"content-type: application/json\r\ntransfer-encoding: chunked\r\n"
    chunk = b"f4240\r\n" + MEGABYTE + b"\r\n"

    answer, sent = send(server, head, (chunk for _ in range(50)))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < 50


def test_a_token_of_a_megabyte_is_refused(server: Server) -> None:
    answer = httpx.post(
        server.url,
        json={"query": "{ __typename }"},
        headers={"authorization": f"Bearer {'x' * 1_000_000}"},
    )

    assert answer.status_code in (400, 401, 431)


@pytest.mark.parametrize(
    "request_line",
    [b"\x00\x01\x02", b"GET", b"GET / HTTP/9.9", b"POST /graphql HTTP/1.1\r\ncontent-length: x"],
)
def test_what_is_not_http_is_refused(server: Server, request_line: bytes) -> None:
    with closing(connected(server)) as connection:
        connection.sendall(request_line + b"\r\n\r\n")

        assert connection.recv(4096).startswith(b"HTTP/1.1 4")


def test_a_client_that_hangs_up_halfway_is_forgotten(server: Server) -> None:
    with closing(connected(server)) as connection:
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b'content-length: 100\r\n\r\n{"query": '
        )


UPGRADE = b"host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
NO_BEGINNINGS = {
    "a POST": b"POST /graphql HTTP/1.1\r\n" + UPGRADE + b"content-length: 2\r\n\r\n{}",
    "a GET with a body": b"GET /graphql HTTP/1.1\r\n" + UPGRADE + b"content-length: 2\r\n\r\n{}",
    "a GET in chunks": b"GET /graphql HTTP/1.1\r\n"
    + UPGRADE
    + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("request_", NO_BEGINNINGS.values(), ids=NO_BEGINNINGS)
def test_what_begins_no_web_socket_is_refused_at_once(server: Server, request_: bytes) -> None:
    with closing(connected(server)) as connection:
        connection.sendall(request_)
        answer = b""
        while received := connection.recv(4096):
            answer += received

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"A WebSocket handshake" in answer


@pytest.mark.parametrize(
    ("headers", "status"),
    [(b"x: " + b"y" * 9_000 + b"\r\n", 431), (b"x: y\r\n" * 200, 400)],
    ids=["long", "many"],
)
def test_too_much_in_the_head_of_a_web_socket_is_refused(
    server: Server, headers: bytes, status: int
) -> None:
    with closing(connected(server)) as connection:
        connection.sendall(HANDSHAKE + PROTOCOL + headers + b"\r\n")

        assert connection.recv(4096).startswith(b"HTTP/1.1 %d " % status)
        assert connection.recv(4096) == b""


def compressed(length: int) -> bytes:
    """A frame of a few bytes that becomes one of `length`."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(b" " * length) + packer.flush(zlib.Z_SYNC_FLUSH)
    return frame(TEXT, packed[:-4], compressed=True)


INIT = frame(TEXT, b'{"type":"connection_init"}')
FLOOD = 1_000
FRAMES_AND_CODES = {
    "pings": (frame(TEXT, b'{"type":"ping"}') * FLOOD, 1008),
    "pings after signing in": (INIT + frame(TEXT, b'{"type":"ping"}') * FLOOD, 1008),
    "the protocol's pings": (frame(PING, b"x" * 125) * FLOOD, 1008),
    "the protocol's pongs": (frame(PONG) * FLOOD, 1008),
    "fragments": (
        frame(TEXT, final=False) + frame(CONTINUATION, final=False) * FLOOD,
        1008,
    ),
    "compressed, which was not agreed on": (compressed(900_000), 1002),
    "long fragments": (
        frame(TEXT, b" " * 600_000, final=False) + frame(CONTINUATION, b" " * 600_000),
        1009,
    ),
    "no UTF-8": (frame(TEXT, b"\xff"), 1007),
    "half a surrogate pair in UTF-8": (frame(TEXT, b'{"type":"\xed\xa0\x80"}'), 1007),
    "no frame after messages": (INIT + frame(TEXT, b'{"type":"ping"}') * 20 + b"\xff" * 9, 1002),
}


@pytest.mark.parametrize(("frames", "code"), FRAMES_AND_CODES.values(), ids=FRAMES_AND_CODES)
def test_a_web_socket_is_closed_for_what_nobody_sends(
    server: Server, frames: bytes, code: int
) -> None:
    where = urlsplit(server.url)
    assert where.hostname is not None and where.port is not None
    with RawSocket((where.hostname, where.port), PROTOCOL + DEFLATE) as client:
        client.send(frames)

        closed = client.closed()

    assert closed is not None and closed[0] == code


def test_who_begins_no_web_socket_keeps_no_server_from_stopping(tmp_path: Path) -> None:
    environment = environment_of(f"sqlite://{tmp_path / 'connects.sqlite3'}")

    with serving(environment, tmp_path) as server, closing(connected(server)) as connection:
        connection.sendall(NO_BEGINNINGS["a POST"])
        connection.recv(4096)
        status = server.stop()

    assert status == 0
    assert "Traceback" not in server.errors
