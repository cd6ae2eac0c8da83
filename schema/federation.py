"""The schema as a subgraph of Apollo Federation 2.

Made of the plain schema's own types, which stay as they are. Strawberry's own federation writes its
directives into the classes, and so into the plain schema too.
"""

import asyncio
from dataclasses import replace
from typing import Any, Final, cast

from graphql import (
    DefinitionNode,
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
    parse,
    print_ast,
)

from models.rules.refusals import InvalidField, InvalidInput, InvalidReason
from schema.context import ConnectsContext, Info
from schema.ids import parse_id
from schema.lookup import node_at
from schema.schema import schema
from schema.types.node import Node
from serving.internals.strawberry import graphql_schema_of, lend_converters
from serving.operations.bounds import at_most

REPRESENTATIONS: Final = 1_000
"""How many entities may be asked for at once. Gateways ask for those of a whole answer."""
ENTITIES: Final = ("Account", "Freelancer", "Job")
_DIRECTIVES: Final = {
    **dict.fromkeys(ENTITIES, '@key(fields: "id")'),
    # Other subgraphs have lists, too.
    "PageInfo": "@shareable",
}
# 2.4 is the first version whose subgraphs may have subscriptions.
_LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.4", '
    'import: ["@key", "@shareable"])'
)


def subgraph_sdl() -> str:
    """The plain schema's SDL with what the gateway needs to know: the entities and their keys."""
    document = parse(schema.as_str(), no_location=True)
    return "\n\n".join((_LINK, *(print_ast(_marked(part)) for part in document.definitions)))


def subgraph_schema() -> GraphQLSchema:
    """The plain schema with the two fields that a gateway asks for: `_service`, `_entities`."""
    plain = graphql_schema_of(schema)
    assert plain.query_type is not None
    query = plain.query_type.to_kwargs()
    query["fields"] = {
        **plain.query_type.fields,
        "_service": _service(subgraph_sdl()),
        "_entities": _entities(plain),
    }
    kwargs = plain.to_kwargs()
    kwargs["query"] = GraphQLObjectType(**query)
    kwargs["types"] = tuple(t for t in plain.type_map.values() if t is not plain.query_type)
    subgraph = GraphQLSchema(**kwargs)
    lend_converters(subgraph, schema)
    return subgraph


def _marked(definition: DefinitionNode) -> DefinitionNode:
    """The definition with its directives.

    They are not in an `extend type`, where @shareable would not be about the type's own fields.
    """
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    text = _DIRECTIVES.get(definition.name.value, "")
    (other,) = parse(f"type Other {text}", no_location=True).definitions
    assert isinstance(other, ObjectTypeDefinitionNode)
    directives = (*(definition.directives or ()), *(other.directives or ()))
    return replace(definition, directives=directives)


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
