"""Inputs that several mutations take."""

import strawberry

from models.money import Money
from resolvers.inputs import SKILL_LENGTH, SKILLS
from resolvers.open_account import Profile
from schema.types.scalars import MinorUnits
from serving.operations.bounds import at_most


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount_minor: MinorUnits = strawberry.field(
        description="The amount in the currency's minor unit by ISO 4217, such as cents: 1 or more."
    )
    currency: str = strawberry.field(
        default="USD", description="The ISO 4217 code of a currency in use."
    )


@strawberry.input(description="The public profile of a freelancer or an agency.")
class FreelancerProfileInput:
    title: str = strawberry.field(description="What they are: 1 to 200 characters.")
    overview: str = strawberry.field(
        default="", description="What they do: up to 20,000 characters."
    )
    skills: list[str] = strawberry.field(
        description=f"What they can do: up to {SKILLS} skills of 1 to {SKILL_LENGTH} characters.",
        metadata=at_most(SKILLS),
    )
    hourly_rate: MoneyInput | None = strawberry.field(
        default=None, description="What they ask for an hour's work."
    )
    country: str | None = strawberry.field(
        default=None, description="An ISO 3166-1 alpha-2 code, such as DE."
    )
    available_now: bool = strawberry.field(
        default=True, description="Whether they can start at once."
    )
    email: str | None = strawberry.field(
        default=None, description="An e-mail address, shown to accounts that unlock it."
    )
    phone: str | None = strawberry.field(
        default=None, description="A telephone number, shown to accounts that unlock it."
    )


def money_of(input: MoneyInput | None) -> Money | None:
    return Money(input.amount_minor, input.currency) if input else None


def profile_of(input: FreelancerProfileInput | None) -> Profile | None:
    if input is None:
        return None
    return Profile(
        title=input.title,
        overview=input.overview,
        skills=input.skills,
        hourly_rate=money_of(input.hourly_rate),
        country=input.country,
        available_now=input.available_now,
        email=input.email,
        phone=input.phone,
    )
