"""Wallets: what an account has, where it came from and where it went."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from models.rules import facts
from models.rules.instants import FOREVER
from models.rules.kinds import ConnectsAction as Action
from models.rules.kinds import EntryKind as Kind
from resolvers import access, wallets
from schema.connections import After, Before, Connection, First, Last, Order
from schema.context import Info
from schema.ids import global_id
from schema.types.account import Account, account_type
from schema.types.contact import Contact
from schema.types.enums import ConnectsAction, EntryKind, LotSource
from schema.types.invitation import Invitation
from schema.types.job import Job, job_type
from schema.types.node import ID, Node
from schema.types.proposal import Proposal
from schema.types.purchase import Purchase
from schema.types.scalars import Instant
from schema.types.user import User
from serving.execution.attributes import attribute
from serving.operations.bounds import at_most

T = TypeVar("T")

Subject = Job | Proposal | Invitation | Contact | Purchase
EntrySubject = Annotated[
    Subject,
    strawberry.union("EntrySubject", description="What an entry paid for or came from."),
]


@strawberry.type(description="Connects that came in together.")
class Lot(Node):
    source: LotSource = strawberry.field(description="Where they came from.")
    granted: int = strawberry.field(description="How many Connects came in.")
    remaining: int = strawberry.field(description="How many of them are left to spend.")
    created_at: Instant = strawberry.field(description="When they came in.")
    expires_at: Instant | None = strawberry.field(
        description="When what remains lapses; null where it never does."
    )

    @classmethod
    def of(cls, row: facts.Lot) -> "Lot":
        return cls(
            id=global_id("Lot", row.account_id, row.sequence),
            source=LotSource(row.source),
            granted=row.granted,
            remaining=row.remaining,
            created_at=Instant(row.created_at),
            expires_at=Instant(row.expires_at) if row.expires_at < FOREVER else None,
        )


@strawberry.type(description="What an entry took from a lot.")
class Draw:
    row: strawberry.Private[facts.Draw]
    connects: int = strawberry.field(
        description="How many Connects were taken; negative: given back."
    )

    @strawberry.field(description="The lot they were taken from.")
    async def lot(self, info: Info) -> Lot:
        row = await info.context.services.loaders.lots.load(
            (self.row.account_id, self.row.lot_sequence)
        )
        assert row is not None
        return Lot.of(row)


@strawberry.type(description="One line of a wallet's ledger. It never changes.")
class Entry(Node):
    row: strawberry.Private[facts.AnyEntry]

    # By hand, because to give a page's twenty by their name takes half as long again.
    def __init__(self, row: facts.AnyEntry) -> None:
        self.row = row

    # Made when asked for: a page has twenty entries, and their ids take longer than all else.
    def _id(self) -> strawberry.ID:
        return global_id("Entry", self.row.account_id, self.row.sequence)

    id: strawberry.ID = strawberry.field(resolver=_id, description=ID)

    sequence: int = strawberry.field(
        resolver=attribute("row.sequence"),
        description="Its number in the wallet: 1, 2, 3 and so on, without gaps.",
    )
    kind: EntryKind = strawberry.field(
        resolver=attribute("row.kind"), description="Why it stands there."
    )
    connects: int = strawberry.field(
        resolver=attribute("row.connects"),
        description="How many Connects came in, or, negative, went out.",
    )
    available_after: int = strawberry.field(
        resolver=attribute("row.available_after"),
        description="How many Connects were available then.",
    )
    action: ConnectsAction | None = strawberry.field(
        resolver=attribute("row.action"),
        description="What was paid for; null where nothing was.",
    )
    created_at: Instant = strawberry.field(
        resolver=attribute("row.created_at"), description="When it happened."
    )

    @strawberry.field(description="What it paid for or came from; null for grants and expiries.")
    async def subject(self, info: Info) -> EntrySubject | None:
        return await _subject(info, self.row)

    @strawberry.field(description="Which lots it took Connects from.")
    async def draws(self, info: Info) -> list[Draw]:
        rows = await info.context.services.loaders.draws.load(
            (self.row.account_id, self.row.sequence)
        )
        return [Draw(row=row, connects=row.connects) for row in rows]

    @strawberry.field(description="Who did it; null for what happened by itself.")
    async def actor(self, info: Info) -> User | None:
        if self.row.actor_id is None:
            return None
        row = await info.context.services.loaders.users.load(self.row.actor_id)
        return User.of(row, info) if row else None


@strawberry.type(description="Free Connects that are to come.")
class UpcomingGrant:
    connects: int = strawberry.field(description="How many Connects will come.")
    at: Instant = strawberry.field(description="When they will come.")


@strawberry.type(description="Connects that are to lapse if they are not spent before.")
class UpcomingExpiry:
    connects: int = strawberry.field(description="How many Connects would lapse.")
    at: Instant = strawberry.field(description="When they would lapse.")
    lot: Lot = strawberry.field(description="The lot they belong to.")


@strawberry.input(description="Which entries of a wallet to give; conditions add up.")
class EntryFilter:
    kinds: list[EntryKind] | None = strawberry.field(
        default=None,
        description=f"Only entries of these kinds: up to {len(Kind)}.",
        metadata=at_most(len(Kind)),
    )
    actions: list[ConnectsAction] | None = strawberry.field(
        default=None,
        description=f"Only spends on these actions: up to {len(Action)}.",
        metadata=at_most(len(Action)),
    )
    from_: Instant | None = strawberry.field(
        name="from", default=None, description="Only entries at this time or later."
    )
    to: Instant | None = strawberry.field(
        default=None, description="Only entries before this time."
    )


@strawberry.type(description="An account's Connects.")
class Wallet(Node):
    row: strawberry.Private[facts.Wallet]

    def __init__(self, row: facts.Wallet) -> None:
        self.row = row

    def _id(self) -> strawberry.ID:
        return global_id("Wallet", self.row.account_id)

    id: strawberry.ID = strawberry.field(resolver=_id, description=ID)
    available: int = strawberry.field(
        resolver=attribute("row.available"),
        description="How many Connects can be spent this instant: "
        "due grants are in, lapsed lots are out.",
    )
    held: int = strawberry.field(
        resolver=attribute("row.held"), description="How many Connects are set aside."
    )

    @strawberry.field(description="The account that it belongs to.")
    async def account(self, info: Info) -> Account:
        return await account_type(info, self.row.account_id)

    @strawberry.field(description="Its lots, in the order in which they will be drawn.")
    async def lots(
        self,
        info: Info,
        only_live: Annotated[
            bool | None,
            strawberry.argument(description="Leave out lots of which nothing remains."),
        ] = True,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Lot]:
        order = Order[facts.Lot](
            f"lots:{self.row.account_id}", (int, int), lambda lot: lot.drawing_order
        )
        asked = order.page(first, after, last, before)
        services = info.context.services
        sliced = await wallets.lots(services, self.row.account_id, only_live is not False, asked)
        return order.connection(sliced, Lot.of)

    @strawberry.field(description="Its ledger, newest first.")
    async def entries(
        self,
        info: Info,
        filter: Annotated[
            EntryFilter | None, strawberry.argument(description="Which entries to give.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Entry]:
        order: Order[facts.ListedEntry] = Order(
            f"entries:{self.row.account_id}", (int,), lambda entry: (entry.sequence,)
        )
        asked = order.page(first, after, last, before)
        sliced = await wallets.entries(
            info.context.services, self.row.account_id, _entry_filter(filter), asked
        )
        return order.connection(sliced, Entry)

    @strawberry.field(description="The next free Connects; null where none are to come.")
    async def next_grant(self, info: Info) -> UpcomingGrant | None:
        grant = await wallets.next_grant(info.context.services, self.row)
        return UpcomingGrant(connects=grant.connects, at=Instant(grant.at)) if grant else None

    @strawberry.field(description="What lapses soon if it is not spent, the next lot first.")
    async def expiring(
        self,
        info: Info,
        within_days: Annotated[
            int | None,
            strawberry.argument(
                description="How many days ahead to look: 0 to 3660, 30 if not given."
            ),
        ] = 30,
    ) -> list[UpcomingExpiry]:
        days = 30 if within_days is None else within_days
        lots = await wallets.expiring(info.context.services, self.row.account_id, days)
        return [
            UpcomingExpiry(connects=lot.remaining, at=Instant(lot.expires_at), lot=Lot.of(lot))
            for lot in lots
        ]

    @strawberry.field(description="How many Connects were available at a time in the past.")
    async def available_at(
        self,
        info: Info,
        time: Annotated[
            Instant, strawberry.argument(description="The time to look at; not in the future.")
        ],
    ) -> int:
        return await wallets.available_at(info.context.services, self.row.account_id, time)


async def paying_entry(info: Info, account_id: UUID, subject_id: UUID) -> Entry | None:
    """The entry that charged the account for the subject, for the account's members."""
    services, user = info.context.services, info.context.user
    if not await access.is_member(services, user, account_id):
        return None
    row = await services.loaders.paying_entries.load((account_id, subject_id))
    return Entry(row) if row else None


