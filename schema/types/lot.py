"""Lots: Connects that came in together."""

import strawberry

from models.rules import facts
from models.rules.instants import FOREVER
from resolvers import access, wallets
from schema.context import Info
from schema.ids import GlobalId, global_id
from schema.types.enums import LotSource
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType
from schema.types.scalars import Instant
from serving.execution.attributes import attribute


@strawberry.type(description="A lot: Connects that were credited together and expire together.")
class Lot(Node):
    source: LotSource = strawberry.field(description="The source of the Connects.")
    granted: int = strawberry.field(description="The number of Connects credited.")
    remaining: int = strawberry.field(description="The number of Connects left to spend.")
    created_at: Instant = strawberry.field(description="When the Connects were credited.")
    expires_at: Instant | None = strawberry.field(
        description="When the remaining Connects expire. Null if they never do."
    )
    lot_expires_at: Instant | None = strawberry.field(
        resolver=attribute("expires_at"), description=SAME_AS.format("expiresAt")
    )

    @classmethod
    def of(cls, row: facts.Lot, _info: Info) -> "Lot":
        return cls(
            id=global_id("Lot", row.account_id, row.sequence),
            source=LotSource(row.source),
            granted=row.granted,
            remaining=row.remaining,
            created_at=Instant(row.created_at),
            expires_at=Instant(row.expires_at) if row.expires_at < FOREVER else None,
        )


async def _load(info: Info, name: GlobalId) -> facts.Lot | None:
    """What is due is booked for members only: reading makes nothing for an outsider."""
    context = info.context
    if not await access.is_member(context.services, context.user, name.id):
        return None
    return await wallets.lot(context.services, context.moment, name.id, name.sequence or 0)


NODE_TYPES["Lot"] = NodeType(_load, Lot.of, has_sequence=True)
