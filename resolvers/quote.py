"""Quotes: what an action costs an account now, before it is paid for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from models.rules import boosts
from models.rules.actions import ConnectsAction
from models.rules.facts import Lot, Wallet
from models.rules.kinds import AccountKind, InvitationStatus
from models.rules.postings import WALLET_LIMIT
from models.rules.prices import PriceList
from models.rules.pricing import price_of
from models.rules.quotes import boost_explanation, explanation
from models.rules.refusals import NOTHING_TO_UNLOCK, InvalidInput, InvalidReason
from models.rules.returns import coming_back
from models.rules.statuses import job_status
from models.rules.transitions import check_open
from models.store.pages import Page
from models.tables import Contact, Invitation, User
from resolvers import access, wallets
from resolvers.boosts import standings
from resolvers.contact_freelancer import has_details
from resolvers.services import Services


@dataclass(frozen=True)
class Quote:
    """All in Connects. `returnable` can come back and be spent again; `explanation` says when.

    `already` of them are held, so that they are not missing.
    """

    action: ConnectsAction
    connects: int
    available: int
    returnable: int
    explanation: str
    already: int = 0

    @property
    def available_after(self) -> int:
        return max(self.available - (self.connects - self.already), 0)

    @property
    def shortfall(self) -> int:
        return max(self.connects - self.already - self.available, 0)


async def quote(
    services: Services,
    user: User,
    moment: wallets.Moment,
    *,
    account_id: UUID,
    action: ConnectsAction,
    chosen: int | None,
    job_id: UUID | None,
    freelancer_id: UUID | None,
) -> Quote:
    """What `action` costs one of the user's accounts this instant.

    `job_id` makes a proposal's price exact, `freelancer_id` that of contact details: both may be
    free, and there may be nothing to unlock. A boost is for the job's proposal of that account;
    without `chosen` it is the fewest Connects that lead. Raises NotFound, NotAllowed, InvalidInput
    where the payer has to choose, or the job of a boost is missing, and Conflict where boosts have
    closed.
    """
    account = await access.own_account(services, user, account_id)
    wallet = await wallets.of_moment(services, moment, account_id)
    prices = await services.loaders.prices()
    now = services.clock()
    if action is ConnectsAction.BOOST_PROPOSAL:
        return await _boost(services, wallet, prices, chosen, job_id)
    price = price_of(prices, action, account.kind, now, chosen)
    has_made = await _has_made_contact(services, account_id, action, freelancer_id)
    nothing = not has_made and await _has_nothing(services, action, freelancer_id)
    free = has_made or await _is_invited(services, account_id, action, job_id, freelancer_id)
    connects = 0 if free or nothing else price
    lots = await _lots(services, wallet, connects) if action.row.returns else []
    back = coming_back(prices, action, connects, lots, now)
    return Quote(
        action=action,
        connects=connects,
        available=wallet.available,
        returnable=back.usable,
        explanation=NOTHING_TO_UNLOCK
        if nothing
        else explanation(action, connects, back, wallet.available),
    )


async def _boost(
    services: Services, wallet: Wallet, prices: PriceList, chosen: int | None, job_id: UUID | None
) -> Quote:
    action, now = ConnectsAction.BOOST_PROPOSAL, services.clock()
    kind = AccountKind(wallet.account_kind)
    lowest = price_of(prices, action, kind, now, WALLET_LIMIT if chosen is None else chosen)
    if job_id is None:
        raise InvalidInput.at("jobId", "which job's proposal to boost", InvalidReason.REQUIRED)
    job = await access.existing_job(services, job_id)
    check_open(job_status(job.status, job.expires_at, now))
    bids = await standings.bids(services, job)
    boosts.check_open(bids, job.created_at + boosts.LIFETIME, now)
    rows = await services.loaders.boosts_of_jobs.load(job_id)
    own = next((row for row in rows if row.account_id == wallet.account_id), None)
    own_id = own.proposal_id if own else None
    least = boosts.least_to_lead(bids, own_id)
    leading = (bid for bid in boosts.in_front(bids) if bid.proposal_id == own_id)
    already = next((bid.connects for bid in leading), 0)
    connects = least if chosen is None else lowest
    return Quote(
        action=action,
        connects=connects,
        available=wallet.available,
        returnable=connects,
        explanation=boost_explanation(connects, least, already, wallet.available),
        already=already,
    )


async def _has_made_contact(
    services: Services, account_id: UUID, action: ConnectsAction, freelancer_id: UUID | None
) -> bool:
    """Whether contact details are asked for that the account has unlocked."""
    if action is not ConnectsAction.CONTACT_FREELANCER or freelancer_id is None:
        return False
    made = Contact.filter(account_id=account_id, freelancer_id=freelancer_id)
    return await _exists(services, made)


async def _is_invited(
    services: Services,
    account_id: UUID,
    action: ConnectsAction,
    job_id: UUID | None,
    freelancer_id: UUID | None,
) -> bool:
    """Whether an accepted invitation makes the action free."""
    accepted = Invitation.filter(status=InvitationStatus.ACCEPTED)
    if action is ConnectsAction.SUBMIT_PROPOSAL and job_id is not None:
        return await _exists(services, accepted.filter(job_id=job_id, freelancer_id=account_id))
    if action is ConnectsAction.CONTACT_FREELANCER and freelancer_id is not None:
        by = accepted.filter(account_id=account_id, freelancer_id=freelancer_id)
        return await _exists(services, by)
    return False


async def _lots(services: Services, wallet: Wallet, connects: int) -> list[Lot]:
    """The live lots that so many Connects would be drawn from; none is empty."""
    return (await wallets.lots(services, wallet, True, Page(connects))).rows


async def _has_nothing(
    services: Services, action: ConnectsAction, freelancer_id: UUID | None
) -> bool:
    """Whether contact details are asked for that a profile does not have."""
    if action is not ConnectsAction.CONTACT_FREELANCER or freelancer_id is None:
        return False
    freelancer = await services.loaders.freelancers.load(freelancer_id)
    return freelancer is not None and not has_details(freelancer)


async def _exists(services: Services, rows: "QuerySet[Any]") -> bool:
    return await services.database.select(lambda reader: rows.using_db(reader).exists())
