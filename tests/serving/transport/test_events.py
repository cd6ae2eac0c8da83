"""Operations over server-sent events, in the distinct connections mode of GraphQL over SSE."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from models.rules.instants import SECOND
from resolvers.people.tokens import issue_token
from schema.schema import schema
from serving.operations.quotas import Limits, Quotas
from serving.operations.throttle import Rate, Throttle
from serving.transport import delivery
from serving.transport.accept import EVENT_STREAM, MULTIPART
from serving.transport.framing import EVENTS, FRAMINGS, PARTS
from tests.clocks import ManualClock
from tests.schema.callers import SECRET, Api, Caller, operations_on
from tests.schema.graphql_texts import ENTRIES
from tests.serving.served import Server, serving
from tests.waiting import PATIENCE_SECONDS, until


class Events:
    """An event stream, read line by line."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()
        self.id: str | None = None
        """That of the last event."""

    async def line(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await anext(self._lines)

    async def next(self) -> Any:
        """The answer in the next event."""
        assert await self.line() == "event: next"
        data = await self.line()
        self.id = None
        if data.startswith("id: "):
            self.id, data = data.removeprefix("id: "), await self.line()
        assert await self.line() == ""
        return json.loads(data.removeprefix("data: "))

    async def entry(self) -> Any:
        return (await self.next())["data"]["walletEntryAdded"]

    async def complete(self) -> None:
        assert [await self.line() for _ in range(3)] == ["event: complete", "data: ", ""]
        await self.ended()

    async def ended(self) -> None:
        with pytest.raises(StopAsyncIteration):
            await self.line()


@pytest.fixture
async def server(api: Api) -> AsyncIterator[Server]:
    async with serving(api.services) as server:
        yield server


@asynccontextmanager
async def asked(
    server: Server,
    caller: Caller,
    query: str,
    /,
    method: str = "POST",
    *,
    accept: str = "text/event-stream",
    last_event_id: str | None = None,
    **variables: object,
) -> AsyncIterator[Events]:
    headers = {"accept": accept}
    if last_event_id is not None:
        headers["last-event-id"] = last_event_id
    if caller.token:
        headers["authorization"] = f"Bearer {caller.token}"
    parameters: dict[str, Any] = {"query": query, "variables": variables}
    sent: dict[str, Any] = {"json": parameters}
    if method == "GET":
        sent = {"params": {**parameters, "variables": json.dumps(variables)}}
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as http,
        http.stream(
            method, f"http://{server.address}/graphql", headers=headers, **sent
        ) as response,
    ):
        yield Events(response)


async def test_a_query_is_one_event(api: Api, server: Server) -> None:
    async with asked(server, api.somebody("Ada"), "{ viewer { name } }") as stream:
        assert (await stream.next())["data"] == {"viewer": {"name": "Ada"}}
        await stream.complete()

    headers = stream.response.headers
    assert stream.response.status_code == 200
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
    assert len(headers["x-request-id"]) == 32


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_entries_come_in_order_and_a_client_that_comes_again_misses_none(
    api: Api, server: Server, method: str
) -> None:
    clara = await api.client()
    seen = []

    async with asked(server, clara, ENTRIES, method, id=clara.account_id, after=0) as stream:
        assert await stream.entry() == {"sequence": 1, "connects": 60}
        await asyncio.gather(*(clara.post_job() for _ in range(10)))
        seen += [(await stream.entry())["sequence"] for _ in range(5)]
    await asyncio.gather(*(clara.post_job() for _ in range(10)))
    async with asked(server, clara, ENTRIES, id=clara.account_id, after=seen[-1]) as stream:
        seen += [(await stream.entry())["sequence"] for _ in range(15)]

    assert seen == list(range(2, 22))
    await until(lambda: not api.services.feed.subscribers)


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_client_goes_on_after_the_id_of_the_last_event(
    api: Api, server: Server, method: str
) -> None:
    clara = await api.client()
    await asyncio.gather(*(clara.post_job() for _ in range(4)))
    follow = partial(asked, server, clara, ENTRIES, method, id=clara.account_id, after=0)

    async with follow() as stream:
        first = [((await stream.entry())["sequence"], stream.id) for _ in range(3)]
    # As a browser does it: the same request again, with the header.
    async with follow(last_event_id=first[-1][1]) as stream:
        rest = [((await stream.entry())["sequence"], stream.id) for _ in range(2)]

    assert first == [(1, "1"), (2, "2"), (3, "3")]
    assert rest == [(4, "4"), (5, "5")]


