"""respondToInvitation."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from models.rules.transitions import InvitationMove
from resolvers import respond_to_invitation as responding
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Outcome, input, mutation, success
from schema.types.enums import describe
from schema.types.invitation import Invitation

describe(
    InvitationMove,
    "An answer to an invitation.",
    {
        "ACCEPT": "Accepts the invitation. A proposal to the job is then free, and the "
        "inviting account sees the contact details.",
        "DECLINE": "Declines the invitation, optionally with a reason.",
    },
    name="InvitationResponse",
)


@input("The input of `respondToInvitation`.")
class RespondToInvitationInput(Keyed):
    invitation_id: strawberry.ID = strawberry.field(description="The ID of the invitation.")
    response: InvitationMove = strawberry.field(description="The answer.")
    reason: str | None = strawberry.field(
        default=None,
        description="The reason for declining: up to 5,000 characters. Only allowed with DECLINE. "
        "A blank reason counts as none.",
    )


@success("The invitation was answered.")
class RespondToInvitationSuccess(Outcome):
    invitation: Invitation = strawberry.field(description="The invitation in its current state.")


@mutation(
    "Accepts or declines an invitation, within 7 days and while the job is open; later the result "
    "is a Conflict. The Connects spent on an answered invitation are not returned.",
    NotFound,
    Conflict,
)
async def respond_to_invitation(
    call: Call, input: RespondToInvitationInput
) -> RespondToInvitationSuccess:
    answered = await responding.respond_to_invitation(
        call.services,
        call.user,
        invitation_id=required_id("invitationId", input.invitation_id, "Invitation"),
        move=input.response,
        reason=input.reason,
        intent=call.intent,
    )
    return RespondToInvitationSuccess(
        invitation=Invitation.of(answered.invitation, call.info), replayed=answered.replayed
    )
