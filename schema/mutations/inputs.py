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
        description="The amount in the minor unit of the currency by ISO 4217, such as cents: 1 "
        "or more."
    )
    currency: str = strawberry.field(
        default="USD", description="The ISO 4217 code of a currency in use."
    )


@strawberry.input(description="The public profile of a freelancer or an agency.")
class FreelancerProfileInput:
    title: str = strawberry.field(description="The professional title: 1 to 200 characters.")
    overview: str = strawberry.field(
        default="", description="The description of the freelancer's work: up to 20,000 characters."
    )
    skills: list[str] = strawberry.field(
        description=f"The skills: up to {SKILLS}, of 1 to {SKILL_LENGTH} characters each.",
        metadata=at_most(SKILLS),
    )
    hourly_rate: MoneyInput | None = strawberry.field(default=None, description="The hourly rate.")
    country: str | None = strawberry.field(
        default=None, description="The country as an ISO 3166-1 alpha-2 code, such as DE."
    )
    available_now: bool = strawberry.field(
        default=True, description="Whether the freelancer can start immediately."
    )
    email: str | None = strawberry.field(
        default=None,
        description="The e-mail address, shown only to accounts that unlock the contact details.",
    )
    phone: str | None = strawberry.field(
        default=None,
        description="The phone number, shown only to accounts that unlock the contact details.",
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
