"""What front ends meet: other origins, compression, the throttle, a server that stops."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as connect_now
from websockets.typing import Origin, Subprotocol

from tests.server.processes import Server, environment_of, serving, token

PROTOCOL = Subprotocol("graphql-transport-ws")
APP = "https://app.example.com"
PACKAGES = "{ connectsPackages { id connects price { amountMinor currency formatted } forKinds } }"
OPEN = """mutation { openAccount(input: {kind: CLIENT, name: "Ada's", idempotencyKey: "open"}) {
    ... on OpenAccountSuccess { account { id } }
} }"""
PREFLIGHT = {
    "origin": APP,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("front_ends")
    environment = environment_of(
        f"sqlite://{folder / 'connects.sqlite3'}",
        CONNECTS_CORS_ORIGINS=f"{APP}, https://other.example.com",
        CONNECTS_THROTTLE="200/1",
    )
    with serving(environment, folder) as server:
        yield server


def test_pages_of_the_named_origins_may_call_and_no_others(server: Server) -> None:
    asked = httpx.options(server.url, headers=PREFLIGHT)
    answered = httpx.post(server.url, json={"query": "{ __typename }"}, headers={"origin": APP})
    evil = {**PREFLIGHT, "origin": "https://evil.example.com"}
    refused = httpx.options(server.url, headers=evil)
    unread = httpx.post(
        server.url, json={"query": "{ __typename }"}, headers={"origin": evil["origin"]}
    )

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == APP
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    assert answered.headers["access-control-allow-origin"] == APP
    assert "X-Request-ID" in answered.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answered.headers
    assert refused.status_code == 403
    assert "CONNECTS_CORS_ORIGINS" in refused.text
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-origin" not in unread.headers


def test_long_answers_are_compressed_as_the_client_likes(
    server: Server, subtests: pytest.Subtests
) -> None:
    plain = httpx.post(server.url, json={"query": PACKAGES}, headers={"accept-encoding": "x"})
    assert "content-encoding" not in plain.headers

    for encoding in ("gzip", "br", "zstd"):
        with subtests.test(encoding):
            answer = httpx.post(
                server.url, json={"query": PACKAGES}, headers={"accept-encoding": encoding}
            )

            assert answer.headers["content-encoding"] == encoding
            assert "Accept-Encoding" in answer.headers["vary"]
            assert answer.num_bytes_downloaded < len(plain.content) / 2
            assert answer.json()["data"] == plain.json()["data"]


def test_who_asks_too_much_is_throttled_and_others_are_not(server: Server) -> None:
    greedy, modest = token("greedy"), token("modest")

    def ask(bearer: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {bearer}"}
        return httpx.post(server.url, json={"query": PACKAGES}, headers=headers)

    answers = [ask(greedy) for _ in range(15)]

    codes = [a.json()["errors"][0]["extensions"]["code"] for a in answers if "errors" in a.json()]
    assert set(codes) == {"THROTTLED"}
    assert "errors" not in answers[0].json()
    assert "errors" not in ask(modest).json()


LOCAL = ["http://localhost:5173", "http://127.0.0.1:3000", "http://localhost", "http://[::1]:80"]


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["development", "production"])
def test_pages_of_this_machine_may_call_in_development_only(
    tmp_path: Path, environment: str
) -> None:
    settings = environment_of(f"sqlite://{tmp_path / 'connects.sqlite3'}", CONNECTS_ENV=environment)
    others = [APP, "http://localhost.evil.example", "http://localhost:3000.evil.example", "null"]
    let_in = LOCAL if environment == "development" else []

    with serving(settings, tmp_path) as server:
        for origin in (*LOCAL, *others):
            asked = httpx.options(server.url, headers={**PREFLIGHT, "origin": origin})
            answers = [
                httpx.post(
                    server.url, json={"query": "{ __typename }"}, headers={"origin": origin}
                ),
                httpx.get(server.url, params={"query": "{ a: __typename }"}),
                httpx.get(
                    server.url, params={"query": "{ __typename }"}, headers={"origin": origin}
                ),
            ]
            allowed = origin if origin in let_in else None
            assert asked.status_code == (200 if allowed else 403), origin
            assert allowed or asked.text == (
                "CONNECTS_CORS_ORIGINS does not name the origin of this page.\n"
            )
            for answer in (asked, answers[0], answers[2]):
                assert answer.headers.get("access-control-allow-origin") == allowed, origin
            assert all("Origin" in answer.headers["vary"] for answer in answers[1:])
            assert opens(server, origin) == (allowed is not None), origin
        own = server.url.removesuffix("/graphql")
        assert opens(server, own)
        assert httpx.post(server.url, json={}, headers={"origin": own}).status_code == 400

    refused = [origin for origin in (*LOCAL, *others) if origin not in let_in]
    told = server.errors.count("was refused: CONNECTS_CORS_ORIGINS does not name its origin")
    assert told == len(refused), "each once"
    assert all(f"a page of '{origin}' was refused" in server.errors for origin in refused)
    assert own not in server.errors.replace(f"{own} (Press", "")


def test_a_slash_at_the_end_makes_no_difference(server: Server) -> None:
    url = f"{server.url}/"

    asked = httpx.post(url, json={"query": "{ __typename }"})
    head = httpx.head(url, params={"query": "{ __typename }"})
    with connect_now(url.replace("http", "ws"), subprotocols=[PROTOCOL], proxy=None) as socket:
        socket.send('{"type": "connection_init"}')
        acknowledged = json.loads(socket.recv(10))

    assert asked.json()["data"] == {"__typename": "Query"}
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert acknowledged == {"type": "connection_ack"}


def opens(server: Server, origin: str) -> bool:
    """Whether a page of that origin may open a WebSocket; else it is told why."""
    try:
        with connect_now(
            server.url.replace("http", "ws"),
            subprotocols=[PROTOCOL],
            origin=Origin(origin),
            proxy=None,
        ):
            return True
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        assert b"CONNECTS_CORS_ORIGINS" in refused.response.body
        return False


@pytest.mark.slow
@pytest.mark.parametrize(("proxies", "buckets"), [("127.0.0.0/8", 2), ("", 1)])
def test_an_address_is_believed_from_named_proxies_only(
    tmp_path: Path, proxies: str, buckets: int
) -> None:
    environment = environment_of(
        f"sqlite://{tmp_path / 'connects.sqlite3'}",
        CONNECTS_PROXIES=proxies,
        CONNECTS_THROTTLE="1000/1",
    )

    def available(server: Server, address: str) -> int:
        headers = {"x-forwarded-for": address}
        body = httpx.post(server.url, json={"query": PACKAGES}, headers=headers).json()
        left: int = body["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"]
        return left

    with serving(environment, tmp_path) as server:
        available(server, "203.0.113.1")
        again, other = available(server, "203.0.113.1"), available(server, "203.0.113.2")

    assert (again < other) == (buckets == 2)


@pytest.mark.slow
@pytest.mark.parametrize(("proxies", "addresses"), [("127.0.0.0/8", 2), ("", 1)])
def test_new_users_are_counted_by_their_address(
    tmp_path: Path, proxies: str, addresses: int
) -> None:
    file = tmp_path / "connects.sqlite3"
    environment = environment_of(
        f"sqlite://{file}", CONNECTS_PROXIES=proxies, CONNECTS_NEW_USERS="5/1"
    )

    def status(http: httpx.Client, subject: int) -> int:
        headers = {
            "authorization": f"Bearer {token(f'user {subject}')}",
            "x-forwarded-for": f"203.0.113.{subject % 2}",
        }
        answer = http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
        assert answer.status_code == 200 or int(answer.headers["retry-after"]) >= 1
        return answer.status_code

    with serving(environment, tmp_path) as server, httpx.Client() as http:
        http.base_url = server.url.removesuffix("/graphql")
        began = time.monotonic()
        statuses = [status(http, n) for n in range(40)]
        seconds = time.monotonic() - began
        again = status(http, 0)

    with closing(sqlite3.connect(file)) as connection:
        ((users,),) = connection.execute('SELECT count(*) FROM "user"').fetchall()
    let_in = statuses.count(200)
    assert again == 200
    assert users == let_in
    assert 5 * addresses <= let_in <= (5 + seconds) * addresses
    assert set(statuses) == {200, 429}


def test_trusted_documents_only(tmp_path: Path) -> None:
    name = sha256(PACKAGES.encode()).hexdigest()
    file = tmp_path / "documents.json"
    file.write_text(json.dumps({name: PACKAGES}))
    environment = environment_of(
        f"sqlite://{tmp_path / 'connects.sqlite3'}",
        CONNECTS_TRUSTED_DOCUMENTS=str(file),
        CONNECTS_TRUSTED_DOCUMENTS_ONLY="true",
        CONNECTS_INTROSPECTION="false",
    )

    with serving(environment, tmp_path) as server:
        trusted = httpx.post(server.url, json={"documentId": f"sha256:{name}"}).json()
        other = httpx.post(server.url, json={"query": "{ viewer { name } }"}).json()

    assert len(trusted["data"]["connectsPackages"]) == 7
    assert other["errors"][0]["extensions"]["code"] == "QUERY_NOT_IN_SAFELIST"


def test_it_can_be_a_subgraph(tmp_path: Path) -> None:
    environment = environment_of(
        f"sqlite://{tmp_path / 'connects.sqlite3'}", CONNECTS_FEDERATION="true"
    )

    with serving(environment, tmp_path) as server:
        sdl = server.ask("{ _service { sdl } }", None)["_service"]["sdl"]

    assert '@key(fields: "id")' in sdl


@pytest.mark.slow
async def test_subscribers_do_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    environment = environment_of(f"sqlite://{tmp_path / 'connects.sqlite3'}")
    headers = {"authorization": f"Bearer {token('ada')}"}

    with serving(environment, tmp_path) as server:
        account = server.ask(OPEN, token("ada"))["openAccount"]["account"]["id"]
        query = f'subscription {{ walletEntryAdded(accountId: "{account}", after: 0) {{ id }} }}'
        url = server.url.replace("http", "ws")
        async with (
            connect(url, subprotocols=[PROTOCOL], additional_headers=headers, proxy=None) as socket,
            httpx.AsyncClient(trust_env=False) as http,
            http.stream(
                "POST",
                server.url,
                json={"query": query},
                headers={**headers, "accept": "text/event-stream"},
            ) as stream,
        ):
            lines = stream.aiter_lines()
            assert await anext(lines) == "event: next"
            await socket.send('{"type": "connection_init"}')
            subscribe = {"type": "subscribe", "id": "1", "payload": {"query": query}}
            await socket.send(json.dumps(subscribe))
            await socket.recv()
            assert json.loads(await socket.recv())["type"] == "next"

            started = time.monotonic()
            code = await asyncio.to_thread(server.stop)
            seconds = time.monotonic() - started
            rest = [line async for line in lines]
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()

    assert code == 0
    assert seconds < 5
    assert "event: complete" not in rest
    assert closed.value.rcvd is not None and closed.value.rcvd.code in (1001, 1012)
    assert "Traceback" not in server.errors
