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
    "How a freelancer answers an invitation.",
    {
        "ACCEPT": "Yes: a proposal is free then, and the inviter sees the contact details.",
        "DECLINE": "No, perhaps with a reason.",
    },
    name="InvitationResponse",
)


@input("Answers an invitation.")
class RespondToInvitationInput(Keyed):
    invitation_id: strawberry.ID = strawberry.field(description="The invitation.")
    response: InvitationMove = strawberry.field(description="The answer.")
    reason: str | None = strawberry.field(
        default=None, description="Why not, with DECLINE only: up to 5,000 characters."
    )


@success("The invitation was answered.")
class RespondToInvitationSuccess(Outcome):
    invitation: Invitation = strawberry.field(description="The invitation as it stands now.")


@mutation(
    "Accept or decline an invitation, within 7 days. Its Connects do not come back to who sent it.",
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
