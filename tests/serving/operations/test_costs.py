"""What operations cost: tables of documents and their points."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, validate

from schema.schema import schema
from serving.operations.costs import LARGEST_COST, cost_of, in_points, nesting_of, objects_in
from tests.schema.callers import Api
from tests.schema.graphql_texts import MUTATIONS

ACCOUNT = '{ node(id: "x") { ... on Account { %s } } }'

COSTS: list[tuple[str, dict[str, Any], int]] = [
    ("{ __typename }", {}, 1),
    ("{ viewer { name } }", {}, 2),
    ("{ a: viewer { name } b: viewer { id email } }", {}, 3),
    ("{ viewer { accounts { name } } }", {}, 4),
    ("{ connectsPackages { connects price { formatted } } }", {}, 21),
    # a page: the page itself, its rows, and what each row has
    (ACCOUNT % "jobs { nodes { id } }", {}, 23),
    (ACCOUNT % "jobs(first: 5) { nodes { id } }", {}, 8),
    (ACCOUNT % "jobs(first: 5) { edges { cursor } }", {}, 8),
    (ACCOUNT % "jobs(first: 5) { edges { node { id } } pageInfo { endCursor } }", {}, 14),
    (ACCOUNT % "jobs(first: 5) { edges { node { account { id } } } }", {}, 18),
    (ACCOUNT % "jobs(last: 5) { nodes { id } }", {}, 8),
    (ACCOUNT % "jobs(first: 100) { nodes { proposals(first: 10) { nodes { id } } } }", {}, 1203),
    # other lists: what each usually holds, or what its argument says
    ('{ node(id: "x") { ... on Entry { draws { lot { id } } } } }', {}, 6),
    ('{ node(id: "x") { ... on Wallet { expiring { lot { id } } } } }', {}, 42),
    ('{ node(id: "x") { ... on Wallet { expiring(first: 3) { lot { id } } } } }', {}, 8),
    (
        'query($n: Int) { node(id: "x") { ... on Wallet { expiring(first: $n) { at } } } }',
        {"n": 100},
        102,
    ),
    ("{ costRules { connects } }", {}, 16),
    # sizes by variables, given, by default, missing and impossible
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {"n": 7}, 10),
    ("query($n: Int = 9) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {}, 12),
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {}, 23),
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {"n": None}, 23),
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {"n": 10**9}, 103),
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {"n": -5}, 3),
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {"n": [1]}, 103),
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {"n": "7"}, 103),
    ("query($n: Int) " + ACCOUNT % "jobs(first: $n) { nodes { id } }", {"n": 100.0}, 103),
    (ACCOUNT % "jobs(last: null, first: 100) { nodes { id } }", {}, 103),
    (ACCOUNT % "jobs(last: null, first: null) { nodes { id } }", {}, 23),
    (
        "query($l: Int, $f: Int) " + ACCOUNT % "jobs(last: $l, first: $f) { nodes { id } }",
        {"f": 100},
        103,
    ),
    (
        "query($l: Int = 50, $f: Int) " + ACCOUNT % "jobs(last: $l, first: $f) { nodes { id } }",
        {"f": None},
        53,
    ),
    # values under aliases
    (ACCOUNT % "jobs(first: 5) { nodes { a: id b: title c: account { d: id } } }", {}, 28),
    ('{ nodes(ids: ["a", "b", "c"]) { id } }', {}, 4),
    ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a", "b"]}, 3),
    ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": "a"}, 2),
    # one of several types: the dearest counts
    ('{ node(id: "x") { ... on User { accounts { id } } ... on Job { account { id } } } }', {}, 4),
    ('{ node(id: "x") { id ... on Job { account { id } } ... on Lot { id } } }', {}, 3),
    # fragments and directives
    ("{ viewer { ...F } } fragment F on User { accounts { id } }", {}, 4),
    ("{ viewer { ... { accounts { id } } } }", {}, 4),
    ("{ viewer { ... @include(if: false) { accounts { id } } } }", {}, 4),
    # mutations
    (MUTATIONS["postJob"], {}, 33),
    ("{ __schema { queryType { name } } }", {}, 100),
    ("{ __schema { types { fields { name } } } }", {}, 100),
]


@pytest.mark.parametrize(("document", "variables", "points"), COSTS)
def test_an_operation_costs_what_its_answer_may_hold(
    document: str, variables: dict[str, Any], points: int
) -> None:
    parsed = parse(document)
    assert validate(schema._schema, parsed) == []
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)

    cost = cost_of(schema._schema, parsed, operation)

    assert in_points(cost, variables) == points


@pytest.mark.parametrize(
    ("document", "data", "objects"),
    [
        ("{ a }", None, 0),
        ("{ a @skip(if: true) }", {}, 1),
        ("{ a b c }", {"a": 1, "b": None, "c": "x"}, 1),
        ("{ a { b { d } } c { d } }", {"a": {"b": {}}, "c": {}}, 4),
        ("{ a: x { ...F } } fragment F on T { ... { b { c } } }", {"a": {"b": {}}}, 3),
        ("{ a { b { d } } a { c { d } } }", {"a": {"b": {}, "c": {}}}, 4),
        ("{ a { ... on T { b { d } } ... on U { c { d } } } }", {"a": [{"b": {}}, {"c": {}}]}, 5),
        ("{ a { b { d } } }", {"a": {"b": None}}, 2),
        ("{ a }", {"a": [1, 2, None]}, 1),
        ("{ a { b } }", {"a": [{}, None, {}]}, 3),
        ("{ a { b { c } } }", {"a": [{}, None, {"b": [[{}], {}]}]}, 5),
        ("{ a { b } }", {"a": [[{}, {}], None, [], [{}]]}, 4),
    ],
)
def test_the_objects_of_an_answer_are_counted(document: str, data: Any, objects: int) -> None:
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)

    assert objects_in(data, nesting_of(parsed, operation)) == objects


async def test_an_answer_says_what_was_asked_for_and_what_came(api: Api) -> None:
    clara = await api.client()
    document = "query($id: ID!) " + ACCOUNT.replace('"x"', "$id") % "jobs { nodes { id } }"

    answer = await clara.send(document, {"id": clara.account_id})

    assert answer.json()["extensions"] == {
        "cost": {"requestedQueryCost": 23, "actualQueryCost": 3},
    }


async def test_what_costs_too_much_is_refused_before_anything_is_read(
    api: Api, subtests: pytest.Subtests
) -> None:
    """Fan-out of fan-out: on a large account this once held a server for minutes."""
    clara = await api.client()
    inner = "jobs(first: 50) { nodes { id } }"
    for _ in range(2):
        inner = f"jobs(first: $n) {{ nodes {{ account {{ {inner} }} }} }}"
    document = f"query($n: Int) {ACCOUNT % inner}"

    for variables, status in (({"n": 100}, 400), ({"n": 5}, 200)):
        with subtests.test(str(variables)):
            answer = await clara.send(document, variables)

            if status == 200:
                assert answer.json()["data"] == {"node": None} or "errors" in answer.json()
                continue
            (error,) = answer.json()["errors"]
            assert "data" not in answer.json()
            assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
            assert error["extensions"]["cost"] > LARGEST_COST
            assert error["extensions"]["maximumCost"] == LARGEST_COST
