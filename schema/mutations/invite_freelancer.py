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


@input("The input of `inviteFreelancer`.")
class InviteFreelancerInput(Priced):
    job_id: strawberry.ID = strawberry.field(
        description="The ID of the job. The account that posted it pays."
    )
    freelancer_id: strawberry.ID = strawberry.field(
        description="The ID of the freelancer to invite."
    )
    connects: int = strawberry.field(
        description="The number of Connects to spend: 1 to 50. Invitations with more Connects "
        "rank higher in the inbox."
    )
    message: str = strawberry.field(
        default="",
        description="A message to the freelancer: up to 5,000 characters. A blank message counts "
        "as none.",
    )


@success("The invitation was sent.")
class InviteFreelancerSuccess(Spent):
    invitation: Invitation = strawberry.field(description="The new invitation.")


@mutation(
    "Invites a freelancer to a job, for a number of Connects that the payer "
    "chooses. They are not returned if the freelancer declines or does not "
    "answer.",
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
