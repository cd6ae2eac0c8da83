"""The schema as a subgraph of Apollo Federation 2.

Made of the plain schema's own types, which stay as they are. Strawberry's own federation writes its
directives into the classes, and so into the plain schema too.
"""

import asyncio
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    FieldDefinitionNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    ObjectTypeDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
    print_ast,
)

from models.rules.refusals import InvalidField, InvalidInput, InvalidReason
from schema.context import ConnectsContext, Info
from schema.ids import parse_id
from schema.lookup import node_at
from schema.schema import schema
from schema.types.node import NODE_TYPES, Node
from serving.internals.strawberry import graphql_schema_of, lend_converters
from serving.operations.bounds import at_most
from serving.operations.costs import MUTATION_COST, PAGE_SIZE, is_connection, usual_size

T = TypeVar("T", ObjectTypeDefinitionNode, FieldDefinitionNode)

REPRESENTATIONS: Final = 1_000
"""How many entities may be asked for at once. Gateways ask for those of a whole answer."""
ENTITIES: Final = tuple(sorted(NODE_TYPES))
"""Every type with an id. All other types have no identity: they are values."""
LEFT_OUT: Final = frozenset({"node", "nodes"})
"""Fields of Query that only one subgraph can have: any subgraph would be asked for any id."""
_PAGE: Final = (
    f"@listSize(assumedSize: {PAGE_SIZE}, "
    'slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"], '
    "requireOneSlicingArgument: false)"
)
_SLICED: Final = (
    f'@listSize(assumedSize: {PAGE_SIZE}, slicingArguments: ["first"], '
    "requireOneSlicingArgument: false)"
)
# 2.9 is the first version with the directives of cost.
_LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@shareable", "@cost", "@listSize"])'
)


def subgraph_sdl() -> str:
    """The plain schema's SDL with what the gateway needs to know.

    That is the entities and their keys, which types are values, and what fields cost.
    """
    plain = graphql_schema_of(schema)
    document = parse(schema.as_str(), no_location=True)
    parts = (print_ast(_marked(plain, part)) for part in document.definitions)
    return "\n\n".join((_LINK, *parts))


def subgraph_schema() -> GraphQLSchema:
    """The plain schema with the two fields that a gateway asks for: `_service`, `_entities`.

    `node` and `nodes` are not in it.
    """
    plain = graphql_schema_of(schema)
    assert plain.query_type is not None
    query = plain.query_type.to_kwargs()
    query["fields"] = {
        **{name: field for name, field in plain.query_type.fields.items() if name not in LEFT_OUT},
        "_service": _service(subgraph_sdl()),
        "_entities": _entities(plain),
    }
    kwargs = plain.to_kwargs()
    kwargs["query"] = GraphQLObjectType(**query)
    kwargs["types"] = tuple(t for t in plain.type_map.values() if t is not plain.query_type)
    subgraph = GraphQLSchema(**kwargs)
    lend_converters(subgraph, schema)
    return subgraph


def _marked(plain: GraphQLSchema, definition: DefinitionNode) -> DefinitionNode:
    """The definition with its directives, and without what is left out.

    They are not in an `extend type`, where @shareable would not be about the type's own fields.
    """
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    kind = cast("GraphQLObjectType", plain.type_map[definition.name.value])
    fields = tuple(
        _with_directives(field, _cost_of(plain, kind, field.name.value))
        for field in definition.fields or ()
        if kind is not plain.query_type or field.name.value not in LEFT_OUT
    )
    return _with_directives(replace(definition, fields=fields), _identity_of(plain, kind))


def _identity_of(plain: GraphQLSchema, kind: GraphQLObjectType) -> str:
    """Whether a type is an entity, which one subgraph has, or a value, which others may have."""
    if kind.name in ENTITIES:
        return '@key(fields: "id")'
    roots = (plain.query_type, plain.mutation_type, plain.subscription_type)
    return "" if kind in roots else "@shareable"


