"""Operations over WebSockets: the protocol graphql-transport-ws, spoken by a real client."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from models.rules.instants import SECOND
from resolvers.people.tokens import issue_token
from schema.schema import schema
from serving.operations.quotas import Limits, Quotas
from serving.operations.throttle import Rate, Throttle
from serving.transport import delivery, socket_protocol, sockets
from serving.transport.socket_protocol import FRAMES
from tests.clocks import ManualClock
from tests.faults.kinds import sqlite_error
from tests.frames import CONTINUATION, PING, TEXT, RawSocket
from tests.frames import frame as framed
from tests.schema.callers import SECRET, Api, Caller, Member, operations_on
from tests.schema.graphql_texts import ENTRIES, MUTATIONS
from tests.serving.served import Server, serving
from tests.waiting import PATIENCE_SECONDS, until


class Socket:
    """A connection as a front end has it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return json.loads(await self.connection.recv())

    async def sign_in(self, token: str | None) -> None:
        payload = {} if token is None else {"Authorization": f"Bearer {token}"}
        await self.send(type="connection_init", payload=payload)
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, id: str, query: str, /, **variables: object) -> None:
        payload = {"query": query, "variables": variables}
        await self.send(id=id, type="subscribe", payload=payload)

    async def next(self, id: str) -> Any:
        """The payload of the next message, which must be an answer to the operation."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id), message
        return message["payload"]

    async def entry(self, id: str) -> Any:
        payload = await self.next(id)
        assert "errors" not in payload
        return payload["data"]["walletEntryAdded"]

    async def closed(self) -> tuple[int, str]:
        """With which code and reason the server closes the connection."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed as end:
                assert end.rcvd is not None, end
                return end.rcvd.code, end.rcvd.reason


@asynccontextmanager
async def opened(server: Server, *protocols: str, **options: Any) -> AsyncIterator[Socket]:
    names: Any = protocols or ("graphql-transport-ws",)
    url = f"ws://{server.address}/graphql"
    async with connect(url, subprotocols=names, proxy=None, **options) as connection:
        yield Socket(connection)


@asynccontextmanager
async def signed_in(server: Server, caller: Caller) -> AsyncIterator[Socket]:
    async with opened(server) as socket:
        await socket.sign_in(caller.token)
        yield socket


@pytest.fixture
async def server(api: Api) -> AsyncIterator[Server]:
    async with serving(api.services) as server:
        yield server


async def no_subscribers(api: Api) -> None:
    """Returns when nobody follows a wallet any more."""
    await until(lambda: not api.services.feed.subscribers)


async def test_one_connection_carries_queries_mutations_and_subscriptions(
    api: Api, server: Server
) -> None:
    clara = await api.client()
    job = {"accountId": clara.account_id, "title": "A", "description": "B", "idempotencyKey": "k"}

    async with signed_in(server, clara) as socket:
        await socket.subscribe("entries", ENTRIES, id=clara.account_id, after=0)
        assert await socket.entry("entries") == {"sequence": 1, "connects": 60}
        await socket.subscribe("me", "{ viewer { name } }")
        assert (await socket.next("me"))["data"] == {"viewer": {"name": "Clara"}}
        assert await socket.receive() == {"type": "complete", "id": "me"}
        await socket.subscribe("job", MUTATIONS["postJob"], input=job)
        messages = sorted([await socket.receive() for _ in range(3)], key=lambda m: m["id"])

    entry, posted, complete = messages
    assert entry["payload"]["data"]["walletEntryAdded"] == {"sequence": 2, "connects": -1}
    assert posted["payload"]["data"]["postJob"]["__typename"] == "PostJobSuccess"
    assert complete == {"type": "complete", "id": "job"}


async def test_entries_come_in_order_and_a_client_that_comes_again_misses_none(
    api: Api, server: Server
) -> None:
    clara = await api.client()

    async with signed_in(server, clara) as socket:
        await socket.subscribe("1", ENTRIES, id=clara.account_id, after=0)
        await socket.entry("1")
        await asyncio.gather(*(clara.post_job() for _ in range(10)))
        seen = [(await socket.entry("1"))["sequence"] for _ in range(5)]
    await asyncio.gather(*(clara.post_job() for _ in range(10)))
    async with signed_in(server, clara) as socket:
        await socket.subscribe("1", ENTRIES, id=clara.account_id, after=seen[-1])
        seen += [(await socket.entry("1"))["sequence"] for _ in range(15)]

    assert seen == list(range(2, 22))
    await no_subscribers(api)


