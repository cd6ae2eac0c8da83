"""Invitations."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from models import tables
from models.rules.statuses import invitation_status
from schema.context import Info
from schema.ids import global_id
from schema.types.enums import InvitationStatus
from schema.types.freelancer import Freelancer
from schema.types.job import Job, job_type
from schema.types.node import Node
from schema.types.scalars import Instant

if TYPE_CHECKING:
    from schema.types.wallet import Entry


@strawberry.type(description="A job's owner asks a freelancer to propose.")
class Invitation(Node):
    row: strawberry.Private[tables.Invitation]
    message: str = strawberry.field(description="What the owner writes to the freelancer.")
    connects: int = strawberry.field(
        description="The Connects that the owner spent on it; more stand higher in the inbox."
    )
    status: InvitationStatus = strawberry.field(description="Where it stands this instant.")
    decline_reason: str | None = strawberry.field(
        description="Why the freelancer declined, if they said so."
    )
    created_at: Instant = strawberry.field(description="When it was sent.")
    expires_at: Instant = strawberry.field(description="Until when it can be answered.")

    @classmethod
    def of(cls, row: tables.Invitation, info: Info) -> "Invitation":
        now = info.context.services.clock()
        return cls(
            id=global_id("Invitation", row.id),
            row=row,
            message=row.message,
            connects=row.connects,
            status=invitation_status(row.status, row.expires_at, now),
            decline_reason=row.decline_reason,
            created_at=Instant(row.created_at),
            expires_at=Instant(row.expires_at),
        )

    @strawberry.field(description="The job it is for.")
    async def job(self, info: Info) -> Job:
        return await job_type(info, self.row.job_id)

    @strawberry.field(description="Who is invited.")
    async def freelancer(self, info: Info) -> Freelancer:
        row = await info.context.services.loaders.freelancers.load(self.row.freelancer_id)
        assert row is not None
        return Freelancer.of(row)

    @strawberry.field(description="What it cost; null to everybody but who paid.")
    async def entry(
        self, info: Info
    ) -> Annotated["Entry", strawberry.lazy("schema.types.wallet")] | None:
        from schema.types.wallet import paying_entry

        return await paying_entry(info, self.row.account_id, self.row.id)
