"""Fetching anything by its global id, as far as the viewer may see it."""

from typing import Annotated

import strawberry

from models.rules.refusals import InvalidInput, InvalidReason
from schema.context import Info
from schema.ids import GlobalId, parse_id
from schema.types.node import Node, visible


async def node_of(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
) -> Node | None:
    """The node that `id` names; None where there is none, or none that the viewer may see.

    Raises InvalidInput for what is not an id.
    """
    return await visible(info, _named(id, "id"))


async def node_at(info: Info, id: str, path: str) -> Node | None:
    """The same for an id that stands at a dotted `path` of the arguments."""
    return await visible(info, _named(id, path))


def _named(id: str, path: str) -> GlobalId:
    parsed = parse_id(id)
    if parsed is None:
        message = f"{id[:50]!r} is not an id of this service"
        raise InvalidInput.at(path, message, InvalidReason.NOT_AN_ID)
    return parsed
