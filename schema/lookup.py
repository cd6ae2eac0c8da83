"""Fetching anything by its global id, as far as the viewer may see it."""

from typing import Annotated

import strawberry
from graphql import GraphQLError

from schema.context import Info
from schema.ids import parse_id
from schema.types.node import Node, visible


async def node_of(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
) -> Node | None:
    """The node that `id` names; None where there is none, or none that the viewer may see.

    Raises a GraphQL error with code BAD_USER_INPUT for what is not an id.
    """
    parsed = parse_id(id)
    if parsed is None:
        raise GraphQLError(
            f"{id[:50]!r} is not an id of this service.", extensions={"code": "BAD_USER_INPUT"}
        )
    return await visible(info, parsed)
