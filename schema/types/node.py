"""The Node interface of Relay, and the registry of all types that implement it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

import strawberry

from models.store.batching import BatchLoader
from models.store.loaders import Loaders, Sequenced
from schema.context import Info
from schema.ids import GlobalId

ID: Final = "The global ID. Opaque, and never reused."
SAME_AS: Final = "Same as `{}`. Needs no alias where several types are selected at once."
"""Of a field whose other name has values of another type in another type of an interface or union.

It is called by the type's name and the other name, such as `jobStatus`.
"""


@strawberry.interface(description="An object that can be fetched by its global ID.")
class Node:
    id: strawberry.ID = strawberry.field(description=ID)


class NodeType(NamedTuple):
    """How the objects of a type are found.

    `load` gives the row that an id names, or None. `make` turns a row into the object. `may_see`
    says whether the viewer may see the row; None: everybody may. `has_sequence`: the type's ids
    carry a sequence.
    """

    load: Callable[[Info, GlobalId], Awaitable[Any]]
    make: Callable[[Any, Info], Any]
    may_see: Callable[[Info, Any], Awaitable[bool]] | None = None
    has_sequence: bool = False


def by_id(
    loader: Callable[[Loaders], BatchLoader[UUID, Any]],
) -> Callable[[Info, GlobalId], Awaitable[Any]]:
    """Loads a row by the UUID in its id."""
    return lambda info, name: loader(info.context.services.loaders).load(name.id)


def by_sequence(
    loader: Callable[[Loaders], BatchLoader[Sequenced, Any]],
) -> Callable[[Info, GlobalId], Awaitable[Any]]:
    """Loads a row by the account and the sequence in its id."""
    return lambda info, name: loader(info.context.services.loaders).load(
        (name.id, name.sequence or 0)
    )


NODE_TYPES: Final[dict[str, NodeType]] = {}
"""Filled by the modules of the types as they are imported."""


async def linked(info: Info, type_name: str, id: UUID, sequence: int | None = None) -> Any:
    """The object that a row refers to. Whoever sees the row may see what it refers to."""
    node_type = NODE_TYPES[type_name]
    global_id = GlobalId(type_name, id, sequence)
    row = await node_type.load(info, global_id)
    assert row is not None, f"the database has each {type_name} that a row refers to"
    return node_type.make(row, info)


async def visible(info: Info, global_id: GlobalId) -> Node | None:
    """The object that an id names; None where there is none that the viewer may see."""
    node_type = NODE_TYPES.get(global_id.type_name)
    if node_type is None or (global_id.sequence is not None) is not node_type.has_sequence:
        return None
    row = await node_type.load(info, global_id)
    if row is None or (node_type.may_see and not await node_type.may_see(info, row)):
        return None
    node: Node = node_type.make(row, info)
    return node
