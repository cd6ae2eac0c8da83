"""The largest and the worst values of each argument of the schema, and requests that have them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from serving.operations.bounds import most_of

Json = dict[str, Any]
Ids = dict[str, str]
"""An id of each type, and under the names of input fields."""


class Request(NamedTuple):
    """`about` names the argument and what its value is like. `operation` is query, and so on."""

    about: str
    operation: str
    document: str
    variables: Json


LONG: dict[str, Any] = {
    "as long as texts may be": "a" * 20_000,
    "as long as variables may be": "b" * 299_000,
    "blank": " " * 299_000,
    "too long": "c" * 900_000,
    "not storable": "\0" * 40_000,
    "beyond Latin": "é🙂" * 40_000,
    "made of surrogates": "\ud800" * 25_000,
}
OTHERS: dict[str, Any] = {
    "many digits": 10**4_000,
    "a large number": 1e308,
    "nested lists": [[[[[[[[[[1]]]]]]]]]],
    "many lists": [[]] * 11_000,
    "many fields": {f"k{number}": number for number in range(9_000)},
    "more fields": {f"k{number}": number for number in range(28_000)},
    "a long name": {"k" * 190: 1},
    "a longer name": {"k" * 900_000: 1},
    "many values": list(range(29_000)),
    "more values": list(range(140_000)),
}


def requests(schema: GraphQLSchema, ids: Ids) -> Iterator[Request]:
    """For each argument requests with each of its worst values, all others being right."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    for owner in schema.type_map.values():
        if not isinstance(owner, GraphQLObjectType) or owner.name.startswith("__"):
            continue
        for field_name, field in owner.fields.items():
            for name, argument in field.args.items():
                others = {
                    other: right(one.type, other, ids)
                    for other, one in field.args.items()
                    if other != name and is_required_argument(one)
                }
                declared = "".join(f", ${o}: {field.args[o].type}" for o in others)
                given = "".join(f", {o}: ${o}" for o in others)
                leaf = is_leaf_type(get_named_type(field.type))
                call = f"{field_name}({name}: $x{given}) {'' if leaf else _selected(field.type)}"
                operation = "query"
                if owner is schema.mutation_type:
                    operation = "mutation"
                elif owner is schema.subscription_type:
                    operation = "subscription"
                elif owner not in roots:
                    call = f'node(id: "{ids[owner.name]}") {{ ... on {owner.name} {{ {call} }} }}'
                document = f"{operation}($x: {argument.type}{declared}) {{ {call} }}"
                for label, value in worst(argument, name, ids):
                    about = f"{owner.name}.{field_name}({name}:) {label}"
                    yield Request(about, operation, document, {**others, "x": value})


def worst(
    place: GraphQLArgument | GraphQLInputField, name: str, ids: Ids
) -> Iterator[tuple[str, Any]]:
    """The largest values that an argument or an input field may have, and larger ones."""
    kind = get_nullable_type(place.type)
    yield from LONG.items()
    yield from OTHERS.items()
    if isinstance(kind, GraphQLList):
        most = most_of(place) or 0
        item = right(kind.of_type, name, ids)
        for length in (most, most + 1, 10 * most, 11_000):
            yield f"{length} values", [item] * length
            yield f"{length} wrong values", ["ZZ"] * length
        yield f"{most} long values", ["a" * 1_000] * min(most, 250)
    elif isinstance(kind, GraphQLInputObjectType):
        whole = right(kind, name, ids)
        for field_name, field in kind.fields.items():
            for label, value in worst(field, field_name, ids):
                yield f".{field_name} {label}", whole | {field_name: value}
        yield "unknown fields beside known ones", whole | OTHERS["many fields"]


def right(given: GraphQLInputType, name: str, ids: Ids) -> Any:
    """A small value of that type; of an input object, what it requires."""
    kind = get_nullable_type(given)
    if isinstance(kind, GraphQLList):
        return [right(kind.of_type, name, ids)]
    if isinstance(kind, GraphQLInputObjectType):
        return {
            field_name: right(field.type, field_name, ids)
            for field_name, field in kind.fields.items()
            if is_required_input_field(field)
        }
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    by_type = {
        "ID": ids.get(name, ids["Account"]),
        "Int": 1,
        "Float": 1.0,
        "Boolean": True,
        "DateTime": "2026-11-22T09:30:00Z",
    }
    return by_type.get(get_named_type(kind).name, "DE")


def _selected(kind: Any) -> str:
    name = get_named_type(kind).name
    if name.endswith("Result"):
        return "{ __typename ... on InvalidInput { message fields { path message } } }"
    return "{ __typename }"
