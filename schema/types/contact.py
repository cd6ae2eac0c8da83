"""Contacts: unlocked contact details."""

import strawberry

from models import tables
from schema.context import Info
from schema.ids import global_id
from schema.members import members_of_either
from schema.types.freelancer import Freelancer
from schema.types.lazy import LazyAccount, LazyEntry
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType, by_id, linked
from schema.types.paying_entry import paying_entry
from schema.types.scalars import Instant
from serving.execution.attributes import attribute


@strawberry.type(description="A record of an account that unlocked a freelancer's contact details.")
class Contact(Node):
    row: strawberry.Private[tables.Contact]
    message: str | None = strawberry.field(
        description="The account's message to the freelancer. Null if it sent none."
    )
    contact_message: str | None = strawberry.field(
        resolver=attribute("message"), description=SAME_AS.format("message")
    )
    created_at: Instant = strawberry.field(description="When the contact details were unlocked.")

    @classmethod
    def of(cls, row: tables.Contact, _info: Info) -> "Contact":
        return cls(
            id=global_id("Contact", row.id),
            row=row,
            message=row.message,
            created_at=Instant(row.created_at),
        )

    @strawberry.field(description="The account that unlocked the contact details.")
    async def account(self, info: Info) -> LazyAccount:
        account: LazyAccount = await linked(info, "Account", self.row.account_id)
        return account

    async def _freelancer(self, info: Info) -> Freelancer:
        freelancer: Freelancer = await linked(info, "Freelancer", self.row.freelancer_id)
        return freelancer

    freelancer: Freelancer = strawberry.field(
        resolver=_freelancer, description="The freelancer whose contact details were unlocked."
    )
    contact_freelancer: Freelancer = strawberry.field(
        resolver=_freelancer, description=SAME_AS.format("freelancer")
    )
    entry: LazyEntry | None = strawberry.field(
        resolver=paying_entry,
        description="The entry that charged for it. Null if it was free, or if the viewer is not a "
        "member of the account that paid.",
    )


NODE_TYPES["Contact"] = NodeType(
    by_id(lambda loaders: loaders.contacts),
    Contact.of,
    members_of_either("account_id", "freelancer_id"),
)
