"""The wallets on which this server is measured, each with a consistent history.

A wallet has a monthly grant, a purchase, one job that it paid for, and invitations to it.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from tortoise.models import Model

from benchmarks.seeding import insert, migrated
from models.rules.actions import ConnectsAction
from models.rules.facts import GENESIS, Draw, Entry, Lot, Wallet
from models.rules.hashchain import entry_hash
from models.rules.instants import DAY, SECOND, add_months, month_of, start_of_month
from models.rules.kinds import (
    AccountKind,
    EntryKind,
    InvitationStatus,
    JobStatus,
    LotSource,
    PurchaseStatus,
)
from models.store.ledger_tables import DRAW, ENTRY, IDEMPOTENCY, LOT, WALLET
from models.store.statements import row_of, table_of
from models.tables import (
    Account,
    Freelancer,
    Invitation,
    Job,
    Membership,
    Purchase,
    User,
)

HOT_JOBS: Final = 1000
"""Together with as many freelancers, enough pairs for a million invitations from the hot wallet."""
FREELANCERS: Final = 1000
ACCOUNTS_EACH: Final = 2
"""Accounts per user."""
MOST_LOTS: Final = 2000
BOUGHT: Final = 1_000_000
GRANTED: Final = 60
_PACKAGE: Final = UUID("0192a000-0000-7000-8000-000000000005")
_FIRST_ID: Final = 0x0192A000000070008000000000000000
_KINDS: Final = ("user", "account", "freelancer", "membership", "purchase", "job", "invitation")


class Owner(NamedTuple):
    """A user, the account whose wallet it spends from, and its jobs for invitations."""

    subject: str
    account_id: UUID
    jobs: list[UUID]


class Seeded(NamedTuple):
    """The distinct wallets, the hot one, freelancers without invitations, and the `lots`."""

    distinct: list[Owner]
    hot: Owner
    freelancers: list[UUID]
    lots: list[Owner]


def seed(database_url: str, wallets: int, entries: int, lots: Sequence[int] = ()) -> Seeded:
    """Migrates the database, adds `wallets` wallets of `entries` entries, and a hot one.

    `entries` is 3 or more: a grant, a purchase, a job, and invitations. Each of `lots` adds a
    wallet with that many purchased lots.
    """
    migrated(database_url)
    rows = _Rows(_now())
    taken = entries - 3
    for number in range(FREELANCERS + taken):
        rows.freelancer(number)
    owners = [rows.owner(number, jobs=1, invitations=taken) for number in range(wallets)]
    hot = rows.owner(wallets, jobs=HOT_JOBS)
    lotted = [
        rows.owner(wallets + place, jobs=HOT_JOBS, granted=False, purchases=number)
        for place, number in enumerate(lots, 1)
    ]
    insert(database_url, [(table_of(model), rows.of[model]) for model in rows.of])
    insert(database_url, [(WALLET, rows.wallets), (ENTRY, rows.entries)])
    insert(database_url, [(LOT, rows.lots), (DRAW, rows.draws), (IDEMPOTENCY, rows.outcomes)])
    random.Random(wallets).shuffle(owners)
    return Seeded(owners, hot, [_id("freelancer", taken + n) for n in range(FREELANCERS)], lotted)


def _now() -> int:
    """The instant of the history: an hour ago, or the start of the month."""
    now = time.time_ns() // 1000
    return max(now - 3600 * SECOND, start_of_month(month_of(now)))


def _id(kind: str, number: int) -> UUID:
    return UUID(int=_FIRST_ID + (_KINDS.index(kind) + 1 << 40) + number)


@dataclass
class _Rows:
    """The rows of all tables; `at` is the instant of the first entries."""

    at: int
    of: dict[type[Model], list[tuple[Any, ...]]] = field(
        default_factory=lambda: {
            model: []
            for model in (User, Account, Membership, Freelancer, Purchase, Job, Invitation)
        }
    )
    wallets: list[Wallet] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, instance: Model) -> None:
        self.of[type(instance)].append(row_of(instance))

    def freelancer(self, number: int) -> None:
        id = _id("freelancer", number)
        self.add(
            Account.construct(id=id, kind=AccountKind.FREELANCER, name="Farid", created_at=self.at)
        )
        self.add(
            Freelancer.construct(
                account_id=id,
                title="Web developer",
                overview="Web sites for small shops.",
                skills=["html", "css"],
                hourly_rate_minor=None,
                hourly_rate_currency=None,
                country="DE",
                rating=None,
                available_now=True,
                email=None,
                phone=None,
                created_at=self.at,
            )
        )

    def owner(
        self,
        number: int,
        *,
        jobs: int,
        invitations: int = 0,
        granted: bool = True,
        purchases: int = 1,
    ) -> Owner:
        """Creates a client's account with its wallet; wallets are numbered consecutively."""
        person = number // ACCOUNTS_EACH
        user_id, account_id = _id("user", person), _id("account", number)
        subject = f"client-{person}"
        if number % ACCOUNTS_EACH == 0:
            user = User.construct(
                id=user_id, subject=subject, name=subject, email=None, created_at=self.at
            )
            self.add(user)
        self.add(
            Account.construct(
                id=account_id, kind=AccountKind.CLIENT, name=subject, created_at=self.at
            )
        )
        self.add(
            Membership.construct(
                id=_id("membership", number),
                account_id=account_id,
                user_id=user_id,
                created_at=self.at,
            )
        )
        history = _History(account_id, user_id, self.at)
        if granted:
            history.grant()
        for place in range(purchases):
            purchase = _purchase(number * MOST_LOTS + place, account_id, user_id, self.at)
            self.add(purchase)
            history.buy(purchase.id)
        posted = []
        for place in range(jobs):
            job = _job(number * HOT_JOBS + place, account_id, self.at)
            self.add(job)
            posted.append(job.id)
            history.spend(ConnectsAction.POST_JOB, job.id)
        for place in range(invitations):
            invitation = _invitation(number * invitations + place, account_id, posted[0], place)
            invitation.created_at, invitation.expires_at = self.at, self.at + 7 * DAY
            self.add(invitation)
            history.spend(ConnectsAction.INVITE_FREELANCER, invitation.id)
        self.wallets.append(history.wallet())
        self.entries += history.entries
        self.lots += history.lots
        self.draws += history.draws
        self.outcomes += history.outcomes
        return Owner(subject, account_id, posted)


