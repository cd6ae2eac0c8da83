"""Without introspection, nothing tells what the schema holds."""

import json

import pytest

from tests.schema.callers import Api

ALMOST = [
    ("{ viewr { name } }", "viewer"),
    ("{ viewer { nam } }", "name"),
    ("{ connectsPackages(accountKnd: CLIENT) { connects } }", "accountKind"),
    ("{ connectsPackages(accountKind: CLENT) { connects } }", "CLIENT"),
    ("query($x: AccountKnd) { connectsPackages(accountKind: $x) { connects } }", "AccountKind"),
    ("{ node(id: 1) { ... on Wallt { available } } }", "Wallet"),
    ("{ viewer { available } }", "Wallet"),
    ("{ __typename @includ(if: true) }", '"include"'),
]
WRONG_VARIABLES = [
    ("query($x: AccountKind) { connectsPackages(accountKind: $x) { connects } }", "CLENT"),
    (
        "query($x: EntryFilter)"
        " { node(id: 1) { ... on Wallet { entries(filter: $x) { nodes { id } } } } }",
        {"knds": []},
    ),
]


async def test_names_that_are_nearly_right_are_suggested_unless_introspection_is_off(
    api: Api, subtests: pytest.Subtests
) -> None:
    closed = api.with_operations(introspection=False)
    suggested = 0

    for document, name in ALMOST:
        with subtests.test(document):
            open_message = (await api.nobody.fail(document))["message"]
            closed_message = (await closed.nobody.fail(document))["message"]

            suggested += "Did you mean" in open_message
            assert "Did you mean" not in closed_message
            assert name not in closed_message
    assert suggested >= 5


async def test_variables_are_given_no_hint_either(api: Api, subtests: pytest.Subtests) -> None:
    closed = api.with_operations(introspection=False)

    for document, value in WRONG_VARIABLES:
        with subtests.test(str(value)):
            answer = await closed.nobody.send(document, {"x": value})

            assert "Did you mean" not in answer.text
            assert "kinds" not in answer.text and "CLIENT" not in answer.text


async def test_the_schema_is_not_told(api: Api, subtests: pytest.Subtests) -> None:
    closed = api.with_operations(introspection=False)

    for document in (
        "{ __schema { types { name } } }",
        '{ __type(name: "Wallet") { name } }',
        "{ ...A } fragment A on Query { __schema { queryType { name } } }",
    ):
        with subtests.test(document):
            answer = await closed.nobody.post(json.dumps({"query": document}))

            assert "data" not in answer.json()
            assert "introspection" in answer.json()["errors"][0]["message"].lower()
    assert await closed.nobody.ask("{ __typename }") == {"__typename": "Query"}
