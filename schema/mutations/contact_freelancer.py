"""contactFreelancer."""

import strawberry

from models.rules.refusals import Conflict
from resolvers import contact_freelancer as contacting
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
from schema.types.contact import Contact
from schema.types.freelancer import Freelancer


@input("Unlocks a freelancer's contact details.")
class ContactFreelancerInput(Priced):
    account_id: strawberry.ID = strawberry.field(description="The account that pays.")
    freelancer_id: strawberry.ID = strawberry.field(description="Whose contact details.")
    message: str | None = strawberry.field(
        default=None,
        description="What to write to them: up to 5,000 characters. They read it in "
        "`Account.contactsReceived`. It may follow later, once; another message is a Conflict.",
    )


@success("The contact details are unlocked.")
class ContactFreelancerSuccess(Spent):
    contact: Contact = strawberry.field(description="What was unlocked for whom, and when.")
    freelancer: Freelancer = strawberry.field(
        description="The freelancer, whose contact details can be read now."
    )
    already_unlocked: bool = strawberry.field(
        description="Whether they were unlocked before, so that nothing was charged."
    )


@mutation(
    "Unlock a freelancer's contact details for an account. Paid once; again is free. "
    "A Conflict, and nothing is charged, where the profile has no contact details.",
    Conflict,
    *SPENDING,
)
async def contact_freelancer(call: Call, input: ContactFreelancerInput) -> ContactFreelancerSuccess:
    unlocked = await contacting.contact_freelancer(
        call.services,
        call.user,
        account_id=required_id("accountId", input.account_id, "Account"),
        freelancer_id=required_id("freelancerId", input.freelancer_id, "Freelancer"),
        message=input.message,
        expected_connects=input.expected_connects,
        intent=call.intent,
    )
    return ContactFreelancerSuccess(
        contact=Contact.of(unlocked.contact, call.info),
        freelancer=Freelancer.of(unlocked.freelancer, call.info),
        already_unlocked=unlocked.already_unlocked,
        replayed=unlocked.replayed,
        **moved(unlocked.wallet, unlocked.entry),
    )
