"""Jobs."""

from typing import Annotated, Final
from uuid import UUID

import strawberry

from models import tables
from models.money import money_or_none
from models.rules.actions import ConnectsAction
from models.rules.boosts import LEADERS, LIFETIME
from models.rules.kinds import AccountKind
from models.rules.pricing import price_of
from models.rules.refusals import NotAllowed
from models.rules.statuses import job_status
from resolvers import listings, wallets
from resolvers.boosts import standings
from resolvers.spending import terms_of
from schema.connections import Connection, Connects, Order, Paging, listed, newest_first, paged
from schema.context import Info
from schema.ids import global_id
from schema.members import for_members
from schema.types.enums import JobStatus
from schema.types.lazy import LazyAccount, LazyInvitation, LazyProposal
from schema.types.money import Money, money_type
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType, by_id, linked
from schema.types.scalars import Instant
from serving.execution.attributes import attribute
from serving.operations.costs import holds

_PROPOSALS: Final = Order[listings.RankedProposal](
    "job-proposals", (int, Connects, int, UUID), listings.proposal_key
)
_INVITATIONS: Final = newest_first("job-invitations")


@strawberry.type(description="A job posted by a client or an agency.")
class Job(Node):
    row: strawberry.Private[tables.Job]
    title: str = strawberry.field(description="The job title.")
    description: str = strawberry.field(description="The job description.")
    skills: list[str] = strawberry.field(description="The required skills.")
    budget: Money | None = strawberry.field(description="The budget. Null if the owner gave none.")
    category: str | None = strawberry.field(
        description="The category, such as web-design. Null if the owner gave none."
    )
    status: JobStatus = strawberry.field(description="The current status.")
    job_status: JobStatus = strawberry.field(
        resolver=attribute("status"), description=SAME_AS.format("status")
    )
    created_at: Instant = strawberry.field(description="When the job was posted.")
    expires_at: Instant = strawberry.field(description="When the job stops accepting proposals.")
    job_expires_at: Instant = strawberry.field(
        resolver=attribute("expires_at"), description=SAME_AS.format("expiresAt")
    )

    @classmethod
    def of(cls, row: tables.Job, info: Info) -> "Job":
        return cls(
            id=global_id("Job", row.id),
            row=row,
            title=row.title,
            description=row.description,
            skills=row.skills,
            budget=money_type(money_or_none(row.budget_minor, row.budget_currency)),
            category=row.category,
            status=job_status(row.status, row.expires_at, info.context.services.clock()),
            created_at=Instant(row.created_at),
            expires_at=Instant(row.expires_at),
        )

    @strawberry.field(description="The account that posted the job.")
    async def account(self, info: Info) -> LazyAccount:
        account: LazyAccount = await linked(info, "Account", self.row.account_id)
        return account

    @strawberry.field(
        description="The current price in Connects for a freelancer's account to submit a "
        "proposal. It may depend on the job's category and budget. For agencies, see "
        "`connectsToProposeAs`."
    )
    async def connects_to_propose(self, info: Info) -> int:
        return await self._price_of_proposal(info, AccountKind.FREELANCER)

    @strawberry.field(
        description="The current price in Connects for an account of this kind to submit a "
        "proposal. Null if accounts of this kind cannot. An accepted invitation makes a proposal "
        "free; see `quote`."
    )
    async def connects_to_propose_as(
        self,
        info: Info,
        account_kind: Annotated[
            AccountKind, strawberry.argument(description="The kind of account that would pay.")
        ],
    ) -> int | None:
        try:
            return await self._price_of_proposal(info, account_kind)
        except NotAllowed:
            return None

    async def _price_of_proposal(self, info: Info, kind: AccountKind) -> int:
        context = info.context
        prices = await wallets.prices_of_moment(context.services, context.moment)
        action, now = ConnectsAction.SUBMIT_PROPOSAL, context.services.clock()
        return price_of(prices, action, kind, now, terms=terms_of(self.row))

    @strawberry.field(
        description="The Connects of the leading boosts, or of those that led when boosts closed, "
        "highest first. Empty unless the viewer is signed in.",
        metadata=holds(LEADERS),
    )
    async def connects_to_boost(self, info: Info) -> list[int]:
        if info.context.user is None:
            return []
        leaders = await standings.leaders(info.context.services, self.row)
        return [bid.connects for bid in leaders]

    @strawberry.field(
        description="When the leading boosts are charged, unless someone is hired before. Null if "
        "the job is not open."
    )
    def boosts_close_at(self) -> Instant | None:
        if self.status is not JobStatus.OPEN:
            return None
        return Instant(self.row.created_at + LIFETIME)

    @strawberry.field(
        description="The proposals to the job: those with a leading boost, highest first, then all "
        "others, newest first. Null unless the viewer is a member of the account that posted it."
    )
    @for_members("row.account_id")
    @paged(_PROPOSALS)
    async def proposals(self, info: Info, paging: Paging) -> Connection[LazyProposal] | None:
        make = NODE_TYPES["Proposal"].make
        return await listed(
            info,
            _PROPOSALS,
            self.row.id,
            paging,
            lambda services, _, page: listings.proposals_of_job(services, self.row, page),
            lambda ranked, info: make(ranked.proposal, info),
        )

    @strawberry.field(
        description="The invitations to the job, newest first. Null unless the viewer is a "
        "member of the account that posted it."
    )
    @for_members("row.account_id")
    @paged(_INVITATIONS)
    async def invitations(self, info: Info, paging: Paging) -> Connection[LazyInvitation] | None:
        make = NODE_TYPES["Invitation"].make
        return await listed(
            info, _INVITATIONS, self.row.id, paging, listings.invitations_of_job, make
        )


NODE_TYPES["Job"] = NodeType(by_id(lambda loaders: loaders.jobs), Job.of)
