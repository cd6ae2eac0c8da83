"""The contestant's GraphQL schema: the measured part of the contract."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import strawberry

from benchmarks.textbook import models
from benchmarks.textbook.ids import decoded, encoded, global_id, uuid_of
from benchmarks.textbook.refusals import InsufficientFundsError, check
from benchmarks.textbook.spending import Wish, invite, now

MOST_ROWS = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Info = strawberry.Info[dict[str, Any], None]


@strawberry.enum
class EntryKind(Enum):
    GRANT = "GRANT"
    PURCHASE = "PURCHASE"
    SPEND = "SPEND"
    EXPIRY = "EXPIRY"
    REVERSAL = "REVERSAL"
    ADJUSTMENT = "ADJUSTMENT"
    HOLD = "HOLD"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"


@strawberry.enum
class ConnectsAction(Enum):
    POST_JOB = "POST_JOB"
    SUBMIT_PROPOSAL = "SUBMIT_PROPOSAL"
    INVITE_FREELANCER = "INVITE_FREELANCER"
    CONTACT_FREELANCER = "CONTACT_FREELANCER"


@strawberry.enum
class InvitationStatus(Enum):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Entry:
    sequence: int
    kind: EntryKind
    action: ConnectsAction | None
    connects: int
    available_after: int
    created_at: datetime

    @classmethod
    def of(cls, row: models.Entry) -> "Entry":
        return cls(
            sequence=row.sequence,
            kind=EntryKind(row.kind),
            action=ConnectsAction(row.action) if row.action else None,
            connects=row.connects,
            available_after=row.available_after,
            created_at=EPOCH + timedelta(microseconds=row.created_at),
        )


@strawberry.type
class EntryConnection:
    nodes: list[Entry]
    page_info: PageInfo


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Wallet(Node):
    account_id: strawberry.Private[UUID]
    available: int

    @classmethod
    def of(cls, row: models.Wallet) -> "Wallet":
        return cls(
            id=global_id("Wallet", row.account_id),
            account_id=row.account_id,
            available=row.available,
        )

    @strawberry.field
    async def entries(self, first: int = 20, after: str | None = None) -> EntryConnection:
        check(1 <= first <= MOST_ROWS, f"first must be 1 to {MOST_ROWS}.")
        found = models.Entry.filter(account_id=self.account_id)
        if after is not None:
            found = found.filter(sequence__lt=int(decoded(after)))
        rows = await found.order_by("-sequence").limit(first + 1)
        shown = rows[:first]
        return EntryConnection(
            nodes=[Entry.of(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > first,
                end_cursor=encoded(str(shown[-1].sequence)) if shown else None,
            ),
        )


@strawberry.type
class Invitation(Node):
    status: InvitationStatus
    connects: int

    @classmethod
    def of(cls, row: models.Invitation) -> "Invitation":
        return cls(
            id=global_id("Invitation", row.id),
            status=InvitationStatus(row.status),
            connects=row.connects,
        )


@strawberry.type
class InviteFreelancerSuccess:
    invitation: Invitation
    wallet: Wallet
    entry: Entry | None
    replayed: bool


@strawberry.type
class InsufficientConnects:
    required: int
    available: int


InviteFreelancerResult = Annotated[
    InviteFreelancerSuccess | InsufficientConnects, strawberry.union("InviteFreelancerResult")
]


@strawberry.input
class InviteFreelancerInput:
    job_id: strawberry.ID
    freelancer_id: strawberry.ID
    connects: int
    idempotency_key: str
    message: str = ""


@strawberry.type
class Query:
    @strawberry.field
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        row = await models.Wallet.get_or_none(
            account_id=uuid_of("Wallet", id),
            account__memberships__user__subject=info.context["subject"],
        )
        if row is None:
            return None
        check(row.next_event_at > now(), "Booking what is due is not supported.")
        return Wallet.of(row)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def invite_freelancer(
        self, info: Info, input: InviteFreelancerInput
    ) -> InviteFreelancerResult:
        wish = Wish(
            uuid_of("Job", input.job_id),
            uuid_of("Freelancer", input.freelancer_id),
            input.connects,
            input.message,
            input.idempotency_key,
        )
        try:
            spent = await invite(info.context["subject"], wish)
        except InsufficientFundsError as error:
            return InsufficientConnects(required=error.required, available=error.available)
        return InviteFreelancerSuccess(
            invitation=Invitation.of(spent.invitation),
            wallet=Wallet.of(spent.wallet),
            entry=Entry.of(spent.entry),
            replayed=spent.replayed,
        )


schema = strawberry.Schema(query=Query, mutation=Mutation, types=[Wallet])
