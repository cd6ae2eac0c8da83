"""Opening an account: its first member, its wallet with this month's grant, its profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.identifiers import new_id
from models.ledger.commands import Command, Decision, Facts, Intent, Lookup
from models.money import Money
from models.rules.facts import Wallet
from models.rules.kinds import AccountKind
from models.rules.refusals import InvalidReason, LimitExceeded
from models.tables import Account, Freelancer, Membership, User
from resolvers import wallets
from resolvers.inputs import NAME_LENGTH, TEXT_LENGTH, TITLE_LENGTH, Checks
from resolvers.outcomes import outcome
from resolvers.services import Services

ACCOUNTS_PER_USER = 20
"""Each account gets a monthly grant, so that a user can't have as many as they like."""


@dataclass(frozen=True)
class Profile:
    title: str
    overview: str
    skills: Sequence[str]
    hourly_rate: Money | None
    country: str | None
    available_now: bool
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class AccountOpened:
    account: Account
    wallet: Wallet
    replayed: bool


async def open_account(
    services: Services,
    user: User,
    *,
    kind: AccountKind,
    name: str,
    profile: Profile | None,
    intent: Intent,
    full: LimitExceeded | None = None,
) -> AccountOpened:
    """Opens an account of which `user` is the first member.

    A freelancer needs a profile, an agency may have one, a client has none. Raises InvalidInput,
    LimitExceeded past ACCOUNTS_PER_USER, and what `Ledger.post` raises. `full` is the refusal where
    there is no room for a new account now: one that was opened under this key before is answered.
    """
    _check(kind, name, profile, intent)
    account_id = new_id(services.clock())
    own = Lookup(User, ("id",), (user.id,), exclusive=True)
    memberships = Lookup(Membership, ("user_id",), (user.id,))

    def decide(facts: Facts) -> Decision:
        used = len(facts.rows(memberships))
        if used >= ACCOUNTS_PER_USER:
            raise LimitExceeded(
                f"A user can have at most {ACCOUNTS_PER_USER} accounts.",
                limit=ACCOUNTS_PER_USER,
                used=used,
            )
        if full is not None:
            raise full
        return Decision(
            subject_id=account_id,
            inserts=(
                Account.construct(
                    id=account_id, kind=kind, name=name.strip(), created_at=facts.now
                ),
                Membership.construct(
                    id=new_id(facts.now),
                    account_id=account_id,
                    user_id=user.id,
                    created_at=facts.now,
                ),
                *([_freelancer(account_id, profile, facts.now)] if profile else []),
            ),
        )

    posted = await services.ledger.post(
        Command(
            decide=decide,
            account_id=account_id,
            actor_id=user.id,
            intent=intent,
            lookups=(own, memberships),
            opens=kind,
        )
    )
    assert posted.subject_id is not None
    with outcome():
        account = await services.loaders.accounts.load(posted.subject_id)
        assert account is not None
        wallet = posted.wallet or await wallets.current(services, account.id)
    return AccountOpened(account, wallet, posted.replayed)


def _check(kind: AccountKind, name: str, profile: Profile | None, intent: Intent) -> None:
    checks = Checks()
    checks.key(intent.key)
    checks.text("name", name, NAME_LENGTH, least=1)
    if profile is None:
        if kind is AccountKind.FREELANCER:
            checks.wrong("profile", "is needed for a freelancer", InvalidReason.REQUIRED)
    elif kind is AccountKind.CLIENT:
        checks.wrong("profile", "is for freelancers and agencies", InvalidReason.NOT_APPLICABLE)
    else:
        _check_profile(checks, profile)
    checks.done()


def _check_profile(checks: Checks, profile: Profile) -> None:
    checks.text("profile.title", profile.title, TITLE_LENGTH, least=1)
    checks.text("profile.overview", profile.overview, TEXT_LENGTH)
    checks.skills("profile.skills", profile.skills)
    checks.country("profile.country", profile.country)
    checks.email("profile.email", profile.email)
    checks.phone("profile.phone", profile.phone)
    if profile.hourly_rate is not None:
        checks.money("profile.hourlyRate", *profile.hourly_rate)


def _freelancer(account_id: UUID, profile: Profile, now: int) -> Freelancer:
    rate = profile.hourly_rate
    return Freelancer.construct(
        account_id=account_id,
        title=profile.title.strip(),
        overview=profile.overview,
        skills=[skill.strip() for skill in profile.skills],
        hourly_rate_minor=rate.amount_minor if rate else None,
        hourly_rate_currency=rate.currency if rate else None,
        country=profile.country,
        rating=None,
        available_now=profile.available_now,
        email=profile.email,
        phone=profile.phone,
        created_at=now,
    )
