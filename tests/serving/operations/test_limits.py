"""How large a document may be, and that finding out takes no longer than reading it."""

import json

import pytest
from graphql import get_introspection_query, parse

from schema.context import ConnectsCaller, ConnectsContext
from schema.schema import schema
from serving.operations.limits import ALIASES, DEPTH, DIRECTIVES, FIELDS, REPEATS, size_errors
from serving.transport.bodies import GraphQLRequest
from tests.schema.callers import Api, operations_on


def chained_fragments(length: int, fan_out: int) -> str:
    """Fragments that each spread the next one `fan_out` times."""
    spread = " ".join(f"x{n}: viewer {{ ...F%d }}" for n in range(fan_out))
    chain = [f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(length)]
    return " ".join(
        [f"{{ {spread % ((0,) * fan_out)} }}", *chain, f"fragment F{length} on User {{ id }}"]
    )


def nested(depth: int) -> str:
    return "{" + "a {" * (depth - 1) + "id" + "}" * depth


def introspecting(depth: int) -> str:
    return "{ __schema { types " + "{ fields { type " * depth + "{ name }" + "}}" * depth + "}}"


ATTACKS = {
    "60 fragments, each spread twice by the one before": chained_fragments(60, 2),
    "90 fragments, each spread twice by the one before": chained_fragments(90, 2),
    "1,000 aliases": "{" + " ".join(f"a{n}: __typename" for n in range(1_000)) + "}",
    "aliases spread over fragments": "{"
    + " ".join(f"...F{n}" for n in range(20))
    + "}"
    + "".join(
        f"fragment F{n} on Query {{" + " ".join(f"a{n}_{m}: __typename" for m in range(20)) + "}"
        for n in range(20)
    ),
    "240 duplicate fields": "{" + "__typename " * 240 + "}",
    "240 duplicate fields in fragments": "{ viewer {" + "... on User { id } " * 240 + "} }",
    "one fragment spread 240 times": "{ viewer {" + "...F " * 240 + "} } fragment F on User { id }",
    "one directive 500 times": "{ __typename " + "@skip(if: false) " * 500 + "}",
    "an unknown directive 1,000 times": "{ __typename " + "@a " * 1_000 + "}",
    "a directive on each of 100 fields": "{"
    + " ".join(f"a{n}: __typename @skip(if: false)" for n in range(99))
    + "}",
    "250 fragments side by side": "{ viewer {"
    + " ".join(f"...F{n}" for n in range(250))
    + "} }"
    + "".join(f"fragment F{n} on User {{ id }}" for n in range(250)),
    "repeats in fragments that nothing spreads": "{ viewer { name } } fragment X on Query {"
    + " ".join(f"...F{n}" for n in range(90))
    + "}"
    + "".join(f"fragment F{n} on Query {{ viewer {{ name }} }}" for n in range(90)),
    "repeats side by side in fragments": "{"
    + " ".join(f"...F{n}" for n in range(90))
    + "}"
    + "".join(f"fragment F{n} on Query {{ viewer {{ name }} }}" for n in range(90)),
    "nested too deeply": nested(DEPTH + 1),
    "nested fragments": "{ viewer { ...F0 } }"
    + "".join(f"fragment F{n} on User {{ a {{ ...F{n + 1} }} }}" for n in range(DEPTH))
    + f"fragment F{DEPTH} on User {{ id }}",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_what_is_too_large_is_refused(attack: str) -> None:
    found = size_errors(parse(attack))

    assert found
    assert {(error.extensions or {})["code"] for error in found} == {"DOCUMENT_TOO_LARGE"}


async def test_an_attack_is_answered_with_its_name(api: Api, subtests: pytest.Subtests) -> None:
    for name, attack in {**ATTACKS, "introspection": introspecting(4)}.items():
        with subtests.test(name):
            answer = await api.nobody.send(attack)

            body = answer.json()
            assert "data" not in body
            assert len(body["errors"]) <= 5
            assert body["errors"][0]["extensions"]["code"] in (
                "DOCUMENT_TOO_LARGE",
                "GRAPHQL_VALIDATION_FAILED",
            )


async def test_fragments_in_a_circle_are_refused(api: Api, subtests: pytest.Subtests) -> None:
    for fragments in (
        "fragment A on Query { ...A }",
        "fragment A on Query { ...B __typename } fragment B on Query { ...A __typename }",
        "fragment A on Query { viewer { ...B } } fragment B on User { accounts { ...C } }"
        " fragment C on Account { freelancer { account { ...C } } }",
    ):
        with subtests.test(fragments[:40]):
            error = (await api.nobody.send("{ ...A } " + fragments)).json()["errors"][0]

            assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
            assert "itself" in error["message"]


def test_what_is_as_large_as_it_may_be_is_let_through(subtests: pytest.Subtests) -> None:
    as_large_as_may_be = {
        "depth": nested(DEPTH),
        "fields": "{" + " ".join(f"f{n}" for n in range(FIELDS)) + "}",
        "aliases": "{" + " ".join(f"a{n}: id" for n in range(ALIASES)) + "}",
        "repeats": "{" + "id " * (REPEATS + 1) + "}",
        "directives": "{ id " + "@a " * DIRECTIVES + "}",
    }
    one_more = {
        "depth": nested(DEPTH + 1),
        "fields": "{" + " ".join(f"f{n}" for n in range(FIELDS + 1)) + "}",
        "aliases": "{" + " ".join(f"a{n}: id" for n in range(ALIASES + 1)) + "}",
        "repeats": "{" + "id " * (REPEATS + 2) + "}",
        "directives": "{ id " + "@a " * (DIRECTIVES + 1) + "}",
    }

    for name, document in as_large_as_may_be.items():
        with subtests.test(name):
            assert size_errors(parse(document)) == []
            assert len(size_errors(parse(one_more[name]))) == 1


def test_each_fragment_is_measured_once_however_often_it_unfolds() -> None:
    """2**90 fields could not be counted one by one."""
    (fields, *_) = size_errors(parse(chained_fragments(90, 2)))

    assert "more than 1,000,000,000 fields" in fields.message


def test_only_the_larger_operations_of_a_document_are_named() -> None:
    document = "query Small { id } query Large " + nested(DEPTH + 1)

    (error,) = size_errors(parse(document))

    assert error.message == f"This is {DEPTH + 1} levels deep, and may be {DEPTH}."
    assert error.locations is not None and error.locations[0].column == 20


async def test_the_introspection_of_tools_is_let_through(api: Api) -> None:
    # Not over HTTP, where the tests look for what sounds like a name inside the server.
    operations = operations_on(schema._schema)
    context = ConnectsContext(api.services, ConnectsCaller(None, None, ""), "", [])
    query = get_introspection_query(input_value_deprecation=True)

    answer = await operations.execute(
        await operations.find(GraphQLRequest(query, {}, None), context), {}, context
    )

    data = json.loads(operations.to_json(answer, context))["data"]
    assert data["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}


async def test_a_batch_of_operations_is_refused(api: Api) -> None:
    answer = await api.nobody.post('[{"query": "{ __typename }"}, {"query": "{ __typename }"}]')

    assert answer.status_code == 400
    assert "object" in answer.json()["errors"][0]["message"]