async def test_a_subscription_can_be_ended_and_its_id_used_again(api: Api, server: Server) -> None:
    clara = await api.client()

    async with signed_in(server, clara) as socket:
        await socket.subscribe("1", ENTRIES, id=clara.account_id, after=0)
        await socket.entry("1")
        await socket.send(id="1", type="complete")
        await socket.send(id="never there", type="complete")
        await no_subscribers(api)
        await clara.post_job()
        await socket.subscribe("1", "{ __typename }")

        assert (await socket.next("1"))["data"] == {"__typename": "Query"}
        assert await socket.receive() == {"type": "complete", "id": "1"}


async def test_pings_are_answered_at_any_time(server: Server) -> None:
    async with opened(server) as socket:
        await socket.send(type="ping", payload={"a": 1})
        assert await socket.receive() == {"type": "pong"}
        await socket.send(type="pong")
        await socket.sign_in(None)
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}


NO_REQUESTS: list[object] = [
    *(None, 1, "x", [], {}, {"query": 1}, {"query": "a", "variables": 1}),
]
BAD_FRAMES: list[str | bytes] = [
    *("", "x", "1", "null", "[]", '"subscribe"', "true", "{", "[" * 10_000, '{"type": 1}'),
    *("{}", '{"type": null}', '{"type": "nonsense"}', '{"type": "start", "id": "1"}'),
    *('{"type": "subscribe"}', '{"type": "subscribe", "id": 1, "payload": {}}'),
    '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
    json.dumps({"type": "subscribe", "id": "x" * 129, "payload": {"query": "{ __typename }"}}),
    *(json.dumps({"type": "subscribe", "id": "1", "payload": payload}) for payload in NO_REQUESTS),
    '{"type": "complete"}',
    '{"type": "complete", "id": {}}',
    b'{"type": "ping"}',
    b"\xff",
]


async def test_a_frame_that_is_no_message_closes_the_connection(
    server: Server, subtests: pytest.Subtests
) -> None:
    for frame in BAD_FRAMES:
        with subtests.test(frame=ascii(frame)[:60]):
            async with opened(server) as socket:
                await socket.sign_in(None)
                await socket.connection.send(frame)

                code, reason = await socket.closed()

                assert code == 4400
                assert 0 < len(reason) <= 120


async def test_the_reason_for_closing_may_be_in_any_language(
    server: Server, subtests: pytest.Subtests
) -> None:
    subscription = {"type": "subscribe", "payload": {"query": "{ __typename }"}}
    for frames, expected in (
        ([json.dumps({"type": "é" * 200})], 4400),
        ([json.dumps({"type": "\ud800"})], 4400),
        ([json.dumps({**subscription, "id": "é" * 100})] * 2, 4409),
        ([json.dumps({**subscription, "id": "\ud800"})], 4400),
    ):
        with subtests.test(ascii(frames[0])[-40:]):
            async with opened(server) as socket:
                await socket.sign_in(None)
                for frame in frames:
                    await socket.connection.send(frame)

                assert (await socket.closed())[0] == expected


async def test_the_first_message_must_be_the_right_one(
    server: Server, subtests: pytest.Subtests
) -> None:
    for frame, expected in (
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}', 4401),
        ('{"type": "connection_init", "payload": 1}', 4400),
        ('{"type": "connection_init", "payload": {"Authorization": 1}}', 4400),
        ('{"type": "connection_init", "payload": {"Authorization": "Bearer x"}}', 4401),
        ('{"type": "connection_init", "payload": {"authorization": "x"}}', 4401),
        ("[]", 4400),
    ):
        with subtests.test(frame[:70]):
            async with opened(server) as socket:
                await socket.connection.send(frame)

                assert (await socket.closed())[0] == expected


async def test_there_is_one_first_message(server: Server) -> None:
    async with opened(server) as socket:
        await socket.sign_in(None)
        await socket.send(type="connection_init")

        assert (await socket.closed())[0] == 4429


async def test_who_says_nothing_is_not_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "INIT_SECONDS", 0.1)

    async with opened(server) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_other_protocols_are_refused(server: Server, subtests: pytest.Subtests) -> None:
    for protocols in (("graphql-ws",), ("mqtt", "x")):
        with subtests.test(protocols[0]):
            async with opened(server, *protocols) as socket:
                assert (await socket.closed())[0] == 4406
    async with connect(f"ws://{server.address}/graphql", proxy=None) as connection:
        assert (await Socket(connection).closed())[0] == 4406


