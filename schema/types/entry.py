"""Entries: the lines of a wallet's ledger, with what each paid for and which lots it drew from."""

from typing import Annotated, Final
from uuid import UUID

import strawberry

from models.rules import facts
from schema.context import Info
from schema.ids import global_id, parse_id, required_id
from schema.members import members_of
from schema.types.contact import Contact
from schema.types.enums import ConnectsAction, EntryKind
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.lot import Draw
from schema.types.node import ID, NODE_TYPES, Node, NodeType, by_sequence, linked
from schema.types.proposal import Proposal
from schema.types.purchase import Purchase
from schema.types.scalars import Instant
from schema.types.user import User
from serving.execution.attributes import attribute
from serving.operations.bounds import at_most
from serving.operations.costs import holds

DRAWS: Final = 2
"""From how many lots an entry usually draws. It draws from more where little is left in each."""

SUBJECTS: Final = ("Job", "Proposal", "Invitation", "Contact", "Purchase")
"""The types of an entry's subject."""

EntrySubject = Annotated[
    Job | Proposal | Invitation | Contact | Purchase,
    strawberry.union("EntrySubject", description="What an entry paid for or came from."),
]


@strawberry.type(description="One line of a wallet's ledger. It never changes.")
class Entry(Node):
    row: strawberry.Private[facts.AnyEntry]

    # Written out: the generated one takes half as long again for a page of twenty.
    def __init__(self, row: facts.AnyEntry) -> None:
        self.row = row

    @classmethod
    def of(cls, row: facts.AnyEntry, _info: Info) -> "Entry":
        return cls(row)

    # Made on demand: a page has twenty entries, and their ids take longer than all else.
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
        if self.row.subject_id is None:
            return None
        action = self.row.action
        type_name = ConnectsAction(action).row.subject if action else "Purchase"
        subject: EntrySubject = await linked(info, type_name, self.row.subject_id)
        return subject

    @strawberry.field(description="Which lots it took Connects from.", metadata=holds(DRAWS))
    async def draws(self, info: Info) -> list[Draw]:
        rows = await info.context.services.loaders.draws.load(
            (self.row.account_id, self.row.sequence)
        )
        return list(map(Draw.of, rows))

    @strawberry.field(description="Who did it; null for what happened by itself.")
    async def actor(self, info: Info) -> User | None:
        if self.row.actor_id is None:
            return None
        row = await info.context.services.loaders.users.load(self.row.actor_id)
        return User.of(row, info) if row else None


NODE_TYPES["Entry"] = NodeType(
    by_sequence(lambda loaders: loaders.entries),
    Entry.of,
    members_of("account_id"),
    has_sequence=True,
)


@strawberry.input(description="Which entries of a wallet to give; conditions add up.")
class EntryFilter:
    kinds: list[EntryKind] | None = strawberry.field(
        default=None,
        description=f"Only entries of these kinds: up to {len(EntryKind)}.",
        metadata=at_most(len(EntryKind)),
    )
    actions: list[ConnectsAction] | None = strawberry.field(
        default=None,
        description=f"Only spends on these actions: up to {len(ConnectsAction)}.",
        metadata=at_most(len(ConnectsAction)),
    )
    from_: Instant | None = strawberry.field(
        name="from", default=None, description="Only entries at this time or later."
    )
    to: Instant | None = strawberry.field(
        default=None, description="Only entries before this time."
    )
    subject_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only entries whose `subject` is this job, proposal, invitation, contact or "
        "purchase.",
    )
    actor_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only what this user did."
    )


def subject_id(path: str, given: str | None) -> UUID | None:
    """The UUID of an id that names what an entry may be about. Raises InvalidInput otherwise."""
    if given is None:
        return None
    named = parse_id(given)
    type_name = named.type_name if named is not None else SUBJECTS[0]
    return required_id(path, given, type_name if type_name in SUBJECTS else " or ".join(SUBJECTS))
