"""Purchases."""

import strawberry

from models import tables
from models.money import Money as MoneyRow
from schema.context import Info
from schema.ids import global_id
from schema.members import members_of
from schema.types.enums import PurchaseStatus
from schema.types.lot import Lot
from schema.types.money import ConnectsPackage, Money, money_type
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType, by_id, linked
from schema.types.scalars import Instant
from serving.execution.attributes import attribute


@strawberry.type(description="A purchase of Connects.")
class Purchase(Node):
    row: strawberry.Private[tables.Purchase]
    quantity: int = strawberry.field(description="The number of packages.")
    connects: int = strawberry.field(description="The total number of Connects.")
    total: Money = strawberry.field(description="The total price.")
    status: PurchaseStatus = strawberry.field(description="The status.")
    purchase_status: PurchaseStatus = strawberry.field(
        resolver=attribute("status"), description=SAME_AS.format("status")
    )
    created_at: Instant = strawberry.field(description="When the purchase was made.")

    @classmethod
    def of(cls, row: tables.Purchase, _info: Info) -> "Purchase":
        total = money_type(MoneyRow(row.total_minor, row.currency))
        assert total is not None
        return cls(
            id=global_id("Purchase", row.id),
            row=row,
            quantity=row.quantity,
            connects=row.connects,
            total=total,
            status=row.status,
            created_at=Instant(row.created_at),
        )

    async def _package(self, info: Info) -> ConnectsPackage:
        package: ConnectsPackage = await linked(info, "ConnectsPackage", self.row.package_id)
        return package

    connects_package: ConnectsPackage = strawberry.field(
        resolver=_package, description="The package that was bought."
    )
    package: ConnectsPackage = strawberry.field(
        resolver=_package,
        description="The package that was bought.",
        deprecation_reason="Use `connectsPackage`.",
    )

    @strawberry.field(description="The lot that the purchase credited. Null until it is paid.")
    async def lot(self, info: Info) -> Lot | None:
        loaders = info.context.services.loaders
        entry = await loaders.paying_entries.load((self.row.account_id, self.row.id))
        if entry is None:
            return None
        lot: Lot = await linked(info, "Lot", entry.account_id, entry.sequence)
        return lot


NODE_TYPES["Purchase"] = NodeType(
    by_id(lambda loaders: loaders.purchases), Purchase.of, members_of("account_id")
)