async def test_pages_of_other_sites_are_kept_out(api: Api, subtests: pytest.Subtests) -> None:
    async with serving(api.services, origins=["https://app.example.com"]) as server:
        for origin, welcome in (
            (None, True),
            (f"http://{server.address}", True),
            ("https://app.example.com", True),
            ("https://evil.example.com", False),
            ("http://app.example.com", False),
            ("https://app.example.com.evil.com", False),
            ("null", False),
            ("", False),
        ):
            with subtests.test(str(origin)):
                headers = {} if origin is None else {"origin": origin}
                if welcome:
                    async with opened(server, additional_headers=headers) as socket:
                        await socket.sign_in(None)
                    continue
                with pytest.raises(InvalidStatus) as refused:
                    async with opened(server, additional_headers=headers):
                        pass
                assert refused.value.response.status_code == 403


async def test_an_id_in_use_cannot_be_used_again(api: Api, server: Server) -> None:
    clara = await api.client()

    async with signed_in(server, clara) as socket:
        await socket.subscribe("1", ENTRIES, id=clara.account_id)
        await socket.subscribe("1", ENTRIES, id=clara.account_id)

        assert (await socket.closed())[0] == 4409
    await no_subscribers(api)


async def test_the_101st_operation_is_refused_and_the_others_go_on(
    api: Api, server: Server
) -> None:
    clara = await api.client()

    async with signed_in(server, clara) as socket:
        for n in range(101):
            await socket.subscribe(str(n), ENTRIES, id=clara.account_id)
        message = await socket.receive()
        assert (message["type"], message["id"]) == ("error", "100")
        assert message["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        await until(lambda: api.services.feed.subscribers == 100)
        await clara.post_job()
        entries = [await socket.receive() for _ in range(100)]

    assert {message["id"] for message in entries} == {str(n) for n in range(100)}
    assert all(m["payload"]["data"]["walletEntryAdded"]["sequence"] == 2 for m in entries)
    await no_subscribers(api)


async def test_what_is_wrong_with_an_operation_is_said_of_it_alone(
    api: Api, server: Server, subtests: pytest.Subtests
) -> None:
    clara = await api.client()

    async with signed_in(server, clara) as socket:
        wrong: list[tuple[str, dict[str, object], str]] = [
            ("{", {}, "GRAPHQL_PARSE_FAILED"),
            ("{ x }", {}, "GRAPHQL_VALIDATION_FAILED"),
            (ENTRIES, {}, "GRAPHQL_VALIDATION_FAILED"),
            (ENTRIES, {"id": clara.account_id, "after": "x"}, "GRAPHQL_VALIDATION_FAILED"),
            ("query A { a: __typename } query B { __typename }", {}, "BAD_REQUEST"),
        ]
        for query, variables, code in wrong:
            with subtests.test(query[:30], variables=str(variables)[-20:]):
                await socket.subscribe("1", query, **variables)
                message = await socket.receive()

                assert (message["type"], message["id"]) == ("error", "1")
                extensions = message["payload"][0]["extensions"]
                assert extensions["code"] == code
                assert len(extensions["requestId"]) == 32
        for id, after in (("x", 0), (clara.account_id, -1), (clara.account_id, 1000)):
            with subtests.test(id[:5], after=after):
                await socket.subscribe("1", ENTRIES, id=id, after=after)
                payload = await socket.next("1")
                assert await socket.receive() == {"type": "complete", "id": "1"}

                assert payload["data"] is None
                assert payload["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_nobody_follows_the_wallet_of_another(api: Api, server: Server) -> None:
    clara = await api.client()
    eve = api.somebody("Eve")
    for caller, code in ((eve, "NOT_FOUND"), (api.nobody, "UNAUTHENTICATED")):
        async with signed_in(server, caller) as socket:
            await socket.subscribe("1", ENTRIES, id=clara.account_id, after=0)

            payload = await socket.next("1")

            assert payload["data"] is None
            assert payload["errors"][0]["extensions"]["code"] == code
    await no_subscribers(api)


async def test_the_handshake_may_carry_the_token(api: Api, server: Server) -> None:
    clara = await api.client()
    headers = {"authorization": f"Bearer {clara.token}"}

    async with opened(server, additional_headers=headers) as socket:
        await socket.sign_in(None)
        await socket.subscribe("1", "{ viewer { name } }")

        assert (await socket.next("1"))["data"] == {"viewer": {"name": "Clara"}}


async def test_a_subscription_ends_when_the_token_expires(
    api: Api, server: Server, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "EXPIRY_GRACE_SECONDS", 0.3)
    clara = await api.client()
    token = issue_token(SECRET, "Clara", clock() + 2 * SECOND)

    async with opened(server) as socket:
        await socket.sign_in(token)
        await socket.subscribe("1", ENTRIES, id=clara.account_id, after=0)
        await socket.entry("1")
        message = await socket.receive()

        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await socket.closed() == (4401, "The token has expired.")
    await no_subscribers(api)


async def test_when_the_server_stops_clients_are_told_to_come_again(
    api: Api, server: Server
) -> None:
    clara = await api.client()

    async with signed_in(server, clara) as socket:
        await socket.subscribe("1", ENTRIES, id=clara.account_id, after=0)
        await socket.entry("1")
        await api.services.feed.close()

        assert (await socket.closed())[0] == 1001


async def test_a_client_that_does_not_read_is_cut_off(
    api: Api, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """99 answers of 30 kB each, which nobody takes."""
    monkeypatch.setattr(delivery, "SEND_SECONDS", 0.5)
    clara = await api.client()
    long = "{ __schema { types { description fields { name description } } } }"

    async with opened(server, max_queue=1) as socket:
        await socket.sign_in(clara.token)
        await socket.subscribe("entries", ENTRIES, id=clara.account_id)
        await until(lambda: api.services.feed.subscribers == 1)
        for n in range(99):
            await socket.subscribe(str(n), long)

        await no_subscribers(api)
        socket.connection.transport.abort()
    await still_works(clara)


async def test_who_goes_away_leaves_nothing(api: Api, server: Server) -> None:
    clara = await api.client()

    async with signed_in(server, clara) as socket:
        for n in range(10):
            await socket.subscribe(str(n), ENTRIES, id=clara.account_id, after=0)
        await socket.receive()
        socket.connection.transport.abort()

    await no_subscribers(api)
    await still_works(clara)


HALF = "\ud800"
HALVES: dict[str, tuple[Any, int | None]] = {
    "the type": ({"type": HALF}, 4400),
    "the id of a subscription": ({"type": "subscribe", "id": HALF, "payload": {}}, 4400),
    "the id of what is complete": ({"type": "complete", "id": f"1{HALF}"}, 4400),
    "another key": ({"type": "ping", HALF: HALF}, None),
    "the payload of a ping": ({"type": "ping", "payload": {HALF: HALF}}, None),
}
HALVES_IN_REQUESTS: dict[str, tuple[Any, int | None]] = {
    "the query": ({"query": HALF}, None),
    "a name in the query": ({"query": "{ " + HALF + " }"}, None),
    "a text in the query": ({"query": f'{{ node(id: "{HALF}") {{ id }} }}'}, None),
    "a variable": (
        {"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": HALF}},
        None,
    ),
    "a variable's name": ({"query": "{ __typename }", "variables": {HALF: HALF}}, None),
    "operationName": ({"query": "{ __typename }", "operationName": HALF}, None),
    "documentId": ({"documentId": HALF}, 4400),
    "sha256Hash": ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HALF}}}, 4400),
    "another extension": ({"query": "{ __typename }", "extensions": {HALF: HALF}}, None),
}


