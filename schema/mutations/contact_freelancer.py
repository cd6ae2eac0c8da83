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


@input("The input of `contactFreelancer`.")
class ContactFreelancerInput(Priced):
    account_id: strawberry.ID = strawberry.field(description="The ID of the account that pays.")
    freelancer_id: strawberry.ID = strawberry.field(description="The ID of the freelancer.")
    message: str | None = strawberry.field(
        default=None,
        description="A message to the freelancer, up to 5,000 characters, shown in "
        "`Account.contactsReceived`. It can also be sent later, in another call. A different "
        "message after the first one is a Conflict. A blank message counts as none.",
    )


@success("The contact details are unlocked.")
class ContactFreelancerSuccess(Spent):
    contact: Contact = strawberry.field(description="The contact.")
    freelancer: Freelancer = strawberry.field(description="The freelancer, with contact details.")
    already_unlocked: bool = strawberry.field(
        description="Whether the contact details were already unlocked, so that nothing was "
        "charged."
    )


@mutation(
    "Unlocks a freelancer's contact details for an account. It is charged at most once for each "
    "account and freelancer. If the profile has no contact details, the result is a Conflict and "
    "nothing is charged.",
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
