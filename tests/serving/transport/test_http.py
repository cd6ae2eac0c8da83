"""GraphQL over HTTP: methods, query strings, media types, and the names of requests."""

import json

import httpx
import pytest

from tests.schema.callers import Api
from tests.schema.graphql_texts import MUTATIONS

QUERY = "{ __typename }"
GRAPHQL = "application/graphql-response+json"

WRONG_QUERY_STRINGS = [
    {},
    {"query": ""},
    {"query": QUERY, "variables": "x"},
    {"query": QUERY, "variables": "[]"},
    {"query": QUERY, "variables": "[" * 10_000 + "]" * 10_000},
    {"query": QUERY, "variables": "\ufffd"},
    {"query": QUERY, "extensions": "1"},
]


def code(answer: httpx.Response) -> object:
    """The code of the answer's error, which must carry the request's name too."""
    (error,) = answer.json()["errors"]
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    return error["extensions"]["code"]


async def test_only_get_and_post_are_taken(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    body = json.dumps({"query": MUTATIONS["postJob"], "variables": {"input": {}}})
    headers = {"content-type": "application/json", "authorization": f"Bearer {clara.token}"}

    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        with subtests.test(method):
            async with api.unchanged():
                answer = await api.http.request(method, "/graphql", content=body, headers=headers)

            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
            assert code(answer) == "BAD_REQUEST"


async def test_head_is_answered_as_get_is(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    subscription = "subscription { walletEntryAdded(accountId: 1) { id } }"

    for query, accept, status in (
        ("{ __typename }", "*/*", 200),
        ("{ __typename }", "text/event-stream", 200),
        ("{ x }", GRAPHQL, 400),
        ("mutation { x }", GRAPHQL, 400),
        (MUTATIONS["postJob"], GRAPHQL, 405),
        (subscription, "text/event-stream", 406),
    ):
        with subtests.test(query):
            headers = {"authorization": f"Bearer {clara.token}", "accept": accept}
            async with api.unchanged():
                answer = await api.http.request(
                    "HEAD", "/graphql", params={"query": query}, headers=headers
                )

            assert answer.status_code == status


async def test_a_query_can_be_asked_by_get(api: Api) -> None:
    answer = await api.http.get(
        "/graphql",
        params={
            "query": "query A($kind: AccountKind) {"
            " connectsPackages(accountKind: $kind) { connects } } query B { __typename }",
            "variables": '{"kind": "CLIENT"}',
            "operationName": "A",
        },
    )

    assert len(answer.json()["data"]["connectsPackages"]) == 5


async def test_a_mutation_by_get_is_refused(api: Api) -> None:
    clara = await api.client()
    document = f"""mutation {{ postJob(input: {{
        accountId: "{clara.account_id}", title: "A", description: "B", idempotencyKey: "job"
    }}) {{ __typename }} }}"""

    async with api.unchanged():
        answer = await api.http.get(
            "/graphql",
            params={"query": document},
            headers={"authorization": f"Bearer {clara.token}"},
        )

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert code(answer) == "BAD_REQUEST"
    assert await clara.ask(document) == {"postJob": {"__typename": "PostJobSuccess"}}


async def test_a_wrong_query_string_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for parameters in WRONG_QUERY_STRINGS:
        with subtests.test(parameters=str(parameters)[:60]):
            answer = await api.http.get("/graphql", params=parameters)

            assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_a_request_keeps_the_name_that_a_proxy_gave_it_unless_it_could_do_harm(
    api: Api, subtests: pytest.Subtests
) -> None:
    body = json.dumps({"query": "{ x }"})

    for name in ("abc-123._Z", "x" * 64):
        answer = await api.nobody.post(body, x_request_id=name)
        assert answer.headers["x-request-id"] == name
        assert code(answer) == "GRAPHQL_VALIDATION_FAILED"

    for name in ("", "a b", "x" * 65, '"', "<script>", "%0a", "a\tb"):
        with subtests.test(name):
            answer = await api.nobody.post(body, x_request_id=name)
            assert len(answer.headers["x-request-id"]) == 32
            assert code(answer) == "GRAPHQL_VALIDATION_FAILED"


async def test_the_media_type_decides_how_a_wrong_document_is_answered(
    api: Api, subtests: pytest.Subtests
) -> None:
    body = json.dumps({"query": "{ x }"})

    for accept, media_type, status in (
        (GRAPHQL, GRAPHQL, 400),
        (f"application/json, {GRAPHQL}", GRAPHQL, 400),
        ("application/json", "application/json", 200),
        ("*/*", "application/json", 200),
        ("text/html", "application/json", 200),
    ):
        with subtests.test(accept):
            answer = await api.nobody.post(body, accept=accept)

            assert answer.status_code == status
            assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
            assert answer.headers["vary"] == "Accept, Authorization"
            assert "data" not in answer.json()
