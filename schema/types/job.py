"""Jobs."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from models import tables
from models.rules.costs import cost
from models.rules.kinds import AccountKind, ConnectsAction
from models.rules.money import money_or_none
from models.rules.statuses import job_status
from resolvers import access, listings
from schema.connections import After, Before, Connection, First, Last, newest_first
from schema.context import Info
from schema.ids import global_id
from schema.types.enums import JobStatus
from schema.types.money import Money, money_type
from schema.types.node import Node
from schema.types.scalars import Instant

if TYPE_CHECKING:
    from schema.types.account import Account
    from schema.types.invitation import Invitation
    from schema.types.proposal import Proposal


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
    async def account(
        self, info: Info
    ) -> Annotated["Account", strawberry.lazy("schema.types.account")]:
        from schema.types.account import account_type

        return await account_type(info, self.row.account_id)

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
        description="The proposals to it, newest first; null to everybody but its owner."
    )
    async def proposals(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Annotated["Proposal", strawberry.lazy("schema.types.proposal")]] | None:
        from schema.types.proposal import Proposal

        context = info.context
        if not await access.is_member(context.services, context.user, self.row.account_id):
            return None
        order = newest_first(f"job-proposals:{self.row.id}")
        asked = order.page(first, after, last, before)
        sliced = await listings.proposals_of_job(context.services, self.row.id, asked)
        return order.connection(sliced, Proposal.of)

    @strawberry.field(
        description="The invitations to it, newest first; null to everybody but its owner."
    )
    async def invitations(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Annotated["Invitation", strawberry.lazy("schema.types.invitation")]] | None:
        from schema.types.invitation import Invitation

        context = info.context
        if not await access.is_member(context.services, context.user, self.row.account_id):
            return None
        order = newest_first(f"job-invitations:{self.row.id}")
        asked = order.page(first, after, last, before)
        sliced = await listings.invitations_of_job(context.services, self.row.id, asked)
        return order.connection(sliced, lambda row: Invitation.of(row, info))


async def job_type(info: Info, job_id: UUID) -> Job:
    """The job that a row of the database refers to."""
    row = await info.context.services.loaders.jobs.load(job_id)
    assert row is not None
    return Job.of(row, info)
