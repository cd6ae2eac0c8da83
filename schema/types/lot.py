"""Lots: Connects that came in together."""

import strawberry

from models.rules import facts
from models.rules.instants import FOREVER
from schema.context import Info
from schema.ids import global_id
from schema.members import members_of
from schema.types.enums import LotSource
from schema.types.node import NODE_TYPES, Node, NodeType, by_sequence
from schema.types.scalars import Instant


@strawberry.type(description="Connects that came in together.")
class Lot(Node):
    source: LotSource = strawberry.field(description="Where they came from.")
    granted: int = strawberry.field(description="How many Connects came in.")
    remaining: int = strawberry.field(description="How many of them are left to spend.")
    created_at: Instant = strawberry.field(description="When they came in.")
    expires_at: Instant | None = strawberry.field(
        description="When what remains lapses; null where it never does."
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


NODE_TYPES["Lot"] = NodeType(
    by_sequence(lambda loaders: loaders.lots),
    Lot.of,
    members_of("account_id"),
    has_sequence=True,
)
