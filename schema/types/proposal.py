"""Proposals."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from models import tables
from models.rules.money import money_or_none
from models.rules.statuses import job_status, proposal_status
from schema.context import Info
from schema.ids import global_id
from schema.types.enums import ProposalStatus
from schema.types.job import Job, job_type
from schema.types.money import Money, money_type
from schema.types.node import Node
from schema.types.scalars import Instant

if TYPE_CHECKING:
    from schema.types.account import Account
    from schema.types.wallet import Entry


@strawberry.type(description="An account's offer to do a job.")
class Proposal(Node):
    row: strawberry.Private[tables.Proposal]
    cover_letter: str = strawberry.field(description="What the author writes to the job's owner.")
    bid: Money | None = strawberry.field(description="What the author asks for the work.")
    created_at: Instant = strawberry.field(description="When it was submitted.")

    @classmethod
    def of(cls, row: tables.Proposal) -> "Proposal":
        return cls(
            id=global_id("Proposal", row.id),
            row=row,
            cover_letter=row.cover_letter,
            bid=money_type(money_or_none(row.bid_minor, row.bid_currency)),
            created_at=Instant(row.created_at),
        )

    @strawberry.field(description="Where it stands this instant.")
    async def status(self, info: Info) -> ProposalStatus:
        services = info.context.services
        job = await services.loaders.jobs.load(self.row.job_id)
        assert job is not None
        return proposal_status(
            self.row.status, job_status(job.status, job.expires_at, services.clock())
        )

    @strawberry.field(description="The job it is for.")
    async def job(self, info: Info) -> Job:
        return await job_type(info, self.row.job_id)

    @strawberry.field(description="The account that proposes itself.")
    async def account(
        self, info: Info
    ) -> Annotated["Account", strawberry.lazy("schema.types.account")]:
        from schema.types.account import account_type

        return await account_type(info, self.row.account_id)

    @strawberry.field(
        description="What it cost; null where it was free, and to everybody but its author."
    )
    async def entry(
        self, info: Info
    ) -> Annotated["Entry", strawberry.lazy("schema.types.wallet")] | None:
        from schema.types.wallet import paying_entry

        return await paying_entry(info, self.row.account_id, self.row.id)
