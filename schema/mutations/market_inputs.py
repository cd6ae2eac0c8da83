"""The inputs of the moves on the marketplace, and of what can be asked of it."""

import strawberry

from models.rules.transitions import InvitationMove
from resolvers.inputs import COUNTRIES_ASKED, SKILLS
from schema.mutations.inputs import KEY
from schema.types.enums import ConnectsAction, JobStatus, describe
from serving.operations.bounds import at_most

describe(
    InvitationMove,
    "How a freelancer answers an invitation.",
    {
        "ACCEPT": "Yes: a proposal is free then, and the inviter sees the contact details.",
        "DECLINE": "No, perhaps with a reason.",
    },
    name="InvitationResponse",
)


@strawberry.input(description="Cancels a job.")
class CancelJobInput:
    job_id: strawberry.ID = strawberry.field(description="The job.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="Withdraws a proposal.")
class WithdrawProposalInput:
    proposal_id: strawberry.ID = strawberry.field(description="The proposal.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="Awards a job to one of its proposals.")
class AwardJobInput:
    job_id: strawberry.ID = strawberry.field(description="The job.")
    proposal_id: strawberry.ID = strawberry.field(description="The proposal that wins it.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="Answers an invitation.")
class RespondToInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation.")
    response: InvitationMove = strawberry.field(description="The answer.")
    reason: str | None = strawberry.field(
        default=None, description="Why not, with DECLINE only: up to 5,000 characters."
    )
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="What a price is asked for.")
class QuoteInput:
    account_id: strawberry.ID = strawberry.field(description="The account that would pay.")
    action: ConnectsAction = strawberry.field(description="What it would pay for.")
    connects: int | None = strawberry.field(
        default=None, description="How many, where the payer chooses."
    )
    job_id: strawberry.ID | None = strawberry.field(
        default=None, description="The job to propose to; an accepted invitation makes it free."
    )
    freelancer_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose contact details; they may be unlocked already.",
    )


@strawberry.input(description="Which freelancers to find; conditions add up.")
class FreelancerFilter:
    text: str | None = strawberry.field(
        default=None,
        description="Words of title, skills and overview, stemmed; "
        "all must be found, and the last may be the beginning of a word.",
    )
    skills: list[str] | None = strawberry.field(
        default=None,
        description=f"Only those who have all of these skills: up to {SKILLS}.",
        metadata=at_most(SKILLS),
    )
    min_hourly_rate: int | None = strawberry.field(
        default=None, description="Only those who ask this or more an hour, in minor units."
    )
    max_hourly_rate: int | None = strawberry.field(
        default=None, description="Only those who ask this or less an hour, in minor units."
    )
    countries: list[str] | None = strawberry.field(
        default=None,
        description="Only those from these countries: "
        f"up to {COUNTRIES_ASKED} ISO 3166-1 alpha-2 codes.",
        metadata=at_most(COUNTRIES_ASKED),
    )
    min_rating: float | None = strawberry.field(
        default=None, description="Only those who are rated this or better: 0 to 5."
    )
    available_now: bool | None = strawberry.field(
        default=None, description="Only those who can start at once, or who can't."
    )


@strawberry.input(description="Which jobs to find; conditions add up.")
class JobFilter:
    text: str | None = strawberry.field(
        default=None,
        description="Words of title, skills and description, stemmed; "
        "all must be found, and the last may be the beginning of a word.",
    )
    skills: list[str] | None = strawberry.field(
        default=None,
        description=f"Only those that take all of these skills: up to {SKILLS}.",
        metadata=at_most(SKILLS),
    )
    statuses: list[JobStatus] | None = strawberry.field(
        default=None,
        description=f"Only those that stand in one of these ways: up to {len(JobStatus)}.",
        metadata=at_most(len(JobStatus)),
    )
