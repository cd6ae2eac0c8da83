"""Demo data: four people, their accounts, and a little history, made through the use cases.

Every step has a fixed idempotency key, so that making it again changes nothing.
"""

from typing import NamedTuple

from models.ledger.commands import Intent, request_hash
from models.money import Money
from models.rules.instants import FOREVER
from models.rules.kinds import AccountKind
from models.tables import Account, User
from resolvers.demo.freelancers import make_demo_freelancers
from resolvers.inputs import terms_from
from resolvers.open_account import Profile, open_account
from resolvers.people.tokens import Claims
from resolvers.people.users import signed_in
from resolvers.post_job import post_job
from resolvers.services import Services
from resolvers.submit_proposal import submit_proposal


class DemoUser(NamedTuple):
    """`subject` is the `sub` of their token."""

    subject: str
    name: str
    role: str


CLIENT = DemoUser("demo-client", "Clara Client", "a client")
FREELANCER = DemoUser("demo-freelancer", "Farid Freelancer", "a freelancer")
AGENCY_OWNER = DemoUser("demo-agency", "Agnes Agency", "an agency owner")
SUPPORT_AGENT = DemoUser("demo-support", "Sam Support", "a support agent")
DEMO_USERS = (CLIENT, FREELANCER, AGENCY_OWNER, SUPPORT_AGENT)


async def make_demo_data(services: Services) -> None:
    """Makes the demo users with their accounts, a job and a proposal, and many freelancers."""
    client, freelancer, owner, _ = [
        await signed_in(
            services, Claims(demo.subject, demo.name, f"{demo.subject}@example.com", FOREVER)
        )
        for demo in DEMO_USERS
    ]
    client_account = await _account(services, client, AccountKind.CLIENT, "Clara's Bakery", None)
    freelancer_account = await _account(
        services, freelancer, AccountKind.FREELANCER, "Farid Freelancer", _WEB_DEVELOPER
    )
    await _account(services, owner, AccountKind.AGENCY, "Agnes & Company", _STUDIO)
    job = await post_job(
        services,
        client,
        account_id=client_account.id,
        title="A website for a bakery",
        description="Ten pages, opening hours, and a form to order cakes.",
        skills=["design", "html"],
        terms=terms_from("web-design", Money(80_000, "USD")),
        expected_connects=None,
        intent=_intent(client, "demo job"),
    )
    await submit_proposal(
        services,
        freelancer,
        account_id=freelancer_account.id,
        job_id=job.subject.id,
        cover_letter="I have built three bakeries' websites; here is how I would do yours.",
        bid=Money(75_000, "USD"),
        expected_connects=None,
        intent=_intent(freelancer, "demo proposal"),
    )
    await make_demo_freelancers(services)


async def _account(
    services: Services, user: User, kind: AccountKind, name: str, profile: Profile | None
) -> Account:
    opened = await open_account(
        services,
        user,
        kind=kind,
        name=name,
        profile=profile,
        intent=_intent(user, "demo account"),
    )
    return opened.account


def _intent(user: User, key: str) -> Intent:
    return Intent(user.id, key, request_hash(key, {}))


_WEB_DEVELOPER = Profile(
    title="Web developer for small shops",
    overview="Fifteen years of quick, plain websites that their owners can change themselves.",
    skills=["html", "css", "python", "design"],
    hourly_rate=Money(6_500, "USD"),
    country="DE",
    available_now=True,
    email="farid@example.com",
    phone="+49 30 1234567",
)
_STUDIO = Profile(
    title="A studio of designers and developers",
    overview="Brands, shops and apps from one house.",
    skills=["branding", "design", "react"],
    hourly_rate=Money(12_000, "USD"),
    country="FR",
    available_now=True,
    email="hello@example.com",
    phone=None,
)
