"""Entries: the lines of a wallet's ledger, with what each paid for and which lots it drew from."""

from typing import Annotated, Final
from uuid import UUID

import strawberry

from models.rules import facts
from models.rules.refusals import InvalidReason
from resolvers.inputs import Checks
from schema.context import Info
from schema.ids import global_id, parse_id, required_id
from schema.members import members_of
from schema.types.contact import Contact
from schema.types.enums import ConnectsAction, EntryKind
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.lot import Draw
from schema.types.node import ID, NODE_TYPES, SAME_AS, Node, NodeType, by_sequence, linked
from schema.types.proposal import Proposal
from schema.types.purchase import Purchase
from schema.types.scalars import Instant
from schema.types.user import User
from serving.execution.attributes import attribute
from serving.operations.bounds import at_most
from serving.operations.costs import holds

DRAWS: Final = 2
"""From how many lots an entry usually draws. It draws from more where little is left in each."""

RETURNING: Final = (EntryKind.RETURN, EntryKind.REVERSAL)
"""The kinds of entries that return Connects. Ledgers before 0.2.0 have reversals only."""

SUBJECTS: Final = ("Job", "Proposal", "Invitation", "Contact", "Purchase")
"""The types of an entry's subject."""
_ANY_SUBJECT: Final = f"{', '.join(SUBJECTS[:-1])} or {SUBJECTS[-1]}"

EntrySubject = Annotated[
    Job | Proposal | Invitation | Contact | Purchase,
    strawberry.union("EntrySubject", description="The object that an entry paid for or came from."),
]


@strawberry.type(description="An entry in a wallet's ledger. Entries never change.")
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
        description="The entry's number in its wallet: 1, 2, 3 and so on, without gaps.",
    )
    kind: EntryKind = strawberry.field(
        resolver=attribute("row.kind"), description="The kind of entry."
    )
    entry_kind: EntryKind = strawberry.field(
        resolver=attribute("row.kind"), description=SAME_AS.format("kind")
    )
    connects: int = strawberry.field(
        resolver=attribute("row.connects"),
        description="The number of Connects credited. Negative if they were debited.",
    )
    available_after: int = strawberry.field(
        resolver=attribute("row.available_after"),
        description="The number of Connects available after this entry.",
    )
    action: ConnectsAction | None = strawberry.field(
        resolver=attribute("row.action"),
        description="The action that was paid for. Null if none was.",
    )
    created_at: Instant = strawberry.field(
        resolver=attribute("row.created_at"), description="When the entry was made."
    )

    @strawberry.field(
        description="The object that the entry paid for or came from. Null for grants and expiries."
    )
    async def subject(self, info: Info) -> EntrySubject | None:
        if self.row.subject_id is None:
            return None
        action = self.row.action
        type_name = ConnectsAction(action).row.subject if action else "Purchase"
        subject: EntrySubject = await linked(info, type_name, self.row.subject_id)
        return subject

    async def _draws(self, info: Info) -> list[Draw]:
        rows = await info.context.services.loaders.draws.load(
            (self.row.account_id, self.row.sequence)
        )
        return list(map(Draw.of, rows))

    draws: list[Draw] = strawberry.field(
        resolver=_draws,
        description="The lots that the Connects were taken from.",
        metadata=holds(DRAWS),
    )
    entry_draws: list[Draw] = strawberry.field(
        resolver=_draws, description=SAME_AS.format("draws"), metadata=holds(DRAWS)
    )

    @strawberry.field(
        description="The entry whose Connects this entry returns. Null if it returns none."
    )
    async def returns(self, info: Info) -> "Entry | None":
        if self.row.kind not in RETURNING or self.row.subject_id is None:
            return None
        loaders = info.context.services.loaders
        row = await loaders.paying_entries.load((self.row.account_id, self.row.subject_id))
        return Entry(row) if row else None

    @strawberry.field(
        description="The entry that returned Connects of this entry. Null if none were returned."
    )
    async def returned_by(self, info: Info) -> "Entry | None":
        if self.row.kind != EntryKind.SPEND or self.row.subject_id is None:
            return None
        loaders = info.context.services.loaders
        row = await loaders.returning_entries.load((self.row.account_id, self.row.subject_id))
        return Entry(row) if row else None

    @strawberry.field(description="The user who made the entry. Null if it was automatic.")
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


@strawberry.input(description="Conditions for entries. An entry must meet all of them.")
class EntryFilter:
    kinds: list[EntryKind] | None = strawberry.field(
        default=None,
        description=f"Only entries of these kinds: up to {len(EntryKind)}. Null is all kinds, "
        "an empty list finds nothing.",
        metadata=at_most(len(EntryKind)),
    )
    actions: list[ConnectsAction] | None = strawberry.field(
        default=None,
        description=f"Only entries for these actions: up to {len(ConnectsAction)}. Null "
        "is all entries, an empty list finds nothing.",
        metadata=at_most(len(ConnectsAction)),
    )
    since: Instant | None = strawberry.field(
        default=None, description="Only entries at this time or later."
    )
    until: Instant | None = strawberry.field(
        default=None, description="Only entries before this time."
    )
    from_: Instant | None = strawberry.field(
        name="from",
        default=None,
        description="Only entries at this time or later.",
        deprecation_reason="Use `since`. Give one of the two.",
    )
    to: Instant | None = strawberry.field(
        default=None,
        description="Only entries before this time.",
        deprecation_reason="Use `until`. Give one of the two.",
    )
    subject_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only entries whose `subject` is this job, proposal, invitation, contact or "
        "purchase.",
    )
    actor_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only entries that this user made."
    )

    def bounds(self) -> tuple[int | None, int | None]:
        """The first instant, and the first instant after the last; None for no bound.

        Raises InvalidInput where a bound is given by its old and by its new name, and where the
        last one comes before the first.
        """
        checks = Checks()
        pairs = (("from", self.from_, "since", self.since), ("to", self.to, "until", self.until))
        for old_name, old, new_name, new in pairs:
            if old is not None and new is not None:
                message = f"cannot be combined with {new_name}"
                checks.wrong(f"filter.{old_name}", message, InvalidReason.NOT_APPLICABLE)
        checks.done()
        first, first_name = (self.from_, "from") if self.since is None else (self.since, "since")
        end, end_name = (self.to, "to") if self.until is None else (self.until, "until")
        if first is not None and end is not None:
            checks.order(f"filter.{first_name}", first, f"filter.{end_name}", end)
        checks.done()
        return first, end


def subject_id(path: str, given: str | None) -> UUID | None:
    """The UUID of an id that names what an entry may be about. Raises InvalidInput otherwise."""
    if given is None:
        return None
    named = parse_id(given)
    if named is not None and named.type_name in SUBJECTS:
        return required_id(path, given, named.type_name)
    return required_id(path, given, _ANY_SUBJECT)
