"""Invitations."""

import strawberry

from models import tables
from models.rules.statuses import invitation_status, job_status
from schema.context import Info
from schema.ids import global_id
from schema.members import members_of_either
from schema.types.enums import InvitationStatus
from schema.types.freelancer import Freelancer
from schema.types.job import Job
from schema.types.lazy import LazyEntry
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType, by_id, linked
from schema.types.paying_entry import paying_entry
from schema.types.scalars import Instant
from serving.execution.attributes import attribute


@strawberry.type(description="An invitation to a freelancer to submit a proposal to a job.")
class Invitation(Node):
    row: strawberry.Private[tables.Invitation]
    message: str = strawberry.field(
        description="The owner's message to the freelancer. Empty if it sent none."
    )
    invitation_message: str = strawberry.field(
        resolver=attribute("message"), description=SAME_AS.format("message")
    )
    connects: int = strawberry.field(
        description="The number of Connects that the owner spent on the invitation. Invitations "
        "with more Connects rank higher in the inbox."
    )
    decline_reason: str | None = strawberry.field(
        description="The freelancer's reason for declining. Null if none was given."
    )
    created_at: Instant = strawberry.field(description="When the invitation was sent.")
    expires_at: Instant = strawberry.field(description="When the invitation expires.")
    invitation_expires_at: Instant = strawberry.field(
        resolver=attribute("expires_at"), description=SAME_AS.format("expiresAt")
    )

    @classmethod
    def of(cls, row: tables.Invitation, _info: Info) -> "Invitation":
        return cls(
            id=global_id("Invitation", row.id),
            row=row,
            message=row.message,
            connects=row.connects,
            decline_reason=row.decline_reason,
            created_at=Instant(row.created_at),
            expires_at=Instant(row.expires_at),
        )

    async def _status(self, info: Info) -> InvitationStatus:
        services, row = info.context.services, self.row
        now = services.clock()
        status = invitation_status(row.status, row.expires_at, now)
        if status is not InvitationStatus.PENDING:
            return status
        job = await services.loaders.jobs.load(row.job_id)
        assert job is not None
        return invitation_status(
            row.status, row.expires_at, now, job_status(job.status, job.expires_at, now)
        )

    status: InvitationStatus = strawberry.field(
        resolver=_status,
        description="The current status. A pending invitation expires when its job is no longer "
        "open.",
    )
    invitation_status: InvitationStatus = strawberry.field(
        resolver=_status, description=SAME_AS.format("status")
    )

    @strawberry.field(description="The job that the invitation is for.")
    async def job(self, info: Info) -> Job:
        job: Job = await linked(info, "Job", self.row.job_id)
        return job

    async def _freelancer(self, info: Info) -> Freelancer:
        freelancer: Freelancer = await linked(info, "Freelancer", self.row.freelancer_id)
        return freelancer

    freelancer: Freelancer = strawberry.field(
        resolver=_freelancer, description="The invited freelancer."
    )
    invitation_freelancer: Freelancer = strawberry.field(
        resolver=_freelancer, description=SAME_AS.format("freelancer")
    )
    entry: LazyEntry | None = strawberry.field(
        resolver=paying_entry,
        description="The entry that charged for it. Null unless the viewer is a member of the "
        "account that paid.",
    )


NODE_TYPES["Invitation"] = NodeType(
    by_id(lambda loaders: loaders.invitations),
    Invitation.of,
    members_of_either("account_id", "freelancer_id"),
)
