"""Commands as the resolvers make them, cut down to what moves Connects."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from models.identifiers import new_id
from models.ledger.commands import Command, Decision, Facts, Intent, Lookup, Posted, request_hash
from models.ledger.ledger import Ledger
from models.rules.actions import ConnectsAction
from models.rules.instants import DAY
from models.rules.kinds import AccountKind, JobStatus, PurchaseStatus
from models.rules.postings import Credit, Spend
from models.rules.pricing import price_of
from models.tables import Account, Job, Membership, Purchase, User

TEN_CONNECTS = UUID("0192a000-0000-7000-8000-000000000001")
"""A package of the default price list."""


@dataclass(frozen=True)
class Holder:
    """An account and its only member."""

    kind: AccountKind
    account_id: UUID
    user_id: UUID


def somebody(kind: AccountKind = AccountKind.CLIENT) -> Holder:
    return Holder(kind, uuid4(), uuid4())


def intent(user_id: UUID, key: str | None, asked_for: object = None) -> Intent:
    """Without a `key`, an intent of its own."""
    return Intent(user_id, key or uuid4().hex, request_hash("test", {"asked": repr(asked_for)}))


def opening(holder: Holder, key: str | None = None) -> Command:
    """Opens the holder's account; makes its user, if that is new."""
    own = Lookup(User, ("id",), (holder.user_id,))

    def decide(facts: Facts) -> Decision:
        now = facts.now
        user = User.construct(
            id=holder.user_id, subject=str(holder.user_id), name="Ada", created_at=now
        )
        account = Account.construct(
            id=holder.account_id, kind=holder.kind, name="Lovelace", created_at=now
        )
        member = Membership.construct(
            id=new_id(now), account_id=account.id, user_id=user.id, created_at=now
        )
        is_new = not facts.rows(own)
        inserts = (user, account, member) if is_new else (account, member)
        return Decision(subject_id=account.id, inserts=inserts)

    return Command(
        decide=decide,
        account_id=holder.account_id,
        actor_id=holder.user_id,
        intent=intent(holder.user_id, key, holder.kind),
        lookups=(own,),
        opens=holder.kind,
    )


def spending(holder: Holder, connects: int | None = None, key: str | None = None) -> Command:
    """Posts a job for so many Connects, or for what the price list says."""

    def decide(facts: Facts) -> Decision:
        now, action = facts.now, ConnectsAction.POST_JOB
        price = price_of(facts.prices, action, holder.kind, now) if connects is None else connects
        job = Job.construct(
            id=new_id(now),
            account_id=holder.account_id,
            title="Analyst",
            description="Notes on an engine.",
            skills=["analysis"],
            status=JobStatus.OPEN,
            connects=price,
            created_at=now,
            expires_at=now + 30 * DAY,
        )
        return Decision(job.id, Spend(price, action, job.id), inserts=(job,))

    return Command(
        decide=decide,
        account_id=holder.account_id,
        actor_id=holder.user_id,
        intent=intent(holder.user_id, key, connects),
    )


def buying(
    holder: Holder, connects: int, key: str | None = None, *, lifetime_months: int = 12
) -> Command:
    """Buys so many Connects, paid at once."""

    def decide(facts: Facts) -> Decision:
        purchase = Purchase.construct(
            id=new_id(facts.now),
            account_id=holder.account_id,
            user_id=holder.user_id,
            package_id=TEN_CONNECTS,
            quantity=1,
            connects=connects,
            total_minor=connects * 15,
            currency="USD",
            lifetime_months=lifetime_months,
            payment_method="card",
            status=PurchaseStatus.PAID,
            created_at=facts.now,
            settled_at=facts.now,
        )
        credit = Credit(connects, lifetime_months, purchase.id)
        return Decision(purchase.id, credit, inserts=(purchase,))

    return Command(
        decide=decide,
        account_id=holder.account_id,
        actor_id=holder.user_id,
        intent=intent(holder.user_id, key, (connects, lifetime_months)),
    )


def touching(holder: Holder) -> Command:
    """Does nothing but book what is due."""
    return Command(decide=lambda facts: Decision(), account_id=holder.account_id)


async def opened(ledger: Ledger, kind: AccountKind = AccountKind.CLIENT) -> Holder:
    """The holder of a new account."""
    holder = somebody(kind)
    await ledger.post(opening(holder))
    return holder


async def post_together(
    ledger: Ledger, commands: Iterable[Command]
) -> list[Posted | BaseException]:
    """Posts `commands` in one tick of the event loop, and gives each one's answer or error."""
    posts = (ledger.post(command) for command in commands)
    return await asyncio.gather(*posts, return_exceptions=True)
