"""The Node interface of Relay."""

from typing import Final

import strawberry

ID: Final = "A global id: opaque, and never reused."


@strawberry.interface(description="Anything that has a global id and can be fetched by it.")
class Node:
    id: strawberry.ID = strawberry.field(description=ID)
