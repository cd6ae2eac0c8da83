"""Lots: Connects that came in together, and what was drawn from them."""

from functools import partial
from typing import Final

import strawberry

from models.rules import facts
from models.rules.instants import FOREVER
from resolvers import access, wallets
from resolvers.history import past
from schema.connections import CountedConnection, Order, Paging, paged
from schema.context import Info
from schema.ids import GlobalId, global_id
from schema.members import for_members
from schema.types.enums import LotSource
from schema.types.lazy import LazyDraw, LazyEntry
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType, linked
from schema.types.scalars import Instant
from serving.execution.attributes import attribute

_DRAWS: Final = Order[facts.Draw]("draws", (int,), lambda draw: (draw.sequence,))


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

    row: strawberry.Private[facts.Lot]
    upto: strawberry.Private[int | None] = None
    """The entry as of which it is shown; None: the wallet's newest in this operation."""

    @classmethod
    def of(cls, row: facts.Lot, _info: Info, upto: int | None = None) -> "Lot":
        return cls(
            row=row,
            upto=upto,
            id=global_id("Lot", row.account_id, row.sequence),
            source=LotSource(row.source),
            granted=row.granted,
            remaining=row.remaining,
            created_at=Instant(row.created_at),
            expires_at=Instant(row.expires_at) if row.expires_at < FOREVER else None,
        )

    @for_members("row.account_id")
    @paged(_DRAWS)
    async def _draws(self, info: Info, paging: Paging) -> CountedConnection[LazyDraw] | None:
        row, context = self.row, info.context
        order = _DRAWS.of(f"{row.account_id}.{row.sequence}")
        page = order.page(paging)
        upto = self.upto
        if upto is None:
            wallet = await wallets.of_moment(context.services, context.moment, row.account_id)
            upto = wallet.sequence
        rows = await past.draws(context.services, row, upto, page)
        count = partial(past.count_draws, context.services, row, upto)
        return order.counted(rows, Draw.of, count)

    draws: CountedConnection[LazyDraw] | None = strawberry.field(
        resolver=_draws,
        description="Where its Connects went: what each entry took from it, or, negative, gave "
        "back to it, newest first. Null to everybody but the members of its account.",
    )
    lot_draws: CountedConnection[LazyDraw] | None = strawberry.field(
        resolver=_draws, description=SAME_AS.format("draws")
    )


@strawberry.type(description="What an entry took from a lot.")
class Draw:
    row: strawberry.Private[facts.Draw]

    @classmethod
    def of(cls, row: facts.Draw) -> "Draw":
        return cls(row=row, connects=row.connects)

    connects: int = strawberry.field(
        description="How many Connects were taken; negative: given back."
    )

    @strawberry.field(description="The lot they were taken from.")
    async def lot(self, info: Info) -> Lot:
        lot: Lot = await linked(info, "Lot", self.row.account_id, self.row.lot_sequence)
        return lot

    @strawberry.field(description="The entry that took them, or gave them back.")
    async def entry(self, info: Info) -> LazyEntry:
        entry: LazyEntry = await linked(info, "Entry", self.row.account_id, self.row.sequence)
        return entry


async def _load(info: Info, name: GlobalId) -> facts.Lot | None:
    """What is due is booked for members only: reading makes nothing for an outsider."""
    context = info.context
    if not await access.is_member(context.services, context.user, name.id):
        return None
    return await wallets.lot(context.services, context.moment, name.id, name.sequence or 0)


NODE_TYPES["Lot"] = NodeType(_load, Lot.of, has_sequence=True)
