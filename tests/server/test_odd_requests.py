"""Requests that two readers could understand in two ways, or that never end.

They are refused with 400 before anything is carried out, and whatever was sent before them on the
same connection is answered first.
"""

import json
from collections.abc import Iterator
from itertools import repeat

import pytest

from tests.server.processes import Server, environment_of, serving, token
from tests.server.raw_http import (
    answers,
    connected,
    resident_megabytes,
    sent_before_the_end,
)

NAMES = "{ viewer { name accounts { name } } }"
GROWTH_MEGABYTES = 12.0
"""How much the memory may grow for other reasons."""
ENDLESS_BYTES = 32_000_000


def opening(name: str) -> bytes:
    """The body of a mutation that opens an account."""
    document = (
        f'mutation {{ openAccount(input: {{kind: CLIENT, name: "{name}", idempotencyKey: "{name}"}}'
        ") { __typename ... on OpenAccountSuccess { account { name } } } }"
    )
    return json.dumps({"query": document}).encode()


OPENING = opening("Odd")
LENGTH = b"content-length: %d\r\n" % len(OPENING)
CHUNKED = b"transfer-encoding: chunked\r\n"
CHUNKS = b"%x\r\n%b\r\n0\r\n" % (len(OPENING), OPENING)
SIGNED = b"authorization: Bearer %b\r\n" % token("odd").encode()
OTHER = b"authorization: Bearer %b\r\n" % token("somebody-else").encode()
HOST = b"host: x\r\n"
JSON = b"content-type: application/json\r\n"
COMMON = HOST + JSON + SIGNED


def post(
    headers: bytes = LENGTH,
    body: bytes = OPENING,
    common: bytes = COMMON,
    line: bytes = b"POST /graphql HTTP/1.1",
) -> bytes:
    return line + b"\r\n" + common + headers + b"\r\n" + body


def query(document: str, headers: bytes = SIGNED) -> bytes:
    body = json.dumps({"query": document}).encode()
    length = b"content-length: %d\r\n" % len(body)
    return post(length + headers, body, HOST + JSON)


UPGRADE = (
    b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"sec-websocket-protocol: graphql-transport-ws\r\n"
)


def handshake(headers: bytes) -> bytes:
    return b"GET /graphql HTTP/1.1\r\n" + headers + UPGRADE + b"\r\n"


