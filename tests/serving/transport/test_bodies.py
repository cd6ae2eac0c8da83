"""Bodies of requests that are no GraphQL requests, or longer than this endpoint reads."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from serving.transport import http
from tests.schema.callers import Api

QUERY = "{ __typename }"
MEGABYTE = 1_000_000


def deep(depth: int) -> str:
    return "[" * depth + "]" * depth


NO_TEXT: tuple[object, ...] = (1, True, [], {}, ["A"])
NO_OBJECT: tuple[object, ...] = ("", "{}", 1, 0, True, [], [{}])
WRONG_BODIES: list[str | bytes] = [
    *("", " ", "x", "null", "1", "true", '"{ __typename }"', "[]", "{}", '{"query": 1', "{'a': 1}"),
    json.dumps([{"query": QUERY}, {"query": QUERY}]),
    *(json.dumps({"query": value}) for value in (*NO_TEXT, None, "")),
    json.dumps({"variables": {}}),
    *(json.dumps({"query": QUERY, "variables": value}) for value in NO_OBJECT),
    *(json.dumps({"query": QUERY, "operationName": value}) for value in NO_TEXT),
    *(json.dumps({"query": QUERY, "extensions": value}) for value in ("x", 1, True, [1])),
    *(f'{{"query": "{QUERY}", "variables": {{"x": {value}}}}}' for value in ("NaN", "1e400x")),
    *(f'{{"query": "{QUERY}", "{name}": {deep(10_000)}}}' for name in ("variables", "x")),
    f'{{"query": "{QUERY}", "variables": {{"x": 1{"0" * 400}}}}}',
    deep(10_000),
    deep(100_000) + '"\\ud800"',
    '{"\\ud800": ' + deep(50_000) + "}",
    b'{"query": "\xff"}',
    b"\xff\xfe{\x00}\x00",
    b'\xef\xbb\xbf{"query": 1}',
    b"\x00" * 1000,
]
WRONG_TYPES = [
    *("", "text/plain", "application/graphql", "application/x-www-form-urlencoded"),
    *("multipart/form-data; boundary=x", "application/jsonx", "application/json+x", "é", ";"),
]


async def test_a_body_that_is_no_graphql_request_is_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    for body in WRONG_BODIES:
        with subtests.test(body=body[:60]):
            answer = await api.nobody.post(body)

            assert answer.status_code == 400
            assert answer.json()["errors"][0]["extensions"] == {
                "code": "BAD_REQUEST",
                "requestId": answer.headers["x-request-id"],
            }
            assert "data" not in answer.json()


async def test_half_a_surrogate_pair_breaks_nothing(
    api: Api, subtests: pytest.Subtests, caplog: pytest.LogCaptureFixture
) -> None:
    half = "\ud800"
    for where, body in {
        "the query": {"query": half},
        "a name in the query": {"query": "{ " + half + " }"},
        "a variable": {
            "query": "query ($id: ID!) { node(id: $id) { id } }",
            "variables": {"id": half},
        },
        "a variable's name": {"query": QUERY, "variables": {half: half}},
        "operationName": {"query": QUERY, "operationName": half},
        "documentId": {"documentId": half},
        "sha256Hash": {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": half}}},
        "the hash of such a query": {
            "query": half,
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}},
        },
        "another extension": {"query": QUERY, "extensions": {half: half}},
        "another key": {"query": QUERY, half: half},
    }.items():
        with subtests.test(where):
            for accept in ("application/json", "application/graphql-response+json"):
                answer = await api.nobody.post(json.dumps(body), accept=accept)

                assert answer.status_code in (200, 400)
                assert "INTERNAL_SERVER_ERROR" not in answer.text
    for name in ("X-Request-ID", "Authorization"):
        with subtests.test(name):
            headers = {name.encode(): b"Bearer \xed\xa0\x80", b"content-type": b"application/json"}
            content = json.dumps({"query": QUERY})
            answer = await api.http.post("/graphql", content=content, headers=headers)

            assert answer.status_code == (200 if name == "X-Request-ID" else 401)
    assert not [record for record in caplog.records if record.exc_info]


async def test_only_json_is_taken(api: Api, subtests: pytest.Subtests) -> None:
    body = json.dumps({"query": QUERY})

    for content_type in WRONG_TYPES:
        with subtests.test(content_type):
            headers = {b"content-type": content_type.encode()}
            answer = await api.http.post("/graphql", content=body, headers=headers)

            assert answer.status_code == 415
            assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"

    charset = "Application/JSON ; charset=utf-8"
    assert (await api.nobody.post(body, content_type=charset)).status_code == 200


class Megabytes:
    """A body of so many megabytes; `sent` counts those that were asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.sent < self.count:
            self.sent += 1
            yield b" " * MEGABYTE


async def test_a_body_that_is_too_long_is_not_read(api: Api) -> None:
    announced, unannounced = Megabytes(50), Megabytes(50)
    headers = {"content-type": "application/json"}
    announcing = {**headers, "content-length": str(50 * MEGABYTE)}

    answers = [
        await api.http.post("/graphql", content=announced, headers=announcing),
        await api.http.post("/graphql", content=unannounced, headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [413, 413]
    assert [body.sent for body in (announced, unannounced)] == [0, 2]
    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["BAD_REQUEST"] * 2


async def test_a_megabyte_is_read_and_no_byte_more(api: Api) -> None:
    body = json.dumps({"query": QUERY})

    assert (await api.nobody.post(body.ljust(MEGABYTE))).status_code == 200
    assert (await api.nobody.post(body.ljust(MEGABYTE + 1))).status_code == 413


class Stuck:
    """A body whose first byte comes, and no other."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)


@pytest.mark.slow
async def test_a_body_that_does_not_come_is_not_waited_for(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READING_SECONDS", 0.1)

    headers = {"content-type": "application/json"}
    answer = await api.http.post("/graphql", content=Stuck(), headers=headers)

    assert answer.status_code == 408
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("batch", [[], [{"query": "{ __typename }"}], [[]]])
async def test_a_batch_is_refused_in_words(api: Api, batch: list[object]) -> None:
    answer = await api.nobody.post(json.dumps(batch))

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "batches are not taken" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "x/y"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_what_a_415_advises_is_taken(api: Api, method: str, content_type: str) -> None:
    """Whichever of the ways that it names."""
    given: dict[str, Any] = {"content": '{"query": "{ __typename }"}'}
    if method == "GET":
        given = {"params": {"query": "{ __typename }"}}
    headers = {"content-type": content_type}
    refused = await api.http.request(method, "/graphql", headers=headers, **given)
    if refused.status_code == 200:
        assert (method, content_type) == ("GET", "x/y")
        return

    assert refused.status_code == 415
    message = refused.json()["errors"][0]["message"]
    ways: list[dict[str, str]] = []
    if "Content-Type: application/json" in message:
        ways.append({"content-type": "application/json"})
    if "without Content-Type" in message:
        ways.append({})
    named = ("apollo-require-preflight", "x-apollo-operation-name")
    ways += [{**headers, name: "x"} for name in named if name in message]
    for way in ways:
        answer = await api.http.request(method, "/graphql", headers=way, **given)
        assert answer.json()["data"] == {"__typename": "Query"}, way
    assert len(ways) == (1 if method == "POST" else 3)