@pytest.mark.parametrize("last", ["x", "-1", "1.0", "3 3", "9" * 10, "9" * 5000])
async def test_a_last_event_id_that_is_none_is_named(api: Api, server: Server, last: str) -> None:
    clara = await api.client()

    async with asked(server, clara, ENTRIES, last_event_id=last, id=clara.account_id) as stream:
        (error,) = (await stream.next())["errors"]
        await stream.complete()

    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert "Last-Event-ID" in error["message"]


URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
APOLLO = (
    "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,"
    "application/graphql-response+json,application/json;q=0.9"
)


@pytest.mark.parametrize("accept", [URQL, "application/json, text/event-stream;q=0", APOLLO])
async def test_a_query_is_one_json_text_where_json_is_liked_as_well(api: Api, accept: str) -> None:
    answer = await api.somebody("Ada").post(
        json.dumps({"query": "{ viewer { name } }"}), accept=accept
    )

    media_type = (
        "application/graphql-response+json" if "graphql-res" in accept else "application/json"
    )
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.json()["data"] == {"viewer": {"name": "Ada"}}


async def test_a_subscription_is_refused_where_no_stream_is_taken(api: Api) -> None:
    clara = await api.client()
    body = json.dumps({"query": ENTRIES, "variables": {"id": clara.account_id}})

    for accept in ("application/json", "*/*", "text/event-stream;q=0, */*", "multipart/mixed"):
        answer = await clara.post(body, accept=accept)

        assert answer.status_code == 406
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert "text/event-stream" in answer.json()["errors"][0]["message"]


async def test_apollos_clients_get_a_subscription_in_parts(
    api: Api, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FRAMINGS, MULTIPART, PARTS._replace(alive_seconds=0.05))
    clara = await api.client()

    async with asked(server, clara, ENTRIES, accept=APOLLO, id=clara.account_id, after=0) as stream:
        got = b""
        async for chunk in stream.response.aiter_bytes():
            got += chunk
            if got.count(b"{}") >= 2 and b'"payload"' in got:
                break

    head = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
    opening, *parts, _rest = got.split(b"\r\n--graphql")
    # A slow machine sends signs of life before the first entry, too.
    (first,) = [part for part in parts if part != head + b"{}"]
    assert stream.response.headers["content-type"] == (
        'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0'
    )
    assert opening == b""
    assert first.startswith(head + b'{"payload":{"data":')
    entry = json.loads(first.removeprefix(head))["payload"]["data"]["walletEntryAdded"]
    assert entry == {"sequence": 1, "connects": 60}


