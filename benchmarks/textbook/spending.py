"""The contestant's spend: one transaction each."""

import json
import time
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from benchmarks.textbook.booking import book
from benchmarks.textbook.models import (
    CostRule,
    Entry,
    Freelancer,
    Idempotency,
    Invitation,
    Job,
    Membership,
    ReturnRule,
    User,
    Wallet,
)
from benchmarks.textbook.refusals import InsufficientFundsError, RefusedError, check

ACTION = "INVITE_FREELANCER"
INVITATION_LIFETIME = 7 * 24 * 60 * 60 * 1_000_000
MESSAGE_LENGTH = 5000
KEY_LENGTH = 255


class Wish(NamedTuple):
    """A request."""

    job_id: UUID
    freelancer_id: UUID
    connects: int
    message: str
    key: str

    @property
    def hash(self) -> bytes:
        return sha256(json.dumps(self[:-1], default=str).encode()).digest()


class Spent(NamedTuple):
    """The rows of a spend, and whether they existed from an earlier call."""

    invitation: Invitation
    entry: Entry
    wallet: Wallet
    replayed: bool


def now() -> int:
    """Microseconds since 1970, like all instants."""
    return time.time_ns() // 1000


async def invite(subject: str, wish: Wish) -> Spent:
    """Spends `wish.connects` on an invitation, once per key."""
    check(wish.connects >= 1, "connects must be 1 or more.")
    check(len(wish.message) <= MESSAGE_LENGTH, "message is too long.")
    check(wish.key.strip() and len(wish.key) <= KEY_LENGTH, "idempotencyKey has an invalid length.")
    try:
        return await _invite(subject, wish)
    except IntegrityError:
        # The user spent from another wallet with this key at the same time: read the outcome.
        return await _invite(subject, wish)


async def _invite(subject: str, wish: Wish) -> Spent:
    async with in_transaction() as connection:
        user = await User.get(subject=subject, using_db=connection)
        job = await Job.get_or_none(
            id=wish.job_id, account__memberships__user_id=user.id, using_db=connection
        )
        if job is None:
            raise RefusedError("There is no such job among yours.")
        freelancer = await Freelancer.exists(account_id=wish.freelancer_id, using_db=connection)
        check(freelancer, "There is no such freelancer.")
        own = await Membership.exists(
            account_id=wish.freelancer_id, user_id=user.id, using_db=connection
        )
        check(not own, "You cannot invite yourself.")
        wallet = (
            await Wallet.select_for_update(no_key=True)
            .using_db(connection)
            .get(account_id=job.account_id)
        )
        earlier = await Idempotency.get_or_none(user_id=user.id, key=wish.key, using_db=connection)
        if earlier is not None:
            check(earlier.request_hash == wish.hash, "The key was used before.")
            return await _replayed(earlier, wallet, connection)
        return await _spend(user, job, wallet, wish, connection)


async def _replayed(earlier: Idempotency, wallet: Wallet, connection: BaseDBAsyncClient) -> Spent:
    invitation = await Invitation.get(id=earlier.subject_id, using_db=connection)
    entry = await Entry.get(
        account_id=earlier.account_id, sequence=earlier.sequence, using_db=connection
    )
    return Spent(invitation, entry, wallet, replayed=True)


async def _spend(
    user: User, job: Job, wallet: Wallet, wish: Wish, connection: BaseDBAsyncClient
) -> Spent:
    at = max(now(), wallet.updated_at)
    check(wallet.next_event_at > at, "Booking what is due is not supported.")
    connects = await _price(wish, wallet.account_kind, at, connection)
    await job.refresh_from_db(using_db=connection)
    check(job.status == "OPEN" and job.expires_at > at, "The job is not open.")
    stands = Q(status="ACCEPTED") | Q(status="PENDING", expires_at__gt=at)
    invited = await Invitation.exists(
        stands, job_id=job.id, freelancer_id=wish.freelancer_id, using_db=connection
    )
    check(not invited, "This freelancer has been invited.")
    if wallet.available < connects:
        raise InsufficientFundsError(connects, wallet.available)
    invitation = await Invitation.create(
        using_db=connection,
        account_id=wallet.account_id,
        job_id=job.id,
        freelancer_id=wish.freelancer_id,
        message=wish.message,
        connects=connects,
        returnable=await _returnable(connects, at, connection),
        status="PENDING",
        created_at=at,
        expires_at=at + INVITATION_LIFETIME,
    )
    entry = await book(user, wallet, invitation, connection)
    await Idempotency.create(
        using_db=connection,
        user_id=user.id,
        key=wish.key,
        request_hash=wish.hash,
        account_id=wallet.account_id,
        sequence=entry.sequence,
        subject_id=invitation.id,
        created_at=at,
    )
    return Spent(invitation, entry, wallet, replayed=False)


async def _price(wish: Wish, kind: str, at: int, connection: BaseDBAsyncClient) -> int:
    rules = CostRule.filter(action=ACTION, account_kind=kind, effective_from__lte=at)
    rule = await rules.using_db(connection).order_by("-effective_from").first()
    if rule is None:
        raise RefusedError("This account cannot invite freelancers.")
    if not rule.chosen_by_payer:
        return rule.connects
    most = wish.connects if rule.maximum is None else rule.maximum
    check(rule.connects <= wish.connects <= most, "connects is out of range.")
    return wish.connects


async def _returnable(connects: int, at: int, connection: BaseDBAsyncClient) -> int:
    rules = ReturnRule.filter(reason="INVITATION_UNANSWERED", effective_from__lte=at)
    rule = await rules.using_db(connection).order_by("-effective_from").first()
    return 0 if rule is None else connects * rule.percent // 100
