"""The peer's GraphQL schema: the part of the contract that is measured."""

from datetime import datetime
from typing import Annotated

import strawberry

from benchmarks.textbook import models
from benchmarks.textbook.spending import InsufficientFundsError, invite


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Entry:
    sequence: int
    kind: str
    action: str | None
    connects: int
    available_after: int
    created_at: datetime

    @classmethod
    def of(cls, row: models.Entry) -> "Entry":
        return cls(
            sequence=row.sequence,
            kind=row.kind,
            action=row.action,
            connects=row.connects,
            available_after=row.available_after,
            created_at=row.created_at,
        )


@strawberry.type
class EntryConnection:
    nodes: list[Entry]
    page_info: PageInfo


@strawberry.type
class Wallet:
    id: strawberry.ID
    available: int

    @classmethod
    def of(cls, row: models.Wallet) -> "Wallet":
        return cls(id=strawberry.ID(str(row.id)), available=row.available)

    @strawberry.field
    async def entries(self, first: int = 20, after: str | None = None) -> EntryConnection:
        found = models.Entry.filter(wallet_id=int(self.id))
        if after is not None:
            found = found.filter(sequence__lt=int(after))
        rows = await found.order_by("-sequence").limit(first + 1)
        shown = rows[:first]
        return EntryConnection(
            nodes=[Entry.of(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > first,
                end_cursor=str(shown[-1].sequence) if shown else None,
            ),
        )


@strawberry.type
class Invitation:
    id: strawberry.ID
    status: str
    connects: int


@strawberry.type
class InviteFreelancerSuccess:
    invitation: Invitation
    wallet: Wallet
    entry: Entry
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
    wallet_id: strawberry.ID
    freelancer_id: strawberry.ID
    connects: int
    message: str
    idempotency_key: str


@strawberry.type
class Query:
    @strawberry.field
    async def wallet(self, id: strawberry.ID) -> Wallet | None:
        row = await models.Wallet.get_or_none(id=int(id))
        return Wallet.of(row) if row is not None else None


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def invite_freelancer(self, input: InviteFreelancerInput) -> InviteFreelancerResult:
        try:
            spent = await invite(
                int(input.wallet_id),
                int(input.freelancer_id),
                input.connects,
                input.message,
                input.idempotency_key,
            )
        except InsufficientFundsError as error:
            return InsufficientConnects(required=error.required, available=error.available)
        return InviteFreelancerSuccess(
            invitation=Invitation(
                id=strawberry.ID(str(spent.invitation.id)),
                status=spent.invitation.status,
                connects=spent.invitation.connects,
            ),
            wallet=Wallet.of(spent.wallet),
            entry=Entry.of(spent.entry),
            replayed=spent.replayed,
        )


schema = strawberry.Schema(query=Query, mutation=Mutation)
