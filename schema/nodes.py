"""The Node interface of Relay."""

import strawberry


@strawberry.interface(description="Anything that has a global id and can be fetched by it.")
class Node:
    id: strawberry.ID = strawberry.field(description="A global id: opaque, and never reused.")
