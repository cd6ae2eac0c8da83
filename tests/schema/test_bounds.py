"""Every list that a caller gives has a bound, which its description tells and which is kept."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
    is_list_type,
)

from models.rules.actions import ConnectsAction
from models.rules.kinds import EntryKind, JobStatus
from resolvers.inputs import COUNTRIES_ASKED, SKILLS, WRONG_FIELDS
from schema.federation import REPRESENTATIONS, subgraph_schema
from schema.query import NODES
from schema.schema import schema
from serving.internals.strawberry import graphql_schema_of
from serving.operations.answers import ERRORS
from serving.operations.bounds import LONGEST, most_of
from serving.operations.throttle import Rate, Throttle
from serving.operations.variables import CHARACTERS, VALUES
from tests.clocks import ManualClock
from tests.schema.callers import Api, Json, Member

Place = GraphQLArgument | GraphQLInputField


def lists(graphql_schema: GraphQLSchema) -> Iterator[tuple[str, Place]]:
    """Every argument and input field that is a list, with its schema coordinate."""
    for name, kind in graphql_schema.type_map.items():
        if name.startswith("__"):
            continue
        places: dict[str, Place] = {}
        if isinstance(kind, GraphQLInputObjectType):
            places = {f"{name}.{field}": place for field, place in kind.fields.items()}
        elif isinstance(kind, GraphQLObjectType):
            places = {
                f"{name}.{field_name}({argument}:)": place
                for field_name, field in kind.fields.items()
                for argument, place in field.args.items()
            }
        for path, place in places.items():
            if is_list_type(get_nullable_type(place.type)):
                yield path, place


BOUNDS = {
    "FreelancerFilter.skills": SKILLS,
    "FreelancerFilter.countries": COUNTRIES_ASKED,
    "JobFilter.skills": SKILLS,
    "JobFilter.statuses": len(JobStatus),
    "EntryFilter.kinds": len(EntryKind),
    "EntryFilter.actions": len(ConnectsAction),
    "PostJobInput.skills": SKILLS,
    "FreelancerProfileInput.skills": SKILLS,
    "Query.nodes(ids:)": NODES,
    "Query._entities(representations:)": REPRESENTATIONS,
}


def test_every_list_has_a_bound_that_its_description_tells() -> None:
    found = {**dict(lists(graphql_schema_of(schema))), **dict(lists(subgraph_schema()))}

    assert {path: most_of(place) for path, place in found.items()} == BOUNDS
    assert max(BOUNDS.values()) <= LONGEST
    for path, place in found.items():
        most = f"{BOUNDS[path]:,}"
        described = (place.description or "").lower()
        assert f"up to {most} " in re.sub("[.,]", " ", f"{described} ") or (
            f"at most {most} " in described
        ), path


FOUND = {
    "freelancers": "query($f: FreelancerFilter) { freelancers(filter: $f) { nodes { id } } }",
    "jobs": "query($f: JobFilter) { jobs(filter: $f) { nodes { id } } }",
    "entries": """query($id: ID!, $f: EntryFilter) { node(id: $id) { ... on Account {
        wallet { entries(filter: $f) { nodes { kind } } } } } }""",
}
FILTERS: list[tuple[str, str, list[str], int]] = [
    ("freelancers", "skills", ["html"], SKILLS),
    ("freelancers", "countries", ["DE", "FR"], COUNTRIES_ASKED),
    ("jobs", "skills", ["html"], SKILLS),
    ("jobs", "statuses", ["OPEN", "AWARDED"], len(JobStatus)),
    ("entries", "kinds", ["GRANT", "SPEND"], len(EntryKind)),
    ("entries", "actions", ["POST_JOB"], len(ConnectsAction)),
]


async def test_a_filter_takes_as_many_values_as_it_says_and_names_what_has_more(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    await clara.new_job()

    for name, field, words, most in FILTERS:
        for length in (most + 1, 11_000):
            with subtests.test(name, field=field, length=length):
                given = (words * length)[:length]
                error = await ask(clara, name, {field: given})

                told = error["errors"][0]["extensions"]
                assert told["code"] == "INVALID_INPUT"
                (first, *_) = told["fields"]
                assert first["path"] == ["filter", field]
                assert str(most) in first["message"] and str(length) in first["message"]
        with subtests.test(name, field=field, length=most):
            assert "errors" not in await ask(clara, name, {field: (words * most)[:most]})


async def ask(member: Member, name: str, filter: Json) -> Any:
    """The answer of one of FOUND, the caller's own entries among them."""
    answer = await member.send(FOUND[name], {"id": member.account_id, "f": filter})
    return answer.json()


async def test_repeats_in_a_filter_change_nothing(api: Api) -> None:
    clara = await api.client()
    await clara.new_job()

    once = await ask(clara, "entries", {"kinds": ["SPEND"], "actions": ["POST_JOB"]})
    often = await ask(clara, "entries", {"kinds": ["SPEND"] * 9, "actions": ["POST_JOB"] * 4})

    assert once["data"] == often["data"]
    assert once["data"]["node"]["wallet"]["entries"]["nodes"] == [{"kind": "SPEND"}]