class _History:
    """One wallet's entries, chained by their hashes; every spend is 1 Connect.

    Each spend has a stored outcome under a key: with an empty table of keys, a database plans to
    scan it, and keeps that plan for a while as it fills.
    """

    def __init__(self, account_id: UUID, user_id: UUID, at: int) -> None:
        self.entries: list[Entry] = []
        self.draws: list[Draw] = []
        self.outcomes: list[tuple[Any, ...]] = []
        self._account_id = account_id
        self._user_id = user_id
        self._at = at
        self.lots: list[Lot] = []
        self._head = GENESIS
        self._available = 0

    def grant(self) -> None:
        self._bring(EntryKind.GRANT, LotSource.MONTHLY_GRANT, GRANTED, month=month_of(self._at))

    def buy(self, purchase_id: UUID) -> None:
        self._bring(EntryKind.PURCHASE, LotSource.PURCHASE, BOUGHT, purchase_id=purchase_id)

    def spend(self, action: ConnectsAction, subject_id: UUID) -> None:
        place, lot = next((n, lot) for n, lot in enumerate(self.lots) if lot.remaining)
        draw = Draw(self._account_id, len(self.entries) + 1, lot.sequence, 1)
        self.lots[place] = lot._replace(remaining=lot.remaining - 1)
        self.draws.append(draw)
        self._append(EntryKind.SPEND, -1, None, [draw], action, subject_id)
        key = f"{self._account_id}-{draw.sequence}"
        outcome = (self._head, self._account_id, draw.sequence, subject_id, None, self._at)
        self.outcomes.append((self._user_id, key, *outcome))

    def wallet(self) -> Wallet:
        return Wallet(
            account_id=self._account_id,
            account_kind=AccountKind.CLIENT,
            available=self._available,
            held=0,
            sequence=len(self.entries),
            head_hash=self._head,
            next_event_at=start_of_month(month_of(self._at) + 1),
            last_grant_month=month_of(self._at),
            updated_at=self._at,
        )

    def _bring(
        self,
        kind: EntryKind,
        source: LotSource,
        connects: int,
        month: int | None = None,
        purchase_id: UUID | None = None,
    ) -> None:
        lot = Lot(
            account_id=self._account_id,
            sequence=len(self.entries) + 1,
            source=source,
            granted=connects,
            remaining=connects,
            held=0,
            created_at=self._at + len(self.entries) + 1,
            expires_at=add_months(self._at, 12) + len(self.entries),
            grant_month=month,
            purchase_id=purchase_id,
        )
        self.lots.append(lot)
        self._append(kind, connects, lot, [], None, purchase_id)

    def _append(
        self,
        kind: EntryKind,
        connects: int,
        lot: Lot | None,
        draws: list[Draw],
        action: ConnectsAction | None,
        subject_id: UUID | None,
    ) -> None:
        self._available += connects
        sequence = len(self.entries) + 1
        entry = Entry(
            account_id=self._account_id,
            sequence=sequence,
            kind=kind,
            connects=connects,
            available_after=self._available,
            held_after=0,
            action=action,
            subject_id=subject_id,
            actor_id=None if kind is EntryKind.GRANT else self._user_id,
            created_at=self._at + sequence,
            prev_hash=self._head,
            hash=b"",
        )
        self._head = entry_hash(entry, lot, draws)
        self.entries.append(entry._replace(hash=self._head))


def _purchase(number: int, account_id: UUID, user_id: UUID, at: int) -> Purchase:
    return Purchase.construct(
        id=_id("purchase", number),
        account_id=account_id,
        user_id=user_id,
        package_id=_PACKAGE,
        quantity=100,
        connects=BOUGHT,
        total_minor=BOUGHT * 15,
        currency="USD",
        lifetime_months=12,
        payment_method="sandbox:ok",
        status=PurchaseStatus.PAID,
        created_at=at,
        settled_at=at,
    )


def _job(number: int, account_id: UUID, at: int) -> Job:
    return Job.construct(
        id=_id("job", number),
        account_id=account_id,
        title="A website for a bakery",
        description="Ten pages, opening hours, and a form to order cakes.",
        skills=["design", "html"],
        budget_minor=80_000,
        budget_currency="USD",
        status=JobStatus.OPEN,
        connects=1,
        returnable=0,
        created_at=at,
        expires_at=at + 30 * DAY,
    )


def _invitation(number: int, account_id: UUID, job_id: UUID, place: int) -> Invitation:
    """An invitation of the freelancer number `place`."""
    return Invitation.construct(
        id=_id("invitation", number),
        account_id=account_id,
        job_id=job_id,
        freelancer_id=_id("freelancer", place),
        message="We like your bread.",
        connects=1,
        returnable=0,
        status=InvitationStatus.PENDING,
        decline_reason=None,
        created_at=0,
        expires_at=0,
    )
