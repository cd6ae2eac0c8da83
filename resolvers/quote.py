"""Quotes: what an action costs an account now, before it is paid for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from models.rules.actions import ConnectsAction
from models.rules.kinds import InvitationStatus
from models.rules.pricing import price_of
from models.rules.quotes import explanation
from models.rules.returns import returnable
from models.tables import Contact, Invitation, User
from resolvers import access, wallets
from resolvers.services import Services


@dataclass(frozen=True)
class Quote:
    """All in Connects. `returnable` can come back; `explanation` says when, in words."""

    action: ConnectsAction
    connects: int
    available: int
    returnable: int
    explanation: str

    @property
    def available_after(self) -> int:
        return max(self.available - self.connects, 0)

    @property
    def shortfall(self) -> int:
        return max(self.connects - self.available, 0)


async def quote(
    services: Services,
    user: User,
    *,
    account_id: UUID,
    action: ConnectsAction,
    chosen: int | None,
    job_id: UUID | None,
    freelancer_id: UUID | None,
) -> Quote:
    """What `action` costs one of the user's accounts this instant.

    `job_id` makes a proposal's price exact, `freelancer_id` that of contact details: both may be
    free. Raises NotFound, NotAllowed, and InvalidInput where the payer has to choose.
    """
    account = await access.own_account(services, user, account_id)
    wallet = await wallets.current(services, account_id)
    prices = await services.loaders.prices()
    now = services.clock()
    price = price_of(prices, action, account.kind, now, chosen)
    free = await _is_free(services, account_id, action, job_id, freelancer_id)
    connects = 0 if free else price
    can_return = returnable(prices, action, connects, now)
    return Quote(
        action=action,
        connects=connects,
        available=wallet.available,
        returnable=can_return,
        explanation=explanation(action, connects, can_return, wallet.available),
    )


async def _is_free(
    services: Services,
    account_id: UUID,
    action: ConnectsAction,
    job_id: UUID | None,
    freelancer_id: UUID | None,
) -> bool:
    accepted = Invitation.filter(status=InvitationStatus.ACCEPTED)
    if action is ConnectsAction.SUBMIT_PROPOSAL and job_id is not None:
        invitation = accepted.filter(job_id=job_id, freelancer_id=account_id)
        return await _exists(services, invitation)
    if action is ConnectsAction.CONTACT_FREELANCER and freelancer_id is not None:
        pair = {"account_id": account_id, "freelancer_id": freelancer_id}
        return await _exists(services, Contact.filter(**pair)) or await _exists(
            services, accepted.filter(**pair)
        )
    return False


async def _exists(services: Services, rows: "QuerySet[Any]") -> bool:
    return await services.database.select(lambda reader: rows.using_db(reader).exists())
