"""inviteFreelancer."""

import strawberry

from models.rules.refusals import Conflict
from resolvers import invite_freelancer as inviting
from schema.ids import required_id
from schema.mutations.mutation import (
    SPENDING,
    Call,
    Priced,
    Spent,
    input,
    moved,
    mutation,
    success,
)
from schema.types.invitation import Invitation


@input("Invites a freelancer to a job.")
class InviteFreelancerInput(Priced):
    job_id: strawberry.ID = strawberry.field(description="The job; its account pays.")
    freelancer_id: strawberry.ID = strawberry.field(description="Whom to invite.")
    connects: int = strawberry.field(
        description="How many Connects to spend: 1 to 50. More stand higher in the inbox."
    )
    message: str = strawberry.field(
        default="", description="What to write to them: up to 5,000 characters."
    )


@success("The invitation was sent.")
class InviteFreelancerSuccess(Spent):
    invitation: Invitation = strawberry.field(description="The new invitation.")


@mutation(
    "Invite a freelancer to a job, for as many Connects as you choose. "
    "They do not come back if the freelancer declines or stays silent.",
    *SPENDING,
    Conflict,
)
async def invite_freelancer(call: Call, input: InviteFreelancerInput) -> InviteFreelancerSuccess:
    spent = await inviting.invite_freelancer(
        call.services,
        call.user,
        job_id=required_id("jobId", input.job_id, "Job"),
        freelancer_id=required_id("freelancerId", input.freelancer_id, "Freelancer"),
        connects=input.connects,
        message=input.message,
        expected_connects=input.expected_connects,
        intent=call.intent,
    )
    return InviteFreelancerSuccess(
        invitation=Invitation.of(spent.subject, call.info),
        replayed=spent.replayed,
        **moved(spent.wallet, spent.entry),
    )
