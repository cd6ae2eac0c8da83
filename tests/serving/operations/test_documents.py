"""GraphQL documents and variables that are wrong: named as such, and nothing is done."""

import gc
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from graphql import Token

from schema.schema import schema
from serving.operations import documents
from serving.operations.documents import Documents, Rejected
from serving.operations.remembered import ENTRY_WEIGHT
from tests.schema.callers import Api, Json, Member
from tests.schema.graphql_texts import MUTATIONS


def nested(depth: int, opening: str, closing: str, inside: str) -> str:
    return opening * depth + inside + closing * depth


REFUSED = {
    *("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "DOCUMENT_TOO_LARGE", "BAD_REQUEST"),
}
WRONG_DOCUMENTS = [
    *("x", "{", "}", "query", "fragment A on Query { x }", "{ x }", "type A { b: Int }", "#"),
    *("{ viewer }", "{ viewer { x } }", "{ node { id } }", "{ __typename(x: 1) }", "{ ...A }"),
    *('{ node(id: "\ud800") { id } }', '{ node(id: "\\ud800") { id } }', "{ \ud800 }", "{ \0 }"),
    '{ node(id: """\ud800""") { id } }',
    "query($x: Nonsense) { viewer { id } }",
    "query($id: Int!) { node(id: $id) { id } }",
    "{ ...A } fragment A on Query { ...A }",
    "{ __typename @x }",
    "{ __typename " + "a: __typename " * 5_000 + "}",
    nested(10_000, "{ viewer ", "}", "{ id }"),
    nested(2_000, "{a", "}", ""),
    nested(10_000, "[", "]", "").join(("{ node(id: ", ") { id } }")),
    nested(10_000, "{a: ", "}", "1").join(("{ node(id: ", ") { id } }")),
    nested(10_000, "[", "]", "Int").join(("query($x: ", ") { viewer { id } }")),
    "{ viewer " + nested(190, "{ accounts { freelancer { account ", "}}}", "{ id }") + "}",
]
WRONG_OPERATIONS = [
    {"query": "query A { __typename } query B { __typename }"},
    {"query": "query A { __typename } query B { __typename }", "operationName": ""},
    {"query": "query A { __typename } query B { __typename }", "operationName": "C"},
    {"query": "query A { __typename }", "operationName": "B"},
    {"query": "query A { __typename }", "operationName": "\ud800"},
]


async def test_a_wrong_document_is_refused_as_such(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()

    for document in WRONG_DOCUMENTS:
        with subtests.test(document=document[:60]):
            await assert_refused(clara, {"query": document})


async def test_which_operation_to_run_must_be_clear(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()

    for request in WRONG_OPERATIONS:
        with subtests.test(request=request):
            await assert_refused(clara, request)


async def assert_refused(member: Member, request: Json) -> None:
    answer = await member.post(json.dumps(request))

    body = answer.json()
    assert answer.status_code in (200, 400)
    assert "data" not in body
    for error in body["errors"]:
        assert error["extensions"]["code"] in REFUSED
        assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
        assert "Traceback" not in error["message"]


async def test_of_several_operations_the_named_one_is_run(api: Api) -> None:
    query = "query A { a: __typename } query B { b: __typename }"

    answer = await api.nobody.post(json.dumps({"query": query, "operationName": "B"}))

    assert answer.json()["data"] == {"b": "Query"}


def job_with(**values: object) -> Json:
    return {"accountId": "x", "title": "A", "description": "B", "idempotencyKey": "k", **values}


WRONG_INPUTS: list[tuple[Any, str]] = [
    (None, "$input"),
    (1, "$input"),
    ("x", "$input"),
    ([], "$input"),
    ({}, "accountId"),
    (job_with(unknown=1), "unknown"),
    (job_with(**{"\ud800": 1}), "$input"),
    (job_with(title=None), ".title"),
    (job_with(title=1), ".title"),
    (job_with(title=["A"]), ".title"),
    (job_with(skills=[None]), ".skills[0]"),
    (job_with(skills=None), ".skills"),
    (job_with(skills=[["a"]]), ".skills[0]"),
    (job_with(budget={}), ".budget"),
    (job_with(budget={"amountMinor": 1.5}), ".budget.amountMinor"),
    (job_with(budget={"amountMinor": "1"}), ".budget.amountMinor"),
    (job_with(budget={"amountMinor": True}), ".budget.amountMinor"),
    (job_with(budget={"amountMinor": 2**53}), ".budget.amountMinor"),
    (job_with(budget={"amountMinor": -(2**53)}), ".budget.amountMinor"),
    (job_with(budget={"amountMinor": 10**30}), ".budget.amountMinor"),
    (job_with(budget={"amountMinor": 1, "currency": None}), ".budget.currency"),
    (job_with(expectedConnects=2**31), ".expectedConnects"),
    (job_with(expectedConnects="1"), ".expectedConnects"),
    (job_with(accountId=1.5), ".accountId"),
    (job_with(accountId={"id": "x"}), ".accountId"),
]


async def test_a_variable_of_a_wrong_type_is_named(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()

    for input, named in WRONG_INPUTS:
        with subtests.test(named, input=repr(input)[:80]):
            async with api.unchanged():
                answer = await clara.send(MUTATIONS["postJob"], {"input": input})

            errors = answer.json()["errors"]
            assert {error["extensions"]["code"] for error in errors} == {
                "GRAPHQL_VALIDATION_FAILED"
            }
            assert named in errors[0]["message"]
            assert not answer.json().get("data")


async def test_deeply_nested_variables_are_refused(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()

    for depth in (50, 150, 250, 500, 1000):
        for value in (nested(depth, "[", "]", "1"), nested(depth, '{"a": ', "}", "1")):
            with subtests.test(value[:8], depth=depth):
                input = json.dumps(job_with(skills="HERE")).replace('"HERE"', value)
                async with api.unchanged():
                    answer = await clara.post(
                        json.dumps({"query": MUTATIONS["postJob"], "variables": "HERE"}).replace(
                            '"HERE"', f'{{"input": {input}}}'
                        )
                    )

                assert answer.status_code in (200, 400)
                codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
                assert codes <= {"GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST"}


NO_TIMES: list[object] = [
    *("2026-11-22T09:30:00", "2026-11-22", "09:30:00Z", "2026-11-22T25:00:00Z", "", "now"),
    *("2026-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "\0", "\ud800"),
    *("2026-11-22T09:30:00+99:00", "-2026-11-22T09:30:00Z", "2026-11-22T09:30:00 Europe/Berlin"),
    *(0, 1795339800, 1.5, True, ["2026-11-22T09:30:00Z"], {}, "2" * 10_000),
]


async def test_a_time_that_is_none_is_named(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()

    for time in NO_TIMES:
        with subtests.test(time=repr(time)[:40]):
            error = await clara.fail(
                """query($id: ID!, $time: DateTime!) {
                    node(id: $id) { ... on Account { wallet { availableAt(time: $time) } } }
                }""",
                id=clara.account_id,
                time=time,
            )

            assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
            assert "'$time' has invalid value: DateTime must be " in error["message"]


async def test_a_time_in_the_document_that_is_none_is_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()

    for time in ('"2026-11-22T09:30:00"', '"\\u0000"', "5", "NOW", "null", "[]", "{}"):
        with subtests.test(time):
            wallet = f"wallet {{ availableAt(time: {time}) }}"
            error = await clara.fail(
                f"query($id: ID!) {{ node(id: $id) {{ ... on Account {{ {wallet} }} }} }}",
                id=clara.account_id,
            )

            assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_only_valid_documents_are_remembered_and_only_so_much_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "REMEMBERED_WEIGHT", 2 * (ENTRY_WEIGHT + 20))
    known = Documents(schema._schema, introspection=True)
    texts = ["{ __typename }".ljust(18 + n) for n in range(3)]
    wrong = ["{ x }", "{", "{" + "a " * 2_000 + "}"]

    for text in (*texts[:2], *wrong):
        with suppress(Rejected):
            known.document(text)
    assert [known.knows(text) for text in (*texts, *wrong)] == [True, True] + [False] * 4
    known.document(texts[0])
    known.document(texts[2])

    assert [known.knows(text) for text in texts] == [True, False, True]


@pytest.fixture
def no_looks_for_garbage() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.slow
@pytest.mark.usefixtures("no_looks_for_garbage")
def test_forgotten_documents_leave_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "REMEMBERED_WEIGHT", 20 * ENTRY_WEIGHT)
    monkeypatch.setattr(documents, "COLLECTED_LENGTH", 5_000)
    known = Documents(schema._schema, introspection=True)
    gc.collect()
    before = tokens()

    known.document("{ viewer { name } a: __typename }")
    of_one = tokens() - before
    for number in range(500):
        known.document(f"{{ viewer {{ name }} a{number}: __typename }}")

    assert 0 < tokens() - before < 250 * of_one


def tokens() -> int:
    """How many are in memory. They name one another in circles."""
    return sum(type(one) is Token for one in gc.get_objects())
