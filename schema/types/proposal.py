"""Proposals."""

import strawberry

from models import tables
from models.money import money_or_none
from models.rules.statuses import job_status, proposal_status
from resolvers import access
from resolvers.boosts import standings
from schema.context import Info
from schema.ids import global_id
from schema.members import for_members
from schema.types.boost import Boost
from schema.types.enums import ProposalStatus
from schema.types.job import Job
from schema.types.lazy import LazyAccount, LazyEntry
from schema.types.money import Money, money_type
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType, by_id, linked
from schema.types.paying_entry import paying_entry
from schema.types.scalars import Instant


@strawberry.type(description="A proposal by an account to do a job.")
class Proposal(Node):
    row: strawberry.Private[tables.Proposal]
    cover_letter: str = strawberry.field(description="The cover letter to the job's owner.")
    bid: Money | None = strawberry.field(
        description="The price that the author asks for. Null if none was given."
    )
    created_at: Instant = strawberry.field(description="When the proposal was submitted.")

    @classmethod
    def of(cls, row: tables.Proposal, _info: Info) -> "Proposal":
        return cls(
            id=global_id("Proposal", row.id),
            row=row,
            cover_letter=row.cover_letter,
            bid=money_type(money_or_none(row.bid_minor, row.bid_currency)),
            created_at=Instant(row.created_at),
        )

    async def _status(self, info: Info) -> ProposalStatus:
        services = info.context.services
        job = await services.loaders.jobs.load(self.row.job_id)
        assert job is not None
        return proposal_status(
            self.row.status, job_status(job.status, job.expires_at, services.clock())
        )

    status: ProposalStatus = strawberry.field(resolver=_status, description="The current status.")
    proposal_status: ProposalStatus = strawberry.field(
        resolver=_status, description=SAME_AS.format("status")
    )

    @strawberry.field(description="The job that the proposal is for.")
    async def job(self, info: Info) -> Job:
        job: Job = await linked(info, "Job", self.row.job_id)
        return job

    @strawberry.field(
        description="The proposal's boost. Null if it was never boosted, and unless the viewer is "
        "a member of the account that submitted it."
    )
    @for_members("row.account_id")
    async def boost(self, info: Info) -> Boost | None:
        services = info.context.services
        boost = await standings.boost_of(services, self.row.job_id, self.row.id)
        return Boost.of(boost) if boost else None

    @strawberry.field(description="The account that submitted the proposal.")
    async def account(self, info: Info) -> LazyAccount:
        account: LazyAccount = await linked(info, "Account", self.row.account_id)
        return account

    entry: LazyEntry | None = strawberry.field(
        resolver=paying_entry,
        description="The entry that charged for it. Null if it was free, or if the viewer is not a "
        "member of the account that paid.",
    )


async def _may_see(info: Info, row: tables.Proposal) -> bool:
    return await access.may_see_proposal(info.context.services, info.context.user, row)


NODE_TYPES["Proposal"] = NodeType(by_id(lambda loaders: loaders.proposals), Proposal.of, _may_see)