def _cost_of(plain: GraphQLSchema, parent: GraphQLObjectType, name: str) -> str:
    """What a field costs more than one object, by the rules of `serving.operations.costs`."""
    field = parent.fields[name]
    kind = get_named_type(field.type)
    if parent is plain.mutation_type:
        return f"@cost(weight: {MUTATION_COST})"
    if is_connection(kind):
        return _PAGE
    if (
        is_connection(parent)
        or is_leaf_type(kind)
        or not is_list_type(get_nullable_type(field.type))
    ):
        return ""
    return _SLICED if "first" in field.args else f"@listSize(assumedSize: {usual_size(field)})"


def _with_directives(node: T, text: str) -> T:
    """The definition with the directives of `text` after its own."""
    return replace(node, directives=(*(node.directives or ()), *_directives_in(text)))


def _directives_in(text: str) -> tuple[ConstDirectiveNode, ...]:
    (definition,) = parse(f"type Any {text}", no_location=True).definitions
    assert isinstance(definition, ObjectTypeDefinitionNode)
    return definition.directives or ()


def _service(sdl: str) -> GraphQLField:
    service = GraphQLObjectType(
        "_Service",
        {
            "sdl": GraphQLField(
                GraphQLNonNull(GraphQLString),
                description="The schema with its federation directives.",
            )
        },
        description="What this subgraph says about itself.",
    )
    return GraphQLField(
        GraphQLNonNull(service),
        resolve=lambda *_: {"sdl": sdl},
        description="For the gateway: what this subgraph is.",
    )


def _entities(plain: GraphQLSchema) -> GraphQLField:
    entity = GraphQLUnionType(
        "_Entity",
        [cast("GraphQLObjectType", plain.type_map[name]) for name in ENTITIES],
        resolve_type=lambda value, *_: type(value).__name__,
        description="What other subgraphs can refer to.",
    )
    representation = GraphQLScalarType(
        "_Any",
        description="A reference to an entity: an object with its `__typename` and its `id`.",
    )
    return GraphQLField(
        GraphQLNonNull(GraphQLList(entity)),
        args={
            "representations": GraphQLArgument(
                GraphQLNonNull(GraphQLList(GraphQLNonNull(representation))),
                description=f"References to at most {REPRESENTATIONS:,} entities.",
                extensions=at_most(REPRESENTATIONS),
            )
        },
        resolve=_found,
        description="For the gateway: entities, in the order of the references to them; null where "
        "there is none, or where the reference is wrong, which an error says.",
    )


async def _found(
    _root: object, info: GraphQLResolveInfo[ConnectsContext], representations: list[object]
) -> list[Any]:
    """The entities, and in place of each malformed reference the error."""
    if len(representations) > REPRESENTATIONS:
        message = f"may be at most {REPRESENTATIONS}, not {len(representations)}"
        raise InvalidInput.at("representations", message, InvalidReason.TOO_MANY, REPRESENTATIONS)
    # Whatever finds a node asks Strawberry's Info for nothing that graphql-core's does not have.
    context_of = cast("Info", info)
    return await asyncio.gather(
        *(_entity(context_of, representation) for representation in representations),
        return_exceptions=True,
    )


async def _entity(info: Info, representation: object) -> Node | None:
    return await node_at(info, _id_in(representation), "representations")


def _id_in(representation: object) -> str:
    """The id that the representation gives. Raises InvalidInput."""
    if not isinstance(representation, dict):
        raise _wrong("A representation must be an object with __typename and id.")
    type_name, id = representation.get("__typename"), representation.get("id")
    if type_name not in ENTITIES:
        raise _wrong(f"A representation's __typename must be one of {', '.join(ENTITIES)}.")
    parsed = parse_id(id) if isinstance(id, str) else None
    if not isinstance(id, str) or parsed is None or parsed.type_name != type_name:
        raise _wrong(f"The id of a representation of {type_name} must be an id of that type.")
    return id


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(
        message, (InvalidField(("representations",), message, InvalidReason.NOT_AN_ID),)
    )
