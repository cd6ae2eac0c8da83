"""No token is written to a log, wherever a client puts it, at whatever level."""

import json
import logging
import logging.config
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from logs import OWN_LOGGERS, log_config
from tests.server.processes import Server, environment_of, serving, token
from tests.waiting import PATIENCE_SECONDS

EMAIL = "clara.private@example.com"
KEY = b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"
UPGRADE = b"host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
JSON = b"host: x\r\ncontent-type: application/json\r\n"


def requests_with(secret: bytes) -> dict[str, bytes]:
    """Requests that have a token where it does not belong, each up to the end of its head."""
    query = b"/graphql?access_token=" + secret
    here = b" HTTP/1.1\r\nhost: x\r\n"
    return {
        "a query": b"GET " + query + b"&query={__typename}" + here,
        "a literal": b"GET /graphql?query={node(id:%22" + secret + b"%22){id}}" + here,
        "a question mark in code": b"GET /graphql%3Ftoken=" + secret + here,
        "a fragment": b"GET /graphql#" + secret + here,
        "a path": b"GET /" + secret + here,
        "a whole address": b"GET http://x" + query + here,
        "an unknown path": b"GET /x" + query + here,
        "a redirection": b"GET /?token=" + secret + here,
        "a method that is not taken": b"PUT " + query + here,
        "no version": b"GET " + query + b" HTTP/9.9\r\n",
        "no HTTP": secret + b"\r\n",
        "no ASCII": b"GET /graphql?token=\xc3\xa9" + secret + here,
        "a header without a colon": b"GET /graphql" + here + b"authorization " + secret + b"\r\n",
        "a header with NUL": b"GET /" + here + b"authorization: Bearer \0" + secret + b"\r\n",
        "another scheme": b"GET /graphql" + here + b"authorization: Basic " + secret + b"\r\n",
        "a broken token": b"GET /graphql?query={x}"
        + here
        + b"authorization: Bearer x"
        + secret
        + b"\r\n",
        "a wrong type": b"POST " + query + here + b"content-type: " + secret + b"\r\n",
        "a wrong length": b"POST " + query + here + b"content-length: " + secret + b"\r\n",
        "another protocol": b"GET " + query + b" HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n"
        b"upgrade: h2c\r\n",
        "a WebSocket": b"GET "
        + query
        + b" HTTP/1.1\r\n"
        + UPGRADE
        + KEY
        + b"authorization: Bearer "
        + secret
        + b"\r\n",
        "a WebSocket elsewhere": b"GET /x" + query + b" HTTP/1.1\r\n" + UPGRADE + KEY,
        "a subprotocol": b"GET /graphql HTTP/1.1\r\n"
        + UPGRADE
        + KEY
        + b"sec-websocket-protocol: "
        + secret
        + b"\r\n",
        "a WebSocket's key": b"GET "
        + query
        + b" HTTP/1.1\r\n"
        + UPGRADE
        + b"sec-websocket-version: 13\r\nsec-websocket-key: "
        + secret
        + b"\r\n",
        "another origin": b"GET "
        + query
        + b" HTTP/1.1\r\n"
        + UPGRADE
        + KEY
        + b"origin: https://"
        + secret
        + b"\r\n",
        "a POST of a WebSocket": b"POST " + query + b" HTTP/1.1\r\n" + UPGRADE + KEY,
    }


def bodies_with(secret: bytes) -> list[bytes]:
    quoted = b'"' + secret + b'"'
    return [
        secret,
        quoted,
        b'{"query": ' + quoted + b"}",
        b'{"query": "{ ' + secret + b' }"}',
        b'{"query": "{ __typename }", "variables": ' + quoted + b"}",
        b'{"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": '
        + quoted
        + b"}}",
        b'{"query": "{ __typename }", "extensions": {"persistedQuery": {"version": 1, '
        b'"sha256Hash": ' + quoted + b"}}}",
    ]


def send(server: Server, request: bytes) -> bytes:
    where = urlsplit(server.url)
    assert where.hostname is not None
    with closing(socket.create_connection((where.hostname, where.port or 0), 10)) as connection:
        connection.sendall(request)
        return connection.recv(4096)


