"""The schema as it is handed to front ends: exported, described, and as they rely on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_specified_directive,
    is_specified_scalar_type,
)

from schema.federation import subgraph_sdl
from schema.schema import schema

EXPORTED = Path(__file__).parents[2] / "schema.graphql"
SCHEMA = build_schema(schema.as_str())


def members(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """Whatever can have a description, with its schema coordinate."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(kind):
            continue
        yield name, kind
        parts: dict[str, Any] = getattr(kind, "fields", None) or getattr(kind, "values", {})
        for part_name, part in parts.items():
            yield f"{name}.{part_name}", part
            yield from arguments(f"{name}.{part_name}", part)
    for directive in schema.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive
            yield from arguments(f"@{directive.name}", directive)


def arguments(name: str, owner: object) -> Iterator[tuple[str, Any]]:
    owned: dict[str, Any] = getattr(owner, "args", {})
    return ((f"{name}({argument}:)", value) for argument, value in owned.items())


def test_the_exported_schema_is_the_one_that_is_served() -> None:
    exported = EXPORTED.read_text(encoding="utf-8").rstrip("\n")

    assert exported == schema.as_str().rstrip("\n"), "run `make schema`"


def test_everything_in_the_schema_is_described() -> None:
    assert undescribed(SCHEMA) == []


def test_what_is_not_described_is_found_wherever_it_stands() -> None:
    made_up = build_schema("""
        directive @cost(weight: Int) on FIELD_DEFINITION
        scalar Time
        interface Node { id: ID }
        enum Status { OPEN }
        union Subject = Job
        input Wanted { title: String }
        type Job implements Node { id: ID }
        type Query { jobs(wanted: Wanted): [Job] }
        type Mutation { post(title: String): Subject }
        type Subscription { posted(from: Time): Status }
    """)

    assert set(undescribed(made_up)) == {
        *("@cost", "@cost(weight:)", "Time", "Node", "Node.id", "Status", "Status.OPEN", "Subject"),
        *("Wanted", "Wanted.title", "Job", "Job.id", "Query", "Query.jobs", "Query.jobs(wanted:)"),
        *("Mutation", "Mutation.post", "Mutation.post(title:)"),
        *("Subscription", "Subscription.posted", "Subscription.posted(from:)"),
    }


def test_descriptions_are_sentences() -> None:
    wrong = [name for name, member in members(SCHEMA) if not _is_sentence(member.description)]

    assert wrong == []


def test_every_mutation_takes_one_input_with_a_key_and_answers_a_union_with_its_success() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        capitalized = name[0].upper() + name[1:]
        assert {n: str(a.type) for n, a in field.args.items()} == {"input": f"{capitalized}Input!"}
        assert str(field.type) == f"{capitalized}Result"
        input: Any = SCHEMA.type_map[f"{capitalized}Input"]
        assert str(input.fields["idempotencyKey"].type) == "String!"
        union: Any = SCHEMA.type_map[f"{capitalized}Result"]
        success, *errors = union.types
        assert success.name == f"{capitalized}Success"
        assert str(success.fields["replayed"].type) == "Boolean!"
        assert {error.interfaces[0].name for error in errors} == {"UserError"}
        assert {"InvalidInput", "IdempotencyKeyReused", "TryAgain"} <= {e.name for e in errors}


def test_every_list_that_grows_is_a_connection() -> None:
    """Others are bounded by what they are: a price list, a lot's draws, 1,000 rows."""
    bounded = {
        *("Query.nodes", "Query.connectsPackages", "Query.costRules", "User.accounts"),
        *("Entry.draws", "Entry.entryDraws", "Wallet.expiring", "InsufficientConnects.packages"),
        *("ConnectsPackage.forKinds", "Job.skills", "Freelancer.skills"),
        *("InvalidInput.fields", "InvalidField.path", "Job.connectsToBoost"),
        *("Statement.spentByAction", "Statement.paid", "Checkpoint.proof", "Wallet.spending"),
    }
    lists = {
        f"{name}.{field_name}"
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
        for field_name, field in kind.fields.items()
        if str(field.type).startswith("[") and not name.endswith("Connection")
    }

    assert lists == bounded


def test_every_connection_is_read_from_either_end() -> None:
    paged = {
        f"{name}.{field_name}": {argument: str(a.type) for argument, a in field.args.items()}
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType)
        for field_name, field in kind.fields.items()
        if str(field.type).rstrip("!").endswith("Connection")
    }
    paging = {"first": "Int", "after": "String", "last": "Int", "before": "String"}

    assert len(paged) >= 9
    assert {name for name, given in paged.items() if not paging.items() <= given.items()} == set()


def undescribed(schema: GraphQLSchema) -> list[str]:
    return [name for name, member in members(schema) if not (member.description or "").strip()]


def _is_sentence(text: str) -> bool:
    return text[0] == text[0].upper() and text.endswith((".", "!", ".)"))


def test_what_may_be_left_out_has_no_default_of_null() -> None:
    """A generator makes a null of it, and its clients send that."""
    assert "= null" not in schema.as_str()
    assert "= null" not in subgraph_sdl()
