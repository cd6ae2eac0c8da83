"""Pages of other sites: what they may send, and whether they may read the answer."""

import json

import pytest

from tests.schema.callers import Api

BODY = json.dumps({"query": "{ __typename }"})
SIMPLE_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
]


async def test_a_type_that_any_page_can_send_needs_a_header_that_it_cannot(
    api: Api, subtests: pytest.Subtests
) -> None:
    for content_type in SIMPLE_TYPES:
        with subtests.test(content_type):
            headers = {"content-type": content_type}
            posted = await api.http.post("/graphql", content=BODY, headers=headers)
            got = await api.http.get(
                "/graphql", params={"query": "{ __typename }"}, headers=headers
            )

            advice = (
                (posted, "Content-Type: application/json"),
                (got, "apollo-require-preflight"),
            )
            for answer, header in advice:
                assert answer.status_code == 415
                (error,) = answer.json()["errors"]
                assert error["extensions"]["code"] == "BAD_REQUEST"
                assert header in error["message"]


async def test_with_such_a_header_a_query_by_get_is_answered(api: Api) -> None:
    for name in ("Apollo-Require-Preflight", "X-Apollo-Operation-Name"):
        answer = await api.http.get(
            "/graphql",
            params={"query": "{ __typename }"},
            headers={"content-type": "text/plain", name: "1"},
        )

        assert answer.json()["data"] == {"__typename": "Query"}


async def test_a_query_by_get_without_a_type_is_answered(api: Api) -> None:
    answer = await api.http.get("/graphql", params={"query": "{ __typename }"})

    assert answer.json()["data"] == {"__typename": "Query"}
