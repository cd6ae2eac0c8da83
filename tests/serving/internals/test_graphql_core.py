"""What serving/internals/graphql_core.py takes from graphql-core does what plans need of it."""

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLUnionType,
    OperationDefinitionNode,
    VariableValues,
    build_schema,
    parse,
)

from serving.internals import graphql_core

SCHEMA = build_schema("""
    type Query { numbered(number: Int): Pet, pet: Pet, named(word: String = "none"): Cat }
    union Pet = Cat | Dog
    type Cat { name: String }
    type Dog { name: String }
    type Stone { name: String }
""")
SOME: list[Any] = [[], (), "text"]
QUERY = "query ($a: Int = 7) { pet { __typename ... on Cat { name } } }"


def operation(text: str) -> OperationDefinitionNode:
    (node,) = parse(text).definitions
    assert isinstance(node, OperationDefinitionNode)
    return node


def collected(text: str) -> tuple[OperationDefinitionNode, Any]:
    node = operation(text)
    assert SCHEMA.query_type is not None
    fields = graphql_core.collect_fields(
        SCHEMA, {}, VariableValues({}, {}), SCHEMA.query_type, node, False
    )
    return node, fields.grouped_field_set


def test_fields_are_collected_under_the_names_of_the_answer() -> None:
    node, grouped = collected(QUERY)
    cat = SCHEMA.get_type("Cat")
    assert isinstance(cat, GraphQLObjectType)

    inner = graphql_core.collect_subfields(
        SCHEMA, {}, VariableValues({}, {}), node, cat, grouped["pet"], False
    ).grouped_field_set

    assert list(grouped) == ["pet"]
    assert [one.node.name.value for one in grouped["pet"]] == ["pet"]
    assert list(inner) == ["__typename", "name"]


def test_a_variable_has_a_signature_with_its_name_type_and_default() -> None:
    (definition,) = operation(QUERY).variable_definitions or ()

    signature = graphql_core.get_variable_signature(SCHEMA, definition)

    assert isinstance(signature, graphql_core.GraphQLVariableSignature)
    assert (signature.name, signature.type) == ("a", GraphQLInt)
    assert signature.default is not None
    assert graphql_core.coerce_default_value(signature) == 7


@pytest.mark.parametrize(("value", "completed"), [(3, 3), (True, 1)])
def test_a_leaf_is_completed_without_an_executor(value: object, completed: object) -> None:
    assert graphql_core.complete_leaf_value(GraphQLInt, value) == completed


def test_a_value_that_a_scalar_has_no_form_for_is_an_error() -> None:
    with pytest.raises(GraphQLError, match="Int cannot represent"):
        graphql_core.complete_leaf_value(GraphQLInt, "x")


def test_a_type_is_told_by_its_name_with_nothing_of_an_executor_but_the_schema() -> None:
    executor: Any = SimpleNamespace(schema=SCHEMA)
    pet = SCHEMA.get_type("Pet")
    assert isinstance(pet, GraphQLUnionType)
    (field,) = operation("{ pet { __typename } }").selection_set.selections
    assert isinstance(field, FieldNode)
    info: Any = SimpleNamespace(parent_type=SCHEMA.query_type, field_name="pet")

    found = graphql_core.runtime_type(executor, "Cat", pet, [field], info, {})

    assert found is SCHEMA.get_type("Cat")
    for wrong in ("Stone", "Nothing", None):
        with pytest.raises(GraphQLError) as caught:
            graphql_core.runtime_type(executor, wrong, pet, [field], info, {})
        assert caught.value.nodes == [field]


async def test_what_is_gathered_comes_in_order_and_one_error_cancels_the_rest() -> None:
    async def given(value: int) -> int:
        if value < 0:
            raise ValueError("less than 0")
        return value

    assert await graphql_core.gather_with_cancel(given(1), given(2)) == [1, 2]
    with pytest.raises(ValueError, match="less than 0"):
        await graphql_core.gather_with_cancel(given(1), given(-1))


def test_paths_are_linked_from_the_last_key_to_the_first() -> None:
    path = graphql_core.Path(graphql_core.Path(None, "pets", "Query"), 0, None)

    assert path.as_list() == ["pets", 0]


def test_lists_are_told_from_texts_and_values_are_shown_as_errors_show_them() -> None:
    assert [graphql_core.is_iterable(value) for value in SOME] == [True, True, False]
    assert graphql_core.inspect({"a": [1]}) == "{'a': [1]}"