async def test_half_a_surrogate_pair_breaks_nothing(
    server: Server, subtests: pytest.Subtests, caplog: pytest.LogCaptureFixture
) -> None:
    requests = {
        where: ({"type": "subscribe", "id": "1", "payload": payload}, code)
        for where, (payload, code) in HALVES_IN_REQUESTS.items()
    }
    for where, (message, code) in {**HALVES, **requests}.items():
        with subtests.test(where):
            async with opened(server) as socket:
                await socket.sign_in(None)
                await socket.send(**message)
                if code is not None:
                    assert (await socket.closed())[0] == code
                else:
                    assert (await socket.receive())["type"] in ("next", "error", "pong")
    assert not [record for record in caplog.records if record.exc_info]


async def test_half_a_surrogate_pair_is_no_token(server: Server) -> None:
    for payload in ({"Authorization": f"Bearer {HALF}"}, {"Authorization": HALF}):
        async with opened(server) as socket:
            await socket.send(type="connection_init", payload=payload)

            assert (await socket.closed())[0] == 4401


async def test_a_network_may_hold_so_many_connections_and_a_user_so_many(api: Api) -> None:
    quotas = Quotas(Limits(address=2, user=1))
    clara = api.somebody("Clara")
    operations = operations_on(schema._schema, quotas=quotas)

    async with serving(api.services, operations) as server:
        async with opened(server) as first, opened(server) as second:
            with pytest.raises(InvalidStatus) as refused:
                async with opened(server):
                    pass
            await first.sign_in(clara.token)
            async with opened(server) as third:
                token = {"Authorization": f"Bearer {clara.token}"}
                await third.send(type="connection_init", payload=token)
                closed = await third.closed()
            await second.sign_in(None)
            await first.subscribe("1", "{ viewer { name } }")
            assert (await first.next("1"))["data"] == {"viewer": {"name": "Clara"}}
        await until(lambda: not quotas.connections)
        async with signed_in(server, clara), signed_in(server, api.nobody):
            assert quotas.connections == 2

    assert refused.value.response.status_code == 429
    assert refused.value.response.body is not None
    assert b"At most 2 WebSockets" in refused.value.response.body
    assert closed[0] == 4429
    assert closed[1].startswith("At most 1 WebSockets")


