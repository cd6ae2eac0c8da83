"""Arguments are checked before a mutation runs: on a small schema of its own."""

from collections.abc import Mapping
from functools import wraps
from typing import Any, NamedTuple

import pytest
import strawberry
from graphql import ExecutionResult

from serving.execution.checks import checked
from serving.operations.documents import Documents


class Steps(NamedTuple):
    """A context: what was done, and how large a number may be."""

    done: list[str]
    most: int


def _small(context: Steps, arguments: Mapping[str, Any]) -> None:
    if arguments["how_many"] > context.most:
        raise ValueError(f"{arguments['how_many']} is too many")


def _even(_context: Steps, arguments: Mapping[str, Any]) -> None:
    if arguments["how_many"] % 2:
        raise ValueError(f"{arguments['how_many']} is odd")


def _wrapped(resolve: Any) -> Any:
    @wraps(resolve)
    async def wrapper(self: Any, how_many: int = 2) -> int:
        found: int = await resolve(self, how_many)
        return found

    return wrapper


@strawberry.type
class Thing:
    @strawberry.field
    @_wrapped
    @checked(_small)
    @checked(_even)
    async def count(self, how_many: int = 2) -> int:
        return how_many

    @strawberry.field
    async def free(self, how_many: int = 2) -> int:
        return how_many


@strawberry.type
class Query:
    @strawberry.field
    async def thing(self) -> Thing:
        return Thing()


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def make(self, info: strawberry.Info[Any, None], name: str = "it") -> Thing | None:
        info.context.done.append(name)
        return Thing()


documents = Documents(strawberry.Schema(Query, Mutation)._schema, introspection=True)


async def executed(document: str, **variables: Any) -> tuple[ExecutionResult, list[str]]:
    context: Any = Steps([], 10)
    plan = documents.document(document).operation(None).plan
    return await plan.execute(variables, context), context.done


@pytest.mark.parametrize(
    ("document", "variables", "messages"),
    [
        ("mutation { make { count(howMany: 12) } }", {}, ["12 is too many"]),
        ("mutation { make { count(howMany: 3) } }", {}, ["3 is odd"]),
        ("mutation($n: Int!) { make { count(howMany: $n) } }", {"n": 14}, ["14 is too many"]),
        ("mutation($n: Int! = 5) { make { count(howMany: $n) } }", {}, ["5 is odd"]),
        (
            "mutation { a: make { x: count(howMany: 3) y: count(howMany: 12) } b: make { free } }",
            {},
            ["3 is odd", "12 is too many"],
        ),
        (
            "mutation { a: make { ...F } b: make { ...F } } "
            "fragment F on Thing { count(howMany: 3) }",
            {},
            ["3 is odd"],
        ),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_runs(
    document: str, variables: dict[str, Any], messages: list[str]
) -> None:
    result, done = await executed(document, **variables)

    assert result.data is None
    assert result.errors is not None
    assert [str(error.original_error) for error in result.errors] == messages
    assert all(error.path is None and error.locations for error in result.errors)
    assert done == []


async def test_arguments_that_do_not_fit_their_type_are_found_first() -> None:
    document = "mutation($n: Int = 2) { a: make { free } b: make { free(howMany: $n) } }"

    result, done = await executed(document, n=None)

    assert (result.data, done) == (None, [])
    assert result.errors is not None and len(result.errors) == 1


async def test_what_is_right_runs_in_order() -> None:
    document = 'mutation { a: make(name: "a") { count(howMany: 4) } b: make(name: "b") { count } }'

    result, done = await executed(document)

    assert (result.data, done) == ({"a": {"count": 4}, "b": {"count": 2}}, ["a", "b"])


async def test_queries_leave_it_to_their_resolvers() -> None:
    result, _ = await executed("{ thing { count(howMany: 3) } }")

    assert (result.data, result.errors) == ({"thing": {"count": 3}}, None)


@pytest.mark.parametrize(
    "document",
    [
        "mutation { make { count } }",
        'mutation { make(name: "x") { free(howMany: 3) } }',
        "mutation($name: String!) { make(name: $name) { count } }",
        "{ thing { count(howMany: 3) } }",
    ],
)
def test_where_there_is_nothing_to_check_nothing_is_kept(document: str) -> None:
    plan = documents.document(document).operation(None).plan
    plan.prepare()

    (planned,) = plan._variants.values()

    assert planned is not None
    assert planned.checked == []
