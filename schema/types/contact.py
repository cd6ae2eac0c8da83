"""Contacts: unlocked contact details."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from models import tables
from schema.context import Info
from schema.ids import global_id
from schema.types.freelancer import Freelancer
from schema.types.node import Node
from schema.types.scalars import Instant

if TYPE_CHECKING:
    from schema.types.account import Account
    from schema.types.wallet import Entry


@strawberry.type(description="An account has unlocked a freelancer's contact details.")
class Contact(Node):
    row: strawberry.Private[tables.Contact]
    message: str | None = strawberry.field(description="What the account wrote to the freelancer.")
    created_at: Instant = strawberry.field(description="When it was unlocked.")

    @classmethod
    def of(cls, row: tables.Contact) -> "Contact":
        return cls(
            id=global_id("Contact", row.id),
            row=row,
            message=row.message,
            created_at=Instant(row.created_at),
        )

    @strawberry.field(description="The account that unlocked them.")
    async def account(
        self, info: Info
    ) -> Annotated["Account", strawberry.lazy("schema.types.account")]:
        from schema.types.account import account_type

        return await account_type(info, self.row.account_id)

    @strawberry.field(description="Whose contact details were unlocked.")
    async def freelancer(self, info: Info) -> Freelancer:
        row = await info.context.services.loaders.freelancers.load(self.row.freelancer_id)
        assert row is not None
        return Freelancer.of(row)

    @strawberry.field(description="What it cost; null where it was free.")
    async def entry(
        self, info: Info
    ) -> Annotated["Entry", strawberry.lazy("schema.types.wallet")] | None:
        from schema.types.wallet import paying_entry

        return await paying_entry(info, self.row.account_id, self.row.id)