async def test_a_refused_subscription_in_parts_ends_in_order(api: Api, server: Server) -> None:
    query = "subscription($id: ID!) { walletEntryAdded(accountId: $id) { id } }"

    async with asked(server, api.nobody, query, accept=APOLLO, id="x") as stream:
        got = await stream.response.aread()

    payload = json.loads(got.split(b"\r\n\r\n")[1].partition(b"\r\n--graphql")[0])["payload"]
    assert payload["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert got.endswith(b"\r\n--graphql--\r\n")


async def test_what_is_refused_is_an_event_and_the_end(
    api: Api, server: Server, subtests: pytest.Subtests
) -> None:
    clara = await api.client()

    for caller, query, variables, code in (
        (clara, "{ x }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (clara, "{", {}, "GRAPHQL_PARSE_FAILED"),
        (clara, ENTRIES, {}, "GRAPHQL_VALIDATION_FAILED"),
        (clara, ENTRIES, {"id": "x"}, "INVALID_INPUT"),
        (api.somebody("Eve"), ENTRIES, {"id": clara.account_id}, "NOT_FOUND"),
        (api.nobody, ENTRIES, {"id": clara.account_id}, "UNAUTHENTICATED"),
    ):
        with subtests.test(code, query=query[:20]):
            async with asked(server, caller, query, **variables) as stream:
                error = (await stream.next())["errors"][0]
                await stream.complete()

            assert error["extensions"]["code"] == code
            assert error["extensions"]["requestId"] == stream.response.headers["x-request-id"]


async def test_a_subscription_needs_a_way_to_be_answered(api: Api) -> None:
    clara = await api.client()

    answer = await clara.send(ENTRIES, {"id": clara.account_id})

    assert answer.status_code == 406
    assert "text/event-stream" in answer.json()["errors"][0]["message"]


async def test_a_mutation_by_get_is_refused_here_too(api: Api, server: Server) -> None:
    input = '{kind: CLIENT, name: "A", idempotencyKey: "k"}'
    mutation = f"mutation {{ openAccount(input: {input}) {{ __typename }} }}"

    async with api.unchanged(), asked(server, api.somebody("Ada"), mutation, "GET") as stream:
        assert stream.response.status_code == 405


async def test_a_stream_is_kept_alive(
    api: Api, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FRAMINGS, EVENT_STREAM, EVENTS._replace(alive_seconds=0.05))
    clara = await api.client()

    async with asked(server, clara, ENTRIES, id=clara.account_id) as stream:
        assert [await stream.line() for _ in range(4)] == [":", "", ":", ""]


async def test_a_subscription_ends_when_the_token_expires(
    api: Api, server: Server, clock: ManualClock
) -> None:
    clara = await api.client()
    caller = Caller(api.http, issue_token(SECRET, "Clara", clock() + 2 * SECOND))

    async with asked(server, caller, ENTRIES, id=clara.account_id, after=0) as stream:
        await stream.entry()
        answer = await stream.next()
        await stream.complete()

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_when_the_server_stops_a_stream_ends_without_being_complete(
    api: Api, server: Server
) -> None:
    clara = await api.client()

    async with asked(server, clara, ENTRIES, id=clara.account_id, after=0) as stream:
        await stream.entry()
        await api.services.feed.close()

        await stream.ended()


async def test_who_goes_away_leaves_nothing(api: Api, server: Server) -> None:
    clara = await api.client()

    for _ in range(3):
        async with asked(server, clara, ENTRIES, id=clara.account_id, after=0) as stream:
            await stream.entry()

    await until(lambda: not api.services.feed.subscribers)


async def test_events_are_charged_for_and_come_later_to_who_owes_points(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    for _ in range(20):
        await clara.post_job()
    throttle = Throttle(Rate(maximum=50, restored=1), clock)
    following = ENTRIES.replace("connects }", "connects lots: subject { __typename } }")

    async with (
        serving(api.services, operations_on(schema._schema, throttle=throttle)) as server,
        asked(server, clara, following, id=clara.account_id, after=0) as stream,
    ):
        available = []
        with pytest.raises(TimeoutError):
            for _ in range(21):
                async with asyncio.timeout(1):
                    cost = (await stream.next())["extensions"]["cost"]
                available.append(cost["throttleStatus"]["currentlyAvailable"])

    assert available == sorted(available, reverse=True)
    assert available[-1] == 0
    assert 5 < len(available) < 21


@pytest.mark.slow
async def test_a_user_may_hold_so_many_streams_and_gets_their_places_back(api: Api) -> None:
    clara = await api.client()
    quotas = Quotas(Limits(address=2, user=1))

    async with serving(api.services, operations_on(schema._schema, quotas=quotas)) as server:
        for _ in range(10):
            async with asked(server, clara, ENTRIES, id=clara.account_id, after=0) as stream:
                await stream.entry()
                async with asked(server, clara, "{ __typename }") as refused:
                    body = json.loads(await refused.response.aread())
                async with asked(server, api.nobody, "{ __typename }") as other:
                    await other.next()
                assert (await clara.ask("{ viewer { name } }")) == {"viewer": {"name": "Clara"}}
            await until(lambda: not quotas.connections and not quotas.subscriptions)

    assert refused.response.status_code == 429
    assert body["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "At most 1 WebSockets and event streams" in body["errors"][0]["message"]


async def test_streams_count_as_subscriptions(api: Api) -> None:
    clara = await api.client()
    quotas = Quotas(subscriptions=1)

    async with serving(api.services, operations_on(schema._schema, quotas=quotas)) as server:
        for _ in range(3):
            async with asked(server, clara, ENTRIES, id=clara.account_id, after=0) as stream:
                await stream.entry()
                async with asked(server, clara, ENTRIES, id=clara.account_id, after=0) as second:
                    error = (await second.next())["errors"][0]
                    await second.complete()
                assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
            await until(lambda: not quotas.connections and not quotas.subscriptions)


async def test_a_client_that_does_not_read_is_cut_off(
    api: Api, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "SEND_SECONDS", 0.3)
    monkeypatch.setitem(FRAMINGS, EVENT_STREAM, EVENTS._replace(alive_seconds=0.0))
    clara = await api.client()
    host, _, port = server.address.partition(":")
    body = json.dumps({"query": ENTRIES, "variables": {"id": clara.account_id}})
    lines = (
        "POST /graphql HTTP/1.1",
        "Host: x",
        "Accept: text/event-stream",
        "Content-Type: application/json",
        f"Authorization: Bearer {clara.token}",
        f"Content-Length: {len(body)}",
    )
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)

    writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    await until(lambda: api.services.feed.subscribers == 1)
    await until(lambda: not api.services.feed.subscribers)

    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.transport.abort()
