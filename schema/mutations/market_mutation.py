"""The moves on the marketplace, which cost nothing."""

from typing import Annotated

import strawberry

from resolvers.award_job import award_job
from resolvers.cancel_job import cancel_job
from resolvers.respond_to_invitation import respond_to_invitation
from resolvers.withdraw_proposal import withdraw_proposal
from schema.context import Info
from schema.ids import required_id
from schema.mutations.inputs import intent_of
from schema.mutations.market_inputs import (
    AwardJobInput,
    CancelJobInput,
    RespondToInvitationInput,
    WithdrawProposalInput,
)
from schema.mutations.market_results import (
    AwardJobResult,
    AwardJobSuccess,
    CancelJobResult,
    CancelJobSuccess,
    RespondToInvitationResult,
    RespondToInvitationSuccess,
    WithdrawProposalResult,
    WithdrawProposalSuccess,
)
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.proposal import Proposal

INPUT = strawberry.argument(description="What is asked for.")


@strawberry.type
class MarketMutation:
    @strawberry.mutation(
        description="Cancel an open job. Whether Connects come back was settled when it was posted."
    )
    async def cancel_job(
        self, info: Info, input: Annotated[CancelJobInput, INPUT]
    ) -> CancelJobResult:
        user = info.context.signed_in()
        cancelled = await cancel_job(
            info.context.services,
            user,
            job_id=required_id("jobId", input.job_id, "Job"),
            intent=intent_of(user, "cancelJob", input),
        )
        return CancelJobSuccess(job=Job.of(cancelled.job, info), replayed=cancelled.replayed)

    @strawberry.mutation(description="Withdraw a proposal. Its Connects do not come back.")
    async def withdraw_proposal(
        self, info: Info, input: Annotated[WithdrawProposalInput, INPUT]
    ) -> WithdrawProposalResult:
        user = info.context.signed_in()
        withdrawn = await withdraw_proposal(
            info.context.services,
            user,
            proposal_id=required_id("proposalId", input.proposal_id, "Proposal"),
            intent=intent_of(user, "withdrawProposal", input),
        )
        return WithdrawProposalSuccess(
            proposal=Proposal.of(withdrawn.proposal), replayed=withdrawn.replayed
        )

    @strawberry.mutation(description="Award an open job to one of its proposals.")
    async def award_job(self, info: Info, input: Annotated[AwardJobInput, INPUT]) -> AwardJobResult:
        user = info.context.signed_in()
        awarded = await award_job(
            info.context.services,
            user,
            job_id=required_id("jobId", input.job_id, "Job"),
            proposal_id=required_id("proposalId", input.proposal_id, "Proposal"),
            intent=intent_of(user, "awardJob", input),
        )
        return AwardJobSuccess(
            job=Job.of(awarded.job, info),
            proposal=Proposal.of(awarded.proposal),
            replayed=awarded.replayed,
        )

    @strawberry.mutation(
        description="Accept or decline an invitation, within 7 days. "
        "Its Connects do not come back to who sent it."
    )
    async def respond_to_invitation(
        self, info: Info, input: Annotated[RespondToInvitationInput, INPUT]
    ) -> RespondToInvitationResult:
        user = info.context.signed_in()
        answered = await respond_to_invitation(
            info.context.services,
            user,
            invitation_id=required_id("invitationId", input.invitation_id, "Invitation"),
            move=input.response,
            reason=input.reason,
            intent=intent_of(user, "respondToInvitation", input),
        )
        return RespondToInvitationSuccess(
            invitation=Invitation.of(answered.invitation, info), replayed=answered.replayed
        )
