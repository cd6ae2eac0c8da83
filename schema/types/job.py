"""Jobs."""

from typing import Final
from uuid import UUID

import strawberry

from models import tables
from models.money import money_or_none
from models.rules.actions import ConnectsAction
from models.rules.boosts import LEADERS, LIFETIME
from models.rules.costs import cost
from models.rules.kinds import AccountKind
from models.rules.statuses import job_status
from resolvers import listings
from resolvers.boosts import standings
from schema.connections import Connection, Connects, Order, Paging, newest_first, paged
from schema.context import Info
from schema.ids import global_id
from schema.members import for_members
from schema.types.enums import JobStatus
from schema.types.lazy import LazyAccount, LazyInvitation, LazyProposal
from schema.types.money import Money, money_type
from schema.types.node import NODE_TYPES, Node, NodeType, by_id, linked
from schema.types.scalars import Instant
from serving.operations.costs import holds

_PROPOSALS: Final[Order[listings.Ranked]] = Order(
    "job-proposals",
    (Connects, int, UUID),
    lambda row: (row.connects, row.placed_at, row.proposal.id),
)
_INVITATIONS: Final = newest_first("job-invitations")


@strawberry.type(description="Work that a client or an agency offers.")
class Job(Node):
    row: strawberry.Private[tables.Job]
    title: str = strawberry.field(description="The work in a line.")
    description: str = strawberry.field(description="The work at length.")
    skills: list[str] = strawberry.field(description="What it takes.")
    budget: Money | None = strawberry.field(description="What the owner means to pay.")
    status: JobStatus = strawberry.field(description="Where it stands this instant.")
    created_at: Instant = strawberry.field(description="When it was posted.")
    expires_at: Instant = strawberry.field(description="Until when it takes proposals.")

    @classmethod
    def of(cls, row: tables.Job, info: Info) -> "Job":
        return cls(
            id=global_id("Job", row.id),
            row=row,
            title=row.title,
            description=row.description,
            skills=row.skills,
            budget=money_type(money_or_none(row.budget_minor, row.budget_currency)),
            status=job_status(row.status, row.expires_at, info.context.services.clock()),
            created_at=Instant(row.created_at),
            expires_at=Instant(row.expires_at),
        )

    @strawberry.field(description="The account that posted it.")
    async def account(self, info: Info) -> LazyAccount:
        account: LazyAccount = await linked(info, "Account", self.row.account_id)
        return account

    @strawberry.field(
        description="The Connects that a freelancer's account pays to submit a proposal now; "
        "the price list has the price for agencies."
    )
    async def connects_to_propose(self, info: Info) -> int:
        services = info.context.services
        prices = await services.loaders.prices()
        return cost(
            prices, ConnectsAction.SUBMIT_PROPOSAL, AccountKind.FREELANCER, services.clock()
        )

    @strawberry.field(
        description="The Connects of the boosts that lead, or led when boosts closed, the most "
        "first; none to somebody without a token.",
        metadata=holds(LEADERS),
    )
    async def connects_to_boost(self, info: Info) -> list[int]:
        if info.context.user is None:
            return []
        leaders = await standings.leaders(info.context.services, self.row)
        return [bid.connects for bid in leaders]

    @strawberry.field(
        description="When the boosts that lead are charged, unless somebody is hired before; null "
        "where the job is no longer open."
    )
    def boosts_close_at(self) -> Instant | None:
        if self.status is not JobStatus.OPEN:
            return None
        return Instant(self.row.created_at + LIFETIME)

    @strawberry.field(
        description="The proposals to it: those whose boosts lead, then all others, newest "
        "first; null to everybody but its owner."
    )
    @for_members("row.account_id")
    @paged(_PROPOSALS)
    async def proposals(self, info: Info, paging: Paging) -> Connection[LazyProposal] | None:
        order = _PROPOSALS.of(self.row.id)
        page = order.page(paging)
        rows = await listings.proposals_of_job(info.context.services, self.row, page)
        make = NODE_TYPES["Proposal"].make
        return order.connection(rows, lambda row: make(row.proposal, info))

    @strawberry.field(
        description="The invitations to it, newest first; null to everybody but its owner."
    )
    @for_members("row.account_id")
    @paged(_INVITATIONS)
    async def invitations(self, info: Info, paging: Paging) -> Connection[LazyInvitation] | None:
        order = _INVITATIONS.of(self.row.id)
        page = order.page(paging)
        rows = await listings.invitations_of_job(info.context.services, self.row.id, page)
        make = NODE_TYPES["Invitation"].make
        return order.connection(rows, lambda row: make(row, info))


NODE_TYPES["Job"] = NodeType(by_id(lambda loaders: loaders.jobs), Job.of)