async def test_a_server_holds_so_many_connections(api: Api) -> None:
    operations = operations_on(schema._schema, quotas=Quotas(connections=1))

    async with serving(api.services, operations) as server, opened(server):
        with pytest.raises(InvalidStatus) as refused:
            async with opened(server):
                pass

    assert refused.value.response.status_code == 503


async def test_a_user_may_hold_so_many_subscriptions(api: Api) -> None:
    clara = await api.client()
    quotas = Quotas(subscriptions=2)

    async with (
        serving(api.services, operations_on(schema._schema, quotas=quotas)) as server,
        signed_in(server, clara) as one,
        signed_in(server, clara) as other,
    ):
        for n in range(2):
            await one.subscribe(str(n), ENTRIES, id=clara.account_id)
        await until(lambda: quotas.subscriptions == 2)
        await other.subscribe("1", ENTRIES, id=clara.account_id, after=0)
        refused = await other.receive()
        await other.subscribe("2", "{ __typename }")
        assert (await other.next("2"))["data"] == {"__typename": "Query"}
        assert (await other.receive())["type"] == "complete"
        await one.send(id="0", type="complete")
        await until(lambda: quotas.subscriptions == 1)
        await other.subscribe("1", ENTRIES, id=clara.account_id, after=0)
        assert (await other.entry("1"))["sequence"] == 1

    assert (refused["type"], refused["id"]) == ("error", "1")
    assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "At most 2 subscriptions" in refused["payload"][0]["message"]
    await until(lambda: not quotas.subscriptions and not quotas.connections)


@pytest.mark.slow
async def test_however_a_connection_ends_its_place_is_given_back(api: Api) -> None:
    clara = await api.client()
    quotas = Quotas(Limits(address=3, user=3), subscriptions=3)

    async def end(server: Server, way: int) -> None:
        async with opened(server, "mqtt" if way == 0 else "graphql-transport-ws") as socket:
            match way:
                case 1:
                    await socket.connection.send("no message")
                    await socket.closed()
                case 2:
                    await socket.send(type="connection_init", payload={"Authorization": "x"})
                    await socket.closed()
                case 3:
                    socket.connection.transport.abort()
                case 4 | 5:
                    await socket.sign_in(clara.token)
                    await socket.subscribe("1", ENTRIES, id=clara.account_id, after=0)
                    if way == 5:
                        await socket.entry("1")
                    socket.connection.transport.abort()

    async with serving(api.services, operations_on(schema._schema, quotas=quotas)) as server:
        for n in range(200):
            await end(server, n % 7)
            await until(lambda: quotas.connections < 3)
        await until(lambda: not quotas.connections and not quotas.subscriptions)
        async with signed_in(server, clara):
            pass


