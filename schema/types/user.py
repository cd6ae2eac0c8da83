"""The person who signs in."""

from typing import Final

import strawberry

from models import tables
from resolvers import listings
from schema.context import Info
from schema.ids import global_id
from schema.types.lazy import LazyAccount
from schema.types.node import NODE_TYPES, Node, NodeType, by_id
from schema.types.scalars import Instant
from serving.execution.attributes import attribute
from serving.operations.costs import holds

ACCOUNTS: Final = 2
"""Of how many accounts a person usually is a member, or of fewer; the most are ACCOUNTS_PER_USER.

All pages below count as often, so that 4 refused ordinary pages that really cost a handful.
"""


@strawberry.type(description="A person who signs in and is a member of accounts.")
class User(Node):
    row: strawberry.Private[tables.User]
    name: str = strawberry.field(description="The name from the user's first token.")
    email: str | None = strawberry.field(
        description="The e-mail address from the user's first token. Null unless the viewer is "
        "this user."
    )
    created_at: Instant = strawberry.field(
        resolver=attribute("row.created_at"), description="When the user first signed in."
    )

    @classmethod
    def of(cls, row: tables.User, info: Info) -> "User":
        viewer = info.context.user
        seen_by_self = viewer is not None and viewer.id == row.id
        return cls(
            id=global_id("User", row.id),
            row=row,
            name=row.name,
            email=row.email if seen_by_self else None,
        )

    @strawberry.field(
        description="The accounts that the user is a member of, oldest first. Empty unless the "
        "viewer is this user.",
        metadata=holds(ACCOUNTS),
    )
    async def accounts(self, info: Info) -> list[LazyAccount]:
        viewer = info.context.user
        if viewer is None or viewer.id != self.row.id:
            return []
        rows = await listings.accounts_of_user(info.context.services, self.row.id)
        make = NODE_TYPES["Account"].make
        return [make(row, info) for row in rows]


async def _is_viewer(info: Info, row: tables.User) -> bool:
    return info.context.user is not None and info.context.user.id == row.id


NODE_TYPES["User"] = NodeType(by_id(lambda loaders: loaders.users), User.of, _is_viewer)
