"""The schema as it is handed to front ends: exported, described, and as they rely on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import GraphQLObjectType, build_schema, is_specified_scalar_type

from schema.schema import schema

EXPORTED = Path(__file__).parents[2] / "schema.graphql"
SCHEMA = build_schema(schema.as_str())


def members() -> Iterator[tuple[str, Any]]:
    """Every type, field, argument, input field and enum value, with its path."""
    for name, kind in SCHEMA.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(kind):
            continue
        yield name, kind
        parts: dict[str, Any] = getattr(kind, "fields", None) or getattr(kind, "values", {})
        for part_name, part in parts.items():
            yield f"{name}.{part_name}", part
            arguments: dict[str, Any] = getattr(part, "args", {})
            for argument_name, argument in arguments.items():
                yield f"{name}.{part_name}({argument_name})", argument


def test_the_exported_schema_is_the_one_that_is_served() -> None:
    exported = EXPORTED.read_text(encoding="utf-8").rstrip("\n")

    assert exported == schema.as_str().rstrip("\n"), "run `make schema`"


def test_everything_in_the_schema_is_described() -> None:
    undescribed = [path for path, member in members() if not (member.description or "").strip()]

    assert undescribed == []


def test_descriptions_are_sentences() -> None:
    wrong = [path for path, member in members() if not _is_sentence(member.description)]

    assert wrong == []


def test_every_mutation_takes_one_input_with_a_key_and_answers_a_union_with_its_success() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        capitalized = name[0].upper() + name[1:]
        assert {n: str(a.type) for n, a in field.args.items()} == {"input": f"{capitalized}Input!"}
        assert str(field.type) == f"{capitalized}Result!"
        input: Any = SCHEMA.type_map[f"{capitalized}Input"]
        assert str(input.fields["idempotencyKey"].type) == "String!"
        union: Any = SCHEMA.type_map[f"{capitalized}Result"]
        success, *errors = union.types
        assert success.name == f"{capitalized}Success"
        assert str(success.fields["replayed"].type) == "Boolean!"
        assert {error.interfaces[0].name for error in errors} == {"UserError"}
        assert {"InvalidInput", "IdempotencyKeyReused", "TryAgain"} <= {e.name for e in errors}


def test_every_list_that_grows_is_a_connection() -> None:
    """Others are bounded by what they are: a price list, a lot's draws, twenty accounts."""
    bounded = {
        *("Query.nodes", "Query.connectsPackages", "Query.costRules", "User.accounts"),
        *("Entry.draws", "Wallet.expiring", "InsufficientConnects.packages"),
        *("ConnectsPackage.forKinds", "Job.skills", "Freelancer.skills"),
        *("InvalidInput.fields", "InvalidField.path"),
    }
    lists = {
        f"{name}.{field_name}"
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
        for field_name, field in kind.fields.items()
        if str(field.type).startswith("[") and not name.endswith("Connection")
    }

    assert lists == bounded


def _is_sentence(text: str) -> bool:
    return text[0] == text[0].upper() and text.endswith((".", "!", ".)"))