def send_over_websocket(server: Server, bearer: str) -> None:
    """Messages of a WebSocket with the token in each; the last one is refused."""
    url = f"{server.url.replace('http', 'ws')}?token={bearer}"
    with connect(url, subprotocols=["graphql-transport-ws"], proxy=None) as connection:  # type: ignore[list-item]
        payload = {"Authorization": f"Bearer {bearer}", "email": EMAIL}
        connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        connection.recv(PATIENCE_SECONDS)
        query = {"query": f'{{ node(id: "{bearer}") {{ id }} }}'}
        connection.send(json.dumps({"type": "subscribe", "id": bearer[:9], "payload": query}))
        connection.recv(PATIENCE_SECONDS)
        connection.send(json.dumps({"type": f"no type, {bearer}"}))
        with pytest.raises(ConnectionClosed):
            while True:
                connection.recv(PATIENCE_SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "level"), [("development", "debug"), ("production", "info")]
)
def test_no_token_reaches_the_log(tmp_path: Path, environment: str, level: str) -> None:
    settings = environment_of(
        f"sqlite://{tmp_path / 'logs.sqlite3'}",
        CONNECTS_ENV=environment,
        CONNECTS_LOG_LEVEL=level,
    )
    bearer = token("ada")
    secret = bearer.encode()
    with serving(settings, tmp_path) as server:
        for name, head in requests_with(secret).items():
            assert send(server, head + b"\r\n").startswith(b"HTTP/1.1 "), name
        for body in bodies_with(secret):
            length = b"content-length: %d\r\n\r\n" % len(body)
            head = b"POST /graphql?token=" + secret + b" HTTP/1.1\r\n" + JSON
            assert send(server, head + length + body).startswith(b"HTTP/1.1 ")
        query = {"query": f'{{ node(id: "{EMAIL}") {{ id }} }}', "access_token": bearer}
        httpx.get(server.url, params=query, headers={"authorization": f"Bearer {bearer}"})
        send_over_websocket(server, bearer)
        status = server.stop()

    written = server.output + server.errors
    assert status == 0
    for part in (bearer, *bearer.split("."), EMAIL, "authorization", "Traceback"):
        assert part not in written
    assert '"WebSocket /graphql" [accepted]' in written
    assert ('"GET /graphql HTTP/1.1" 200' in written) == (environment == "development")


@pytest.fixture
def configured() -> Iterator[None]:
    """Loggers are after the test as they were before it."""
    names = ("", "uvicorn", "uvicorn.error", "uvicorn.access", *OWN_LOGGERS)
    loggers = [logging.getLogger(name) for name in names]
    before = [(one, one.level, one.handlers[:], one.propagate) for one in loggers]
    yield
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


@pytest.mark.usefixtures("configured")
def test_libraries_are_held_to_higher_levels(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(log_config("debug"))

    for name in (
        "uvicorn.error",
        "asyncpg",
        "aiosqlite",
        "tortoise.db_client",
        "serving.transport.http",
    ):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(name).log(level, "%s at %d", name, level)

    written = [line.split(maxsplit=1)[1] for line in capsys.readouterr().err.splitlines()]
    assert written == [
        "uvicorn.error at 20",
        "uvicorn.error at 30",
        "asyncpg at 30",
        "aiosqlite at 30",
        "tortoise.db_client at 30",
        "serving.transport.http at 10",
        "serving.transport.http at 20",
        "serving.transport.http at 30",
    ]


@pytest.mark.usefixtures("configured")
def test_a_token_is_left_out_of_a_stack_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(log_config("error"))
    bearer = token("ada")

    try:
        raise ValueError(f"Bearer%20{bearer} is odd")
    except ValueError:
        logging.getLogger("serving.transport.http").exception("request %s failed", bearer)
    logging.getLogger("serving.transport.http").warning("not written")

    written = capsys.readouterr().err
    assert "request [token] failed" in written
    assert "ValueError: Bearer%20[token] is odd" in written
    assert bearer not in written
    assert "not written" not in written
