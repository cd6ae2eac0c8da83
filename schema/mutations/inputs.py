"""The inputs of the mutations. Every mutation takes one, with the caller's idempotency key."""

import dataclasses
from enum import Enum
from typing import Any, Final

import strawberry

from models.ledger.commands import Intent, request_hash
from models.rules.money import Money
from models.tables import User
from resolvers.inputs import SKILL_LENGTH, SKILLS
from resolvers.open_account import Profile
from schema.types.enums import AccountKind
from serving.operations.bounds import at_most

KEY = (
    "Your name for this one intent, 1 to 255 characters, unique among your calls. Repeat a call "
    "with the same key and you get its first outcome again; nothing is charged twice."
)
EXPECTED = (
    "The price in Connects that the person was shown. "
    "If it differs now, PriceChanged, and nothing happens."
)
_PLAIN: Final = frozenset({str, int, bool, type(None)})


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount_minor: int = strawberry.field(
        description="The amount in the currency's minor unit, such as cents: 1 or more."
    )
    currency: str = strawberry.field(default="USD", description="The ISO 4217 code.")


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


@strawberry.input(description="Opens an account.")
class OpenAccountInput:
    kind: AccountKind = strawberry.field(description="What it will do on the marketplace.")
    name: str = strawberry.field(description="Its public name: 1 to 200 characters.")
    idempotency_key: str = strawberry.field(description=KEY)
    profile: FreelancerProfileInput | None = strawberry.field(
        default=None,
        description="Its public profile: a freelancer needs one, an agency may have one.",
    )


@strawberry.input(description="Buys Connects.")
class BuyConnectsInput:
    account_id: strawberry.ID = strawberry.field(description="The account that buys.")
    package_id: strawberry.ID = strawberry.field(description="What it buys.")
    quantity: int = strawberry.field(default=1, description="How many packages: 1 to 100.")
    payment_method: str | None = strawberry.field(
        default=None,
        description="How it pays. The sandbox knows sandbox:ok (the default), sandbox:declined "
        "and sandbox:pending.",
    )
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="Posts a job.")
class PostJobInput:
    account_id: strawberry.ID = strawberry.field(description="The account that posts and pays.")
    title: str = strawberry.field(description="The work in a line: 1 to 200 characters.")
    description: str = strawberry.field(description="The work at length: 1 to 20,000 characters.")
    skills: list[str] = strawberry.field(
        default_factory=list,
        description=f"What it takes: up to {SKILLS} skills of 1 to {SKILL_LENGTH} characters.",
        metadata=at_most(SKILLS),
    )
    budget: MoneyInput | None = strawberry.field(
        default=None, description="What the owner means to pay."
    )
    idempotency_key: str = strawberry.field(description=KEY)
    expected_connects: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input(description="Submits a proposal.")
class SubmitProposalInput:
    account_id: strawberry.ID = strawberry.field(description="The account that proposes and pays.")
    job_id: strawberry.ID = strawberry.field(description="The job that it proposes to.")
    cover_letter: str = strawberry.field(
        description="What to write to the job's owner: 1 to 20,000 characters."
    )
    bid: MoneyInput | None = strawberry.field(default=None, description="What to ask for the work.")
    idempotency_key: str = strawberry.field(description=KEY)
    expected_connects: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input(description="Invites a freelancer to a job.")
class InviteFreelancerInput:
    job_id: strawberry.ID = strawberry.field(description="The job; its account pays.")
    freelancer_id: strawberry.ID = strawberry.field(description="Whom to invite.")
    connects: int = strawberry.field(
        description="How many Connects to spend: 1 to 50. More stand higher in the inbox."
    )
    message: str = strawberry.field(
        default="", description="What to write to them: up to 5,000 characters."
    )
    idempotency_key: str = strawberry.field(description=KEY)
    expected_connects: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input(description="Unlocks a freelancer's contact details.")
class ContactFreelancerInput:
    account_id: strawberry.ID = strawberry.field(description="The account that pays.")
    freelancer_id: strawberry.ID = strawberry.field(description="Whose contact details.")
    message: str | None = strawberry.field(
        default=None, description="What to write to them: up to 5,000 characters."
    )
    idempotency_key: str = strawberry.field(description=KEY)
    expected_connects: int | None = strawberry.field(default=None, description=EXPECTED)


def intent_of(user: User, operation: str, input: Any) -> Intent:
    """The caller's intent: the key of `input`, and the hash of all the rest of it."""
    request = _plain(input)
    key = request.pop("idempotency_key")
    return Intent(user.id, key, request_hash(operation, request))


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


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if dataclasses.is_dataclass(value):
        return {name: _plain(part) for name, part in vars(value).items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.value if isinstance(value, Enum) else value
