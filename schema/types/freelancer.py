"""Public profiles, and the contact details that have to be unlocked."""

import strawberry

from models import tables
from models.money import money_or_none
from resolvers import access
from schema.context import Info
from schema.ids import global_id
from schema.types.lazy import LazyAccount
from schema.types.money import Money, money_type
from schema.types.node import NODE_TYPES, Node, NodeType, by_id, linked
from schema.types.scalars import Instant
from serving.execution.attributes import attribute


@strawberry.type(description="A freelancer's contact details.")
class ContactDetails:
    email: str | None = strawberry.field(description="The e-mail address.")
    phone: str | None = strawberry.field(description="The phone number.")


@strawberry.type(description="The public profile of a freelancer's or an agency's account.")
class Freelancer(Node):
    row: strawberry.Private[tables.Freelancer]
    title: str = strawberry.field(description="The professional title.")
    overview: str = strawberry.field(description="The description of the freelancer's work.")
    skills: list[str] = strawberry.field(description="The freelancer's skills.")
    hourly_rate: Money | None = strawberry.field(
        description="The hourly rate. Null if the freelancer gave none."
    )
    country: str | None = strawberry.field(
        description="The country as an ISO 3166-1 alpha-2 code, such as DE."
    )
    rating: float | None = strawberry.field(
        description="The rating by clients, 0 to 5. Null before the first rating."
    )
    available_now: bool = strawberry.field(
        description="Whether the freelancer can start immediately."
    )
    created_at: Instant = strawberry.field(
        resolver=attribute("row.created_at"), description="When the profile was made."
    )

    @classmethod
    def of(cls, row: tables.Freelancer, _info: Info) -> "Freelancer":
        rate = money_or_none(row.hourly_rate_minor, row.hourly_rate_currency)
        return cls(
            id=global_id("Freelancer", row.account_id),
            row=row,
            title=row.title,
            overview=row.overview,
            skills=row.skills,
            hourly_rate=money_type(rate),
            country=row.country,
            rating=row.rating,
            available_now=row.available_now,
        )

    @strawberry.field(description="The account that the profile belongs to.")
    async def account(self, info: Info) -> LazyAccount:
        account: LazyAccount = await linked(info, "Account", self.row.account_id)
        return account

    @strawberry.field(
        description="The contact details. Null unless one of the viewer's accounts has unlocked "
        "them or owns the profile."
    )
    async def contact_details(self, info: Info) -> ContactDetails | None:
        context = info.context
        if not await access.may_see_contact_details(
            context.services, context.user, self.row.account_id
        ):
            return None
        return ContactDetails(email=self.row.email, phone=self.row.phone)


NODE_TYPES["Freelancer"] = NodeType(by_id(lambda loaders: loaders.freelancers), Freelancer.of)
