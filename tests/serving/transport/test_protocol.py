"""HTTP connections: what is answered over them, in which order, and when they are closed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from resolvers import wallets
from serving.transport import uvicorn as protocol
from tests.schema.callers import Api
from tests.serving.served import Server, serving
from tests.waiting import PATIENCE_SECONDS

TYPENAME = b'{"query":"{ __typename }"}'
FIELDS = [f"a{n}: __typename" for n in range(10)]


class Connection:
    """A connection of bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *parts: bytes) -> None:
        """Sends the parts one by one."""
        for part in parts:
            self._writer.write(part)
            await self._writer.drain()
            await asyncio.sleep(0.02)

    async def head(self) -> bytes:
        """The head of the next answer, in lower case."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await self._reader.readuntil(b"\r\n\r\n")).lower()

    async def answer(self) -> tuple[bytes, bytes]:
        """The head and the body of the next answer."""
        head = await self.head()
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        async with asyncio.timeout(PATIENCE_SECONDS):
            return head, await self._reader.readexactly(length)

    async def seconds_until_closed(self) -> float:
        """How long it takes until the server closes the connection, saying nothing more."""
        began = monotonic()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await self._reader.read() == b""
        return monotonic() - began


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Connection]:
    host, _, port = server.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


@pytest.fixture
async def connection(api: Api, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connection]:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 2.0)
    async with serving(api.services, keep_alive=1) as server, connected(server) as connection:
        yield connection


def post(body: bytes, head: bytes = b"", method: bytes = b"POST", version: bytes = b"1.1") -> bytes:
    return (
        method + b" /graphql HTTP/" + version + b"\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n%b\r\n%b" % (len(body), head, body)
    )


async def test_requests_that_are_sent_together_are_answered_in_their_order(
    connection: Connection,
) -> None:
    asked = [post(json.dumps({"query": f"{{ {field} }}"}).encode()) for field in FIELDS]

    await connection.send(b"".join(asked))
    answers = [json.loads((await connection.answer())[1])["data"] for _ in FIELDS]

    assert answers == [{f"a{n}": "Query"} for n in range(10)]


async def test_a_request_may_come_in_pieces(connection: Connection) -> None:
    whole = post(TYPENAME)
    middle = len(whole) - 10

    for pieces in ([whole[:20], whole[20:]], [whole[:middle], whole[middle:]]):
        await connection.send(*pieces)
        _, body = await connection.answer()

        assert json.loads(body)["data"] == {"__typename": "Query"}


async def test_a_body_that_waits_for_leave_is_given_it(connection: Connection) -> None:
    head, body = post(TYPENAME, b"expect: 100-continue\r\n").split(b"\r\n\r\n")

    await connection.send(head + b"\r\n\r\n")
    leave = await connection.head()
    await connection.send(body)

    assert leave.startswith(b"http/1.1 100 ")
    assert json.loads((await connection.answer())[1])["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "request_",
    [post(TYPENAME, b"connection: close\r\n"), post(TYPENAME, version=b"1.0")],
    ids=["who asks for it", "HTTP/1.0"],
)
async def test_a_connection_is_closed_after_the_answer(
    connection: Connection, request_: bytes
) -> None:
    await connection.send(request_)
    head, _ = await connection.answer()

    assert b"\r\nconnection: close\r\n" in head
    assert await connection.seconds_until_closed() < 0.5


async def test_the_answer_says_when_it_was_made_and_how_long_it_is(connection: Connection) -> None:
    await connection.send(post(TYPENAME))
    head, body = await connection.answer()

    names = [line.split(b":")[0] for line in head.split(b"\r\n")[1:-2]]
    assert names == [b"date", b"content-length", b"content-type", b"vary", b"x-request-id"]
    assert json.loads(body)["data"] == {"__typename": "Query"}


async def test_who_asks_for_the_head_gets_no_body(connection: Connection) -> None:
    await connection.send(post(b"", method=b"HEAD") + post(TYPENAME, b"connection: close\r\n"))
    refused = await connection.head()
    answered, body = await connection.answer()

    assert refused.startswith(b"http/1.1 400 ")
    assert answered.startswith(b"http/1.1 200 ")
    assert json.loads(body)["data"] == {"__typename": "Query"}


async def test_a_connection_is_kept_for_the_next_request_and_not_for_ever(
    connection: Connection,
) -> None:
    for _ in range(3):
        await connection.send(post(TYPENAME))
        await connection.answer()
        await asyncio.sleep(0.7)

    assert 0.1 < await connection.seconds_until_closed() < 1.5


@pytest.mark.parametrize("begun", [b"", post(TYPENAME)[:30]], ids=["nothing", "half a head"])
async def test_who_does_not_come_to_the_end_of_a_head_is_not_waited_for(
    connection: Connection, begun: bytes
) -> None:
    await connection.send(begun)

    assert 1.5 < await connection.seconds_until_closed() < 4


async def test_who_sends_a_head_drop_by_drop_is_not_waited_for_either(
    connection: Connection,
) -> None:
    await connection.send(post(TYPENAME))
    await connection.answer()
    began = monotonic()

    with pytest.raises(ConnectionError):
        for n in range(100):
            await connection.send(b"POST /graphql HTTP/1.1\r\n" if n == 0 else b"x-%d: y\r\n" % n)
            await asyncio.sleep(0.1)

    assert monotonic() - began < 5


async def test_an_answer_that_takes_long_is_waited_for(
    api: Api, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client("Clara")
    current = wallets.current

    async def late(*wanted: object) -> object:
        await asyncio.sleep(2.5)
        return await current(*wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(wallets, "current", late)
    document = (
        f'{{ node(id: "{clara.account_id}") {{ ... on Account {{ wallet {{ available }} }} }} }}'
    )
    await connection.send(
        post(
            json.dumps({"query": document}).encode(),
            f"authorization: Bearer {clara.token}\r\n".encode(),
        )
    )
    _, body = await connection.answer()

    assert json.loads(body)["data"]["node"]["wallet"] == {"available": 60}


UPGRADE = b"connection: upgrade\r\nupgrade: h2c\r\n"


async def test_a_body_is_no_request_of_its_own_where_another_protocol_is_asked_for(
    connection: Connection,
) -> None:
    head, body = post(post(TYPENAME), UPGRADE).split(b"\r\n\r\n", 1)

    await connection.send(head + b"\r\n\r\n", body)
    answered, said = await connection.answer()

    assert answered.startswith(b"http/1.1 400 ")
    assert b"WebSockets only" in said
    assert await connection.seconds_until_closed() < 0.5


async def test_a_query_is_answered_in_this_protocol_where_another_is_asked_for(
    connection: Connection,
) -> None:
    query = b"GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: x\r\n"

    await connection.send(query + UPGRADE + b"\r\n")
    _, body = await connection.answer()

    assert json.loads(body)["data"] == {"__typename": "Query"}
    assert await connection.seconds_until_closed() < 0.5


@pytest.mark.parametrize("line", [b"x: 7890\r\n", b"0123456789"], ids=["many", "one"])
async def test_a_head_without_end_is_refused(connection: Connection, line: bytes) -> None:
    begun = b"POST /graphql HTTP/1.1\r\nhost: x\r\nx: "
    rest = line * 1100

    await connection.send(begun, *[rest] * (protocol.HEAD_BYTES // len(rest) + 1))
    answered, said = await connection.answer()

    assert answered.startswith(b"http/1.1 400 ")
    assert said == b"The head of the request is too long."
