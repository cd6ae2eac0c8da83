"""What the mutations answer: the success, or why not."""

from typing import Annotated

import strawberry

from schema.errors import (
    Conflict,
    IdempotencyKeyReused,
    InsufficientConnects,
    InvalidInput,
    LimitExceeded,
    NotAllowed,
    NotFound,
    PaymentDeclined,
    PriceChanged,
    TryAgain,
)
from schema.types.account import Account
from schema.types.contact import Contact
from schema.types.freelancer import Freelancer
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.proposal import Proposal
from schema.types.purchase import Purchase
from schema.types.wallet import Entry, Wallet

REPLAYED = "Whether this is the outcome of an earlier call with the same key."
WALLET = "The wallet as it stands after the change."
ENTRY = "The entry that charged the wallet; null where it was free."


@strawberry.type(description="The account was opened.")
class OpenAccountSuccess:
    account: Account = strawberry.field(description="The new account.")
    wallet: Wallet = strawberry.field(description="Its wallet, this month's grant in it.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The purchase was made.")
class BuyConnectsSuccess:
    purchase: Purchase = strawberry.field(description="The purchase, paid or pending.")
    wallet: Wallet = strawberry.field(description=WALLET)
    entry: Entry | None = strawberry.field(
        description="The entry that credited it; null while the payment is pending."
    )
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The job was posted.")
class PostJobSuccess:
    job: Job = strawberry.field(description="The new job.")
    wallet: Wallet = strawberry.field(description=WALLET)
    entry: Entry | None = strawberry.field(description=ENTRY)
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The proposal was submitted.")
class SubmitProposalSuccess:
    proposal: Proposal = strawberry.field(description="The new proposal.")
    wallet: Wallet = strawberry.field(description=WALLET)
    entry: Entry | None = strawberry.field(description=ENTRY)
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The invitation was sent.")
class InviteFreelancerSuccess:
    invitation: Invitation = strawberry.field(description="The new invitation.")
    wallet: Wallet = strawberry.field(description=WALLET)
    entry: Entry | None = strawberry.field(description=ENTRY)
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The contact details are unlocked.")
class ContactFreelancerSuccess:
    contact: Contact = strawberry.field(description="What was unlocked for whom, and when.")
    freelancer: Freelancer = strawberry.field(
        description="The freelancer, whose contact details can be read now."
    )
    wallet: Wallet = strawberry.field(description=WALLET)
    entry: Entry | None = strawberry.field(description=ENTRY)
    already_unlocked: bool = strawberry.field(
        description="Whether they were unlocked before, so that nothing was charged."
    )
    replayed: bool = strawberry.field(description=REPLAYED)


OpenAccountResult = Annotated[
    OpenAccountSuccess | InvalidInput | LimitExceeded | IdempotencyKeyReused | TryAgain,
    strawberry.union("OpenAccountResult", description="What openAccount answers."),
]
BuyConnectsResult = Annotated[
    BuyConnectsSuccess
    | InvalidInput
    | NotFound
    | NotAllowed
    | PaymentDeclined
    | LimitExceeded
    | IdempotencyKeyReused
    | TryAgain,
    strawberry.union("BuyConnectsResult", description="What buyConnects answers."),
]
PostJobResult = Annotated[
    PostJobSuccess
    | InsufficientConnects
    | PriceChanged
    | InvalidInput
    | NotFound
    | NotAllowed
    | LimitExceeded
    | IdempotencyKeyReused
    | TryAgain,
    strawberry.union("PostJobResult", description="What postJob answers."),
]
SubmitProposalResult = Annotated[
    SubmitProposalSuccess
    | InsufficientConnects
    | PriceChanged
    | InvalidInput
    | NotFound
    | NotAllowed
    | Conflict
    | LimitExceeded
    | IdempotencyKeyReused
    | TryAgain,
    strawberry.union("SubmitProposalResult", description="What submitProposal answers."),
]
InviteFreelancerResult = Annotated[
    InviteFreelancerSuccess
    | InsufficientConnects
    | PriceChanged
    | InvalidInput
    | NotFound
    | NotAllowed
    | Conflict
    | LimitExceeded
    | IdempotencyKeyReused
    | TryAgain,
    strawberry.union("InviteFreelancerResult", description="What inviteFreelancer answers."),
]
ContactFreelancerResult = Annotated[
    ContactFreelancerSuccess
    | InsufficientConnects
    | PriceChanged
    | InvalidInput
    | NotFound
    | NotAllowed
    | LimitExceeded
    | IdempotencyKeyReused
    | TryAgain,
    strawberry.union("ContactFreelancerResult", description="What contactFreelancer answers."),
]