async def test_a_list_in_a_document_is_bounded_with_it(api: Api, subtests: pytest.Subtests) -> None:
    for arguments, path, most in (
        ("freelancers(filter: {countries: %s})", "filter.countries", COUNTRIES_ASKED),
        ("nodes(ids: %s)", "ids", NODES),
    ):
        with subtests.test(path):
            too_many = json.dumps(["DE"] * (most + 1))
            error = await api.nobody.fail(f"{{ {arguments % too_many} {{ __typename }} }}")

            assert error["message"] == f"{path}: may be at most {most}, not {most + 1}"
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
    default = json.dumps(["DE"] * (LONGEST + 1))
    document = f"query($c: [String!] = {default}) " + (
        "{ freelancers(filter: {countries: $c}) { __typename } }"
    )
    assert "$c: may be at most" in (await api.nobody.fail(document))["message"]


async def test_what_is_too_large_is_named_and_nothing_happens(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    job = {"accountId": clara.account_id, "title": "A", "description": "B", "idempotencyKey": "k"}
    document = "mutation($input: PostJobInput!) { postJob(input: $input) { __typename } }"
    for fields, message in (
        ({"skills": ["a"] * (VALUES + 1)}, f"{VALUES:,} values; $input.skills has {VALUES + 1:,}"),
        ({"description": "x" * CHARACTERS}, f"{CHARACTERS:,} characters"),
        ({"k" * 9_000: 1, "title": "x" * 9_000}, "names of 200 characters"),
    ):
        with subtests.test(message):
            async with api.unchanged():
                answer = await clara.send(document, {"input": job | fields})

            (error,) = answer.json()["errors"]
            assert message in error["message"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_at_most_ten_faults_are_told(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    refused = await clara.post_job(skills=["x" * 51] * SKILLS)
    assert len(refused["fields"]) == WRONG_FIELDS

    document = "query($f: FreelancerFilter) { freelancers(filter: $f) { __typename } }"
    for value in ({f"k{n}": 1 for n in range(500)}, {"skills": [1] * 500}):
        with subtests.test(str(value)[:20]):
            body = (await clara.send(document, {"f": value})).json()

            assert len(body["errors"]) == WRONG_FIELDS
            assert "data" not in body
    unknown = "{ " + " ".join(f"unknown{n}" for n in range(500)) + " }"
    assert len((await clara.send(unknown)).json()["errors"]) == WRONG_FIELDS


async def test_an_answer_has_no_more_errors_than_it_may(api: Api) -> None:
    asked = " ".join(f"a{n}: nodes(ids: $ids) {{ id }}" for n in range(5))

    answer = await api.nobody.send(f"query($ids: [ID!]!) {{ {asked} }}", {"ids": ["x"] * NODES})

    errors = answer.json()["errors"]
    assert len(errors) == ERRORS
    assert errors[-1]["message"] == f"{5 * NODES - ERRORS + 1} more errors were omitted."


async def test_large_variables_cost_points_before_anything_is_done(
    api: Api, clock: ManualClock
) -> None:
    throttled = api.with_operations(throttle=Throttle(Rate(1_000, 1), clock))
    document = "query($f: FreelancerFilter) { freelancers(filter: $f) { __typename } }"

    async def available(filter: Json) -> int:
        answer = (await throttled.nobody.send(document, {"f": filter})).json()
        left = answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"]
        assert isinstance(left, int)
        return left

    await available({})
    before = await available({})
    small = before - await available({"text": "a" * 9_000})
    large = before - small - await available({"skills": ["a"] * 11_000})

    assert small <= 3
    assert 110 <= large <= 120


async def test_strings_that_nothing_has_are_refused_by_their_length(
    api: Api, subtests: pytest.Subtests
) -> None:
    for document, message in (
        ("query($x: ID!) { node(id: $x) { id } }", "is not an id of this service"),
        ("query($x: String) { jobs(after: $x) { __typename } }", "is not a cursor of this list"),
        (
            'query($x: DateTime!) { node(id: "x") { ... on Wallet { availableAt(time: $x) } } }',
            "DateTime must be",
        ),
    ):
        with subtests.test(document):
            error = await api.nobody.fail(document, x="A" * 290_000)

            assert message in error["message"]
            assert len(error["message"]) < 200


async def test_introspection_stands_alone(api: Api) -> None:
    error = await api.nobody.fail("{ __schema { queryType { name } } viewer { name } }")

    assert "__schema" in error["message"]
    assert await api.nobody.ask('{ __typename __type(name: "Job") { name } }') == {
        "__typename": "Query",
        "__type": {"name": "Job"},
    }


async def test_json_of_too_many_values_is_not_read(api: Api, subtests: pytest.Subtests) -> None:
    for values in ("[]," * 300_000, "1," * 300_000, '{"a":1},' * 100_000):
        with subtests.test(values[:8]):
            body = '{"query": "{ __typename }", "variables": {"x": [' + values + "1]}}"
            answer = await api.nobody.post(body)

            assert answer.status_code == 400
            assert "commas and opening brackets" in answer.json()["errors"][0]["message"]


async def test_a_query_string_of_many_parameters_is_refused(api: Api) -> None:
    for accept in ("application/json", "text/html"):
        answer = await api.http.get(
            "/graphql?" + "&".join(["a=1"] * 10_000), headers={"accept": accept}
        )

        assert answer.status_code == 400
        assert "at most 50 parameters" in answer.json()["errors"][0]["message"]
