"""A small market with a rich ledger: every kind of movement, a refusal, and what was free."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from tortoise.models import Model

from models.ledger.commands import Change, Command, Decision, Facts, Lookup
from models.ledger.ledger import Ledger
from models.rules.actions import ConnectsAction
from models.rules.instants import DAY
from models.rules.kinds import (
    AccountKind,
    InvitationStatus,
    JobStatus,
    ProposalStatus,
    PurchaseStatus,
)
from models.rules.postings import Credit, Spend
from models.rules.refusals import InsufficientConnects
from models.tables import Contact, Freelancer, Invitation, Job, Proposal, Purchase
from tests.clocks import ManualClock
from tests.models.builders import TEN_CONNECTS, Holder, intent, opening, somebody, touching


@dataclass(frozen=True)
class Market:
    """Who is there, and what they paid for.

    The client's entries: 1 grant, 2 purchase of 10 for one month, 3 job for 15 from lots 2 and 1,
    4 invitation, 5 contact, 6 purchase of 20 for one month, 7 grant, 8 lot 6 lapses, 9 and 10
    grants, 11 another job, 12 to 20 grants, 21 and 22 lots 1 and 7 lapse, 23 grant. The
    freelancer's: 1 grant, 2 proposal. The agency's: 1 grant.
    """

    client: Holder = field(default_factory=lambda: somebody(AccountKind.CLIENT))
    freelancer: Holder = field(default_factory=lambda: somebody(AccountKind.FREELANCER))
    agency: Holder = field(default_factory=lambda: somebody(AccountKind.AGENCY))
    job: UUID = field(default_factory=uuid4)
    invitation: UUID = field(default_factory=uuid4)
    contact: UUID = field(default_factory=uuid4)
    proposal: UUID = field(default_factory=uuid4)
    free_proposal: UUID = field(default_factory=uuid4)
    paid: UUID = field(default_factory=uuid4)
    pending: UUID = field(default_factory=uuid4)
    declined: UUID = field(default_factory=uuid4)


async def busy_market(ledger: Ledger, clock: ManualClock) -> Market:
    """Makes the market, from November 2026 to December 2027."""
    market = Market()
    lapsing = uuid4()
    client, freelancer, agency = market.client, market.freelancer, market.agency
    clock.move_to("2026-11-22T09:30:00+00:00")
    first_day = (
        opening(client, "open"),
        opening(freelancer, "open"),
        opening(agency, "open"),
        _inserting(_profile(freelancer)),
        _inserting(_purchase(market.paid, client, 10)),
        settling(client, market.paid, PurchaseStatus.PAID),
        charging(client, ConnectsAction.POST_JOB, job(market.job, client, 15), "job"),
        charging(client, ConnectsAction.INVITE_FREELANCER, _invitation(market, 5), "invitation"),
        charging(client, ConnectsAction.CONTACT_FREELANCER, _contact(market, 1), "contact"),
        charging(
            freelancer,
            ConnectsAction.SUBMIT_PROPOSAL,
            _proposal(market.proposal, market, freelancer, 1),
            "proposal",
        ),
        charging(
            agency,
            ConnectsAction.SUBMIT_PROPOSAL,
            _proposal(market.free_proposal, market, agency, 0),
            "free proposal",
        ),
        _inserting(_purchase(market.pending, client, 20)),
        _inserting(_purchase(market.declined, client, 20)),
        settling(client, market.declined, PurchaseStatus.DECLINED),
        _inserting(_purchase(lapsing, client, 20)),
        settling(client, lapsing, PurchaseStatus.PAID),
    )
    await asyncio.gather(*map(ledger.post, first_day))
    with pytest.raises(InsufficientConnects):
        too_dear = job(uuid4(), client, 1000)
        await ledger.post(charging(client, ConnectsAction.POST_JOB, too_dear, "too dear"))
    clock.move_to("2027-02-10T12:00:00+00:00")
    await ledger.post(charging(client, ConnectsAction.POST_JOB, job(uuid4(), client, 1), "later"))
    clock.move_to("2027-12-05T12:00:00+00:00")
    await ledger.post(touching(client))
    return market


def charging(
    holder: Holder, action: ConnectsAction, subject: Model, key: str | None = None
) -> Command:
    """Creates `subject` and charges `holder` for it, if it costs any Connects."""
    connects: int = subject.connects  # type: ignore[attr-defined]
    movement = Spend(connects, action, subject.pk) if connects else None
    decision = Decision(subject.pk, movement, inserts=(subject,))
    return Command(
        decide=lambda facts: decision,
        account_id=holder.account_id,
        actor_id=holder.user_id,
        intent=intent(holder.user_id, key),
    )


def settling(holder: Holder, purchase_id: UUID, status: PurchaseStatus) -> Command:
    """Sets a purchase's status, and credits it where that is PAID."""
    same = Lookup(Purchase, ("id",), (purchase_id,), exclusive=True)

    def decide(facts: Facts) -> Decision:
        (purchase,) = facts.rows(same)
        credit = Credit(purchase.connects, purchase.lifetime_months, purchase_id)
        return Decision(
            purchase_id,
            credit if status is PurchaseStatus.PAID else None,
            changes=(Change(purchase, {"status": status, "settled_at": facts.now}),),
        )

    return Command(
        decide=decide, account_id=holder.account_id, actor_id=holder.user_id, lookups=(same,)
    )


def job(job_id: UUID, holder: Holder, connects: int) -> Job:
    return Job.construct(
        id=job_id,
        account_id=holder.account_id,
        title="Analyst",
        description="Notes on an engine.",
        skills=["analysis"],
        status=JobStatus.OPEN,
        connects=connects,
        created_at=0,
        expires_at=30 * DAY,
    )


def _inserting(row: Model) -> Command:
    return Command(decide=lambda facts: Decision(inserts=(row,)))


def _profile(holder: Holder) -> Freelancer:
    return Freelancer.construct(
        account_id=holder.account_id,
        title="Mathematician",
        overview="",
        skills=[],
        available_now=True,
        created_at=0,
    )


def _purchase(purchase_id: UUID, holder: Holder, connects: int) -> Purchase:
    return Purchase.construct(
        id=purchase_id,
        account_id=holder.account_id,
        user_id=holder.user_id,
        package_id=TEN_CONNECTS,
        quantity=1,
        connects=connects,
        total_minor=connects * 15,
        currency="USD",
        lifetime_months=1,
        payment_method="card",
        status=PurchaseStatus.PENDING,
        created_at=0,
    )


def _invitation(market: Market, connects: int) -> Invitation:
    return Invitation.construct(
        id=market.invitation,
        account_id=market.client.account_id,
        job_id=market.job,
        freelancer_id=market.freelancer.account_id,
        message="Would you?",
        connects=connects,
        status=InvitationStatus.PENDING,
        created_at=0,
        expires_at=7 * DAY,
    )


def _contact(market: Market, connects: int) -> Contact:
    return Contact.construct(
        id=market.contact,
        account_id=market.client.account_id,
        freelancer_id=market.freelancer.account_id,
        connects=connects,
        created_at=0,
    )


def _proposal(proposal_id: UUID, market: Market, holder: Holder, connects: int) -> Proposal:
    return Proposal.construct(
        id=proposal_id,
        account_id=holder.account_id,
        job_id=market.job,
        cover_letter="I would.",
        status=ProposalStatus.SUBMITTED,
        connects=connects,
        created_at=0,
    )