async def test_handshakes_and_messages_cost_the_address_points(
    api: Api, clock: ManualClock
) -> None:
    throttle = Throttle(Rate(maximum=35, restored=1), clock)
    operations = operations_on(schema._schema, throttle=throttle)

    async with serving(api.services, operations) as server:
        async with opened(server) as socket:
            for _ in range(10):
                await socket.send(type="ping")
                await socket.receive()
        async with opened(server):
            pass
        with pytest.raises(InvalidStatus) as refused:
            async with opened(server):
                pass
        clock.advance(5 * SECOND)
        async with opened(server):
            pass

    assert refused.value.response.status_code == 429


@pytest.mark.parametrize(
    "flood",
    [framed(TEXT, b'{"type":"ping"}') * 1_000, framed(PING) * 1_000],
    ids=["messages", "pings of the protocol"],
)
async def test_a_flood_costs_points_and_is_told_why_it_is_closed(
    api: Api, clock: ManualClock, flood: bytes
) -> None:
    throttle = Throttle(Rate(maximum=1_000, restored=1), clock)

    def send(address: tuple[str, int]) -> tuple[int, str] | None:
        with RawSocket(address) as client:
            client.send(flood)
            return client.closed()

    async with serving(api.services, operations_on(schema._schema, throttle=throttle)) as server:
        closed = await asyncio.to_thread(send, address_of(server))
        await until(lambda: throttle.settle("127.0.0.1", 0) < 1_000 - FRAMES)

    assert closed == (1008, "Too many messages in a short time.")


async def test_who_owes_points_has_their_messages_read_later(
    api: Api, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "PAUSE_SECONDS", 0.1)
    throttle = Throttle(Rate(maximum=10, restored=1), clock)
    operations = operations_on(schema._schema, throttle=throttle)

    async with serving(api.services, operations) as server, opened(server) as socket:
        for _ in range(100):
            await socket.send(type="ping")
        answered = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                while True:
                    await socket.connection.recv()
                    answered += 1
        socket.connection.transport.abort()

    assert answered < 10


def address_of(server: Server) -> tuple[str, int]:
    host, _, port = server.address.partition(":")
    return host, int(port)


async def test_from_a_client_that_reads_no_pongs_nothing_is_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no bound on frames, so that it is the unread pongs that stop it."""
    monkeypatch.setattr(socket_protocol, "FRAMES", 10**9)
    piece, most = framed(PING, b"x" * 125) * 1_000, 50_000_000

    def send_without_reading() -> int:
        sent = 0
        with RawSocket(address_of(server), room=4_096) as client:
            client.connection.settimeout(1)
            while sent < most and client.send(piece):
                sent += len(piece)
        return sent

    assert await asyncio.to_thread(send_without_reading) < most / 2


async def test_a_client_that_reads_no_pongs_is_cut_off(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_protocol, "FRAMES", 10**9)
    monkeypatch.setattr(socket_protocol, "STALLED_SECONDS", 0.2)
    piece = framed(PING, b"x" * 125) * 1_000

    def send_until_it_is_over() -> None:
        with RawSocket(address_of(server), room=4_096) as client:
            while True:
                client.connection.sendall(piece)

    with pytest.raises(ConnectionError):
        await asyncio.to_thread(send_until_it_is_over)


async def test_a_message_in_fragments_has_to_end(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_protocol, "MESSAGE_SECONDS", 0.2)
    monkeypatch.setattr(socket_protocol, "FRAGMENTS", 50)

    async def closed(fragments: int, pause: float) -> tuple[int, str] | None:
        def send() -> tuple[int, str] | None:
            with RawSocket(address_of(server)) as client:
                client.send(framed(TEXT, final=False))
                for _ in range(fragments):
                    client.send(framed(CONTINUATION, final=False))
                    time.sleep(pause)
                return client.closed()

        return await asyncio.to_thread(send)

    assert await closed(60, 0) == (1008, "The message has too many fragments.")
    assert await closed(5, 0.1) == (1008, "The message was not complete in 0.2 s.")


async def still_works(clara: Member) -> None:
    await clara.post_job()
    assert await clara.available() == 59


async def test_who_cannot_be_signed_in_for_now_is_to_come_again(
    api: Api, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_locked(*_: object) -> None:
        raise sqlite_error("SQLITE_BUSY", "database is locked")

    monkeypatch.setattr("resolvers.people.users._find", is_locked)

    async with opened(server) as socket:
        authorization = f"Bearer {api.somebody('Ada').token}"
        await socket.send(type="connection_init", payload={"Authorization": authorization})

        assert await socket.closed() == (1013, "The database cannot be used for now. Try again.")
