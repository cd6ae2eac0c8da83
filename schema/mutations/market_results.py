"""What the moves on the marketplace answer."""

from typing import Annotated

import strawberry

from schema.errors import Conflict, IdempotencyKeyReused, InvalidInput, NotFound, TryAgain
from schema.mutations.results import REPLAYED
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.proposal import Proposal


@strawberry.type(description="The job was cancelled.")
class CancelJobSuccess:
    job: Job = strawberry.field(description="The job as it stands now.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The proposal was withdrawn.")
class WithdrawProposalSuccess:
    proposal: Proposal = strawberry.field(description="The proposal as it stands now.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The job was awarded.")
class AwardJobSuccess:
    job: Job = strawberry.field(description="The job as it stands now.")
    proposal: Proposal = strawberry.field(description="The proposal that won it.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The invitation was answered.")
class RespondToInvitationSuccess:
    invitation: Invitation = strawberry.field(description="The invitation as it stands now.")
    replayed: bool = strawberry.field(description=REPLAYED)


CancelJobResult = Annotated[
    CancelJobSuccess | InvalidInput | NotFound | Conflict | IdempotencyKeyReused | TryAgain,
    strawberry.union("CancelJobResult", description="What cancelJob answers."),
]
WithdrawProposalResult = Annotated[
    WithdrawProposalSuccess | InvalidInput | NotFound | Conflict | IdempotencyKeyReused | TryAgain,
    strawberry.union("WithdrawProposalResult", description="What withdrawProposal answers."),
]
AwardJobResult = Annotated[
    AwardJobSuccess | InvalidInput | NotFound | Conflict | IdempotencyKeyReused | TryAgain,
    strawberry.union("AwardJobResult", description="What awardJob answers."),
]
RespondToInvitationResult = Annotated[
    RespondToInvitationSuccess
    | InvalidInput
    | NotFound
    | Conflict
    | IdempotencyKeyReused
    | TryAgain,
    strawberry.union("RespondToInvitationResult", description="What respondToInvitation answers."),
]
