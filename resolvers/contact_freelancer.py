"""Unlocking a freelancer's contact details: once for each account and freelancer."""

from dataclasses import dataclass
from uuid import UUID

from models.identifiers import new_id
from models.ledger.commands import Change, Command, Decision, Facts, Intent, Lookup
from models.rules.actions import ConnectsAction
from models.rules.facts import Entry, Wallet
from models.rules.kinds import InvitationStatus
from models.rules.pricing import check_expected
from models.rules.refusals import (
    NOTHING_TO_UNLOCK,
    Conflict,
    ConflictReason,
    NotAllowed,
    NotAllowedReason,
    decided_afresh,
)
from models.tables import Contact, Freelancer, Invitation, User
from resolvers import access
from resolvers.inputs import MESSAGE_LENGTH, Checks, said
from resolvers.services import Services
from resolvers.spending import charged, price, spend


@dataclass(frozen=True)
class FreelancerContacted:
    """`already_unlocked`: nothing was charged, because the details were unlocked before."""

    contact: Contact
    freelancer: Freelancer
    wallet: Wallet
    entry: Entry | None
    already_unlocked: bool
    replayed: bool


async def contact_freelancer(
    services: Services,
    user: User,
    *,
    account_id: UUID,
    freelancer_id: UUID,
    message: str | None,
    expected_connects: int | None,
    intent: Intent,
) -> FreelancerContacted:
    """Unlocks a freelancer's contact details for one of the user's accounts.

    Again is free, and so it is after an accepted invitation. A contact has one message, which may
    be given later than the contact was made; a blank one is none.

    Raises InvalidInput, NotFound, NotAllowed, Conflict where there are no details to unlock or
    another message was sent before, PriceChanged, InsufficientConnects, and what `Ledger.post`
    raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.text("message", message, MESSAGE_LENGTH)
    checks.done()
    message = said(message)
    await access.own_account(services, user, account_id)
    freelancer = await access.existing_freelancer(services, freelancer_id)
    is_own = await access.is_member(services, user, freelancer_id)
    earlier = Lookup(
        Contact,
        ("account_id", "freelancer_id"),
        (account_id, freelancer_id),
        exclusive=message is not None,
    )
    invitations = Lookup(Invitation, ("account_id", "freelancer_id"), (account_id, freelancer_id))

    def decide(facts: Facts) -> Decision:
        if is_own:
            raise decided_afresh(
                NotAllowed("These are your own contact details.", NotAllowedReason.OWN_PROFILE)
            )
        unlocked = facts.rows(earlier)
        if unlocked:
            check_expected(0, expected_connects)
            return _again(unlocked[0], message)
        if not has_details(freelancer):
            raise Conflict(NOTHING_TO_UNLOCK, ConflictReason.NOTHING_TO_UNLOCK)
        accepted = any(
            invitation.status is InvitationStatus.ACCEPTED for invitation in facts.rows(invitations)
        )
        connects = price(facts, ConnectsAction.CONTACT_FREELANCER, expected_connects, free=accepted)
        contact = Contact.construct(
            id=new_id(facts.now),
            account_id=account_id,
            freelancer_id=freelancer_id,
            message=message,
            connects=connects,
            created_at=facts.now,
        )
        return charged(ConnectsAction.CONTACT_FREELANCER, connects, contact)

    command = Command(
        decide=decide,
        account_id=account_id,
        actor_id=user.id,
        intent=intent,
        lookups=(earlier, invitations),
    )
    spent, posted = await spend(services, command, services.loaders.contacts, Contact)
    return FreelancerContacted(
        contact=spent.subject,
        freelancer=freelancer,
        wallet=spent.wallet,
        entry=spent.entry,
        already_unlocked=posted.sequence is None,
        replayed=spent.replayed,
    )


def has_details(freelancer: Freelancer) -> bool:
    """Whether there is anything to unlock."""
    return bool(freelancer.email or freelancer.phone)


def _again(contact: Contact, message: str | None) -> Decision:
    """Nothing is charged for what is unlocked. A first message is kept, another is refused."""
    if not message or message == contact.message:
        return Decision(subject_id=contact.id)
    if said(contact.message):
        raise Conflict(
            "These contact details are already unlocked, and a message was sent with them. "
            "Write to the freelancer directly.",
            ConflictReason.ALREADY_UNLOCKED,
        )
    return Decision(subject_id=contact.id, changes=(Change(contact, {"message": message}),))