REFUSED = {
    "two Authorization": post(LENGTH + OTHER),
    "two Authorization that are equal": post(LENGTH + SIGNED),
    "two Host": post(LENGTH + HOST),
    "two Host, one in capitals": post(LENGTH + b"HOST: y\r\n"),
    "no Host": post(common=JSON + SIGNED),
    "two Content-Type": post(LENGTH + b"content-type: text/plain\r\n"),
    "two Origin": post(LENGTH + b"origin: https://a.example\r\n" * 2),
    "two Content-Length that are equal": post(LENGTH * 2),
    "two Content-Length": post(LENGTH + b"content-length: 5\r\n"),
    "a list of Content-Length": post(LENGTH[:-2] + b", %d\r\n" % len(OPENING)),
    "a Content-Length of 5,000 digits": post(b"content-length: %05000d\r\n" % len(OPENING)),
    "a Content-Length of 5,000 nines": post(b"content-length: " + b"9" * 5000 + b"\r\n"),
    "a Content-Length with a sign": post(b"content-length: +%d\r\n" % len(OPENING)),
    "a Content-Length below 0": post(b"content-length: -1\r\n"),
    "a Content-Length in hexadecimal": post(b"content-length: 0x10\r\n"),
    "a Content-Length with an underscore": post(b"content-length: 1_0\r\n"),
    "an empty Content-Length": post(b"content-length:\r\n"),
    "Content-Length and Transfer-Encoding": post(LENGTH + CHUNKED, CHUNKS + b"\r\n"),
    "Transfer-Encoding and Content-Length": post(CHUNKED + LENGTH, CHUNKS + b"\r\n"),
    "gzip, chunked": post(b"transfer-encoding: gzip, chunked\r\n", CHUNKS + b"\r\n"),
    "gzip and chunked": post(b"transfer-encoding: gzip\r\n" + CHUNKED, CHUNKS + b"\r\n"),
    "chunked twice": post(CHUNKED * 2, CHUNKS + b"\r\n"),
    "chunked, chunked": post(b"transfer-encoding: chunked, chunked\r\n", CHUNKS + b"\r\n"),
    "chunked, then identity": post(CHUNKED + b"transfer-encoding: identity\r\n", CHUNKS),
    "identity, then chunked": post(b"transfer-encoding: identity\r\n" + CHUNKED, CHUNKS),
    "xchunked": post(b"transfer-encoding: xchunked\r\n", CHUNKS + b"\r\n"),
    "identity": post(b"transfer-encoding: identity\r\n"),
    "an empty Transfer-Encoding": post(b"transfer-encoding:\r\n"),
    "a vertical tab before chunked": post(b"transfer-encoding: \x0bchunked\r\n", CHUNKS),
    "a folded header": post(LENGTH + b"x: a\r\n b\r\n"),
    "a folded Transfer-Encoding": post(b"transfer-encoding:\r\n chunked\r\n", CHUNKS + b"\r\n"),
    "a space before the colon": post(LENGTH + b"x : a\r\n"),
    "a space before the first header": post(common=b" " + COMMON),
    "a header without a name": post(LENGTH + b": a\r\n"),
    "a header without a colon": post(LENGTH + b"abc\r\n"),
    "a name beyond ASCII": post(LENGTH + b"\xc3\xa9: a\r\n"),
    "a NUL in a name": post(LENGTH + b"x\0: a\r\n"),
    "a NUL in a value": post(LENGTH + b"x: a\0b\r\n"),
    "a bare CR in a value": post(LENGTH + b"x: a\rb\r\n"),
    "a bare LF between headers": post(LENGTH + b"x: a\ny: b\r\n"),
    "bare LFs": post().replace(b"\r\n", b"\n"),
    "a chunk's size that overflows": post(CHUNKED, b"1" + b"0" * 16 + b"\r\n" + CHUNKS + b"\r\n"),
    "a chunk's size with a sign": post(CHUNKED, b"-1\r\n"),
    "a chunk's size with 0x": post(CHUNKED, b"0x" + CHUNKS + b"\r\n"),
    "a chunk's size with a space": post(CHUNKED, CHUNKS.replace(b"\r\n", b" \r\n", 1) + b"\r\n"),
    "a chunk's size with a bare LF": post(CHUNKED, CHUNKS.replace(b"\r\n", b"\n", 1) + b"\r\n"),
    "a chunk longer than its size": post(CHUNKED, b"1" + CHUNKS[2:] + b"\r\n"),
    "a NUL in a chunk's extension": post(CHUNKED, CHUNKS.replace(b"\r\n", b";\0\r\n", 1)),
    "a trailer that is no header": post(CHUNKED, CHUNKS + b"a b\r\n\r\n"),
    "HTTP/1.0 in chunks": post(CHUNKED, CHUNKS + b"\r\n", line=b"POST /graphql HTTP/1.0"),
    "HTTP/0.9": b"GET /graphql?query=%7B__typename%7D\r\n\r\n",
    "HTTP/0.9 that says so": post(line=b"POST /graphql HTTP/0.9"),
    "HTTP/2.0": post(line=b"POST /graphql HTTP/2.0"),
    "HTTP/1.2": post(line=b"POST /graphql HTTP/1.2"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "an unknown method": post(line=b"FETCH /graphql HTTP/1.1"),
    "a method in small letters": post(line=b"post /graphql HTTP/1.1"),
    "CONNECT": post(b"", b"", line=b"CONNECT x:80 HTTP/1.1"),
    "a target beyond ASCII": post(line=b"POST /graphql\xc3\xa9 HTTP/1.1"),
    "a NUL in the target": post(line=b"POST /graphql\0 HTTP/1.1"),
    "a target without a path": post(line=b"POST http://x HTTP/1.1"),
    "201 headers": post(LENGTH + b"".join(b"x%d: a\r\n" % n for n in range(201))),
    "one header 201 times": post(LENGTH + b"x: a\r\n" * 201),
    "a WebSocket with two Host": handshake(HOST * 2),
    "a WebSocket with two Origin": handshake(HOST + b"origin: http://x\r\n" * 2),
    "a WebSocket with two Authorization": handshake(HOST + SIGNED + OTHER),
    "a WebSocket without Host": handshake(b""),
    "a WebSocket in chunks": handshake(HOST + CHUNKED),
}
TAKEN = {
    "spaces after Content-Length": post(LENGTH[:-2] + b" \t \r\n"),
    "spaces and capitals in Transfer-Encoding": post(
        b"Transfer-Encoding:\t ChunKed \r\n", CHUNKS + b"\r\n"
    ),
    "extensions of chunks": post(CHUNKED, CHUNKS.replace(b"\r\n", b';a="b";c\r\n', 1) + b"\r\n"),
    "trailers": post(CHUNKED, CHUNKS + b"x: a\r\nexpires: never\r\n\r\n"),
    "a whole URL as target": post(line=b"POST http://y/graphql HTTP/1.1"),
    "HTTP/1.0 without Host": post(common=JSON + SIGNED, line=b"POST /graphql HTTP/1.0"),
    "empty lines before the request": b"\r\n" * 100 + post(),
    "a header that may be there twice": post(LENGTH + b"accept: */*\r\n" * 2),
    "leave to send that needs none": post(LENGTH + b"expect: 100-Continue\r\n"),
    "a value beyond ASCII": post(LENGTH + b"x: \xff\r\n"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("odd")
    environment = environment_of(
        f"sqlite://{folder / 'odd.sqlite3'}", CONNECTS_LOG_LEVEL="warning", CONNECTS_THROTTLE="off"
    )
    with serving(environment, folder) as server:
        yield server
        assert "Traceback" not in server.errors + server.output


def accounts(server: Server, subject: str = "odd") -> list[str]:
    viewer = server.ask(NAMES, token(subject))["viewer"]
    return [account["name"] for account in viewer["accounts"]]


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_an_odd_request_is_refused_and_not_carried_out(server: Server, request_: bytes) -> None:
    answered = answers(server, request_)

    assert [answer.status for answer in answered] == [400]
    assert answered[0].body
    assert "Odd" not in accounts(server)


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_what_was_sent_before_an_odd_request_is_answered_first(
    server: Server, request_: bytes
) -> None:
    asked = [query(f"{{ a{n}: __typename }}") for n in range(3)]

    answered = answers(server, b"".join(asked) + request_)

    assert [answer.status for answer in answered] == [200, 200, 200, 400]
    assert [list(json.loads(answer.body)["data"]) for answer in answered[:3]] == [
        ["a0"],
        ["a1"],
        ["a2"],
    ]
    assert "Odd" not in accounts(server)


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_only_unusual_is_taken(server: Server, name: str) -> None:
    request = TAKEN[name].replace(b"Odd", name[:3].encode())
    with connected(server) as connection:
        connection.sendall(request)
        head = connection.recv(65_536)

    assert head.startswith(b"HTTP/1.1 200 ")
    assert name[:3] in accounts(server)


def test_trailers_are_no_headers(server: Server) -> None:
    asked = json.dumps({"query": "{ viewer { name } }"}).encode()
    chunks = b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(asked), asked, OTHER)
    length = b"connection: close\r\n" + CHUNKED

    signed, unsigned = (
        answers(server, post(length, chunks, HOST + JSON + sign))[0] for sign in (SIGNED, b"")
    )

    assert json.loads(signed.body)["data"]["viewer"] == {"name": "odd"}
    assert b"somebody-else" not in unsigned.body


CHUNK = b"1\r\n{\r\n"
ENDLESS = {
    "trailers": (post(CHUNKED, CHUNKS), b"x: " + b"a" * 60 + b"\r\n"),
    "a trailer's name": (post(CHUNKED, CHUNKS), b"a"),
    "a trailer's value": (post(CHUNKED, CHUNKS + b"x: "), b"a"),
    "a chunk's extension": (post(CHUNKED, b"1;"), b"a"),
    "a chunk's quoted extension": (post(CHUNKED, b'1;a="'), b"a"),
    "zeros before a chunk's size": (post(CHUNKED, b""), b"0"),
    "extensions of small chunks": (post(CHUNKED, b""), b"1;" + b"a" * 60 + b"\r\n{\r\n"),
    "chunks of one byte": (post(CHUNKED, b""), CHUNK),
    "headers": (b"POST /graphql HTTP/1.1\r\n", b"x: " + b"a" * 60 + b"\r\n"),
    "a header's name": (b"POST /graphql HTTP/1.1\r\n", b"a"),
    "a header's value": (b"POST /graphql HTTP/1.1\r\nx: ", b"a"),
    "a target": (b"GET /", b"a"),
    "empty lines": (b"", b"\r\n"),
}


@pytest.mark.parametrize("behind", [b"", query("{ __typename }")], ids=["alone", "behind a query"])
@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_cut_off(server: Server, name: str, behind: bytes) -> None:
    begun, line = ENDLESS[name]
    piece = line * (65_536 // len(line))
    before = resident_megabytes(server)

    sent, answered = sent_before_the_end(
        server, [behind + begun, *repeat(piece, ENDLESS_BYTES // len(piece))]
    )

    statuses = [answer.status for answer in answered]
    assert sent < ENDLESS_BYTES
    assert statuses in ([200, 400] if behind else [400], [200] if behind else [])
    assert resident_megabytes(server) - before < GROWTH_MEGABYTES
    assert "Odd" not in accounts(server)


PIPELINED = {
    "a head that is too long": b"GET /graphql HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 200_000,
    "what is not HTTP": b"\x00\x01\x02",
    "two Host": b"GET /graphql HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n",
    "a broken chunk": post(CHUNKED, b"zz\r\n"),
    "a WebSocket": handshake(HOST),
}


@pytest.mark.parametrize("together", [True, False], ids=["together", "one after the other"])
@pytest.mark.parametrize("name", PIPELINED)
def test_mutations_before_a_broken_request_are_answered(
    server: Server, name: str, together: bool
) -> None:
    subject = f"{name}, {together}"
    names = [f"Account {n}" for n in range(3)]
    signed = HOST + JSON + b"authorization: Bearer %b\r\n" % token(subject).encode()
    bodies = [opening(account) for account in names]
    sent = [post(b"content-length: %d\r\n" % len(body), body, signed) for body in bodies]
    sent += [PIPELINED[name], post()]

    answered = answers(server, *([b"".join(sent)] if together else sent))

    assert [answer.status for answer in answered] == [200] * 3 + [400]
    opened = [json.loads(answer.body)["data"]["openAccount"] for answer in answered[:-1]]
    assert [one["account"]["name"] for one in opened] == names
    assert set(names) <= set(accounts(server, subject))
    assert "Odd" not in accounts(server)


def test_a_head_of_64_kb_is_taken_behind_other_requests(server: Server) -> None:
    long = query("{ __typename }", b"x: " + b"a" * 60_000 + b"\r\n")
    last = query("{ __typename }", b"connection: close\r\n")

    answered = answers(server, query("{ __typename }") * 200 + long * 3 + last)

    assert [answer.status for answer in answered] == [200] * 204


def test_many_requests_that_wait_take_little_memory(server: Server) -> None:
    """The client sends without reading until the server takes no more, and then reads."""
    asked = query("{ __typename }", b"") * 100
    before = resident_megabytes(server)
    sent, received = 0, b""

    with connected(server) as connection:
        connection.settimeout(1)
        try:
            while sent < 60:
                connection.sendall(asked)
                sent += 1
        except TimeoutError:
            pass
        grown = resident_megabytes(server) - before
        connection.settimeout(15)
        while received.count(b"HTTP/1.1 200 ") < sent * 100:
            data = connection.recv(262_144)
            assert data
            received += data

    assert sent > 0
    assert grown < GROWTH_MEGABYTES
    assert "Odd" not in accounts(server)