def _entry_filter(filter: EntryFilter | None) -> wallets.EntryFilter:
    if filter is None:
        return wallets.EVERY_ENTRY
    return wallets.EntryFilter(
        kinds=tuple(filter.kinds) if filter.kinds is not None else None,
        actions=tuple(filter.actions) if filter.actions is not None else None,
        from_instant=filter.from_,
        to_instant=filter.to,
    )


async def _subject(info: Info, entry: facts.AnyEntry) -> Subject | None:
    if entry.subject_id is None:
        return None
    find = _SUBJECTS[Kind.PURCHASE if entry.kind == Kind.PURCHASE else str(entry.action)]
    return await find(info, entry.subject_id)


async def _proposal(info: Info, id: UUID) -> Proposal:
    return Proposal.of(_there(await info.context.services.loaders.proposals.load(id)))


async def _invitation(info: Info, id: UUID) -> Invitation:
    return Invitation.of(_there(await info.context.services.loaders.invitations.load(id)), info)


async def _contact(info: Info, id: UUID) -> Contact:
    return Contact.of(_there(await info.context.services.loaders.contacts.load(id)))


async def _purchase(info: Info, id: UUID) -> Purchase:
    return Purchase.of(_there(await info.context.services.loaders.purchases.load(id)))


def _there(row: T | None) -> T:
    assert row is not None, "every entry's subject is there"
    return row


_SUBJECTS: dict[str, Callable[[Info, UUID], Awaitable[Subject]]] = {
    Kind.PURCHASE: _purchase,
    Action.POST_JOB: job_type,
    Action.SUBMIT_PROPOSAL: _proposal,
    Action.INVITE_FREELANCER: _invitation,
    Action.CONTACT_FREELANCER: _contact,
}
