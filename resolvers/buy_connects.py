"""Buying Connects: a purchase is made, paid, and credited exactly once.

The payment company is asked between two commands, never inside one. Whoever repeats the call,
after a crash or a lost answer, takes it up where it stood: the company is asked again for the
same purchase, and the second command credits only a purchase that is still pending.
"""

import asyncio
import logging
from dataclasses import dataclass
from uuid import UUID

from models.identifiers import new_id
from models.ledger.commands import Change, Command, Decision, Facts, Intent, Lookup, Posted
from models.rules.facts import Entry, Wallet
from models.rules.kinds import AccountKind, PurchaseStatus
from models.rules.postings import Credit, check_room
from models.rules.prices import Package, packages_on_sale
from models.rules.refusals import (
    InvalidInput,
    NotAllowed,
    NotAllowedReason,
    NotFound,
    PaymentDeclined,
    Refusal,
    decided_afresh,
)
from models.tables import Purchase, User
from resolvers import access, wallets
from resolvers.inputs import Checks
from resolvers.outcomes import outcome
from resolvers.payments import PAYMENT_SECONDS, Payment, PaymentProvider, PaymentResult
from resolvers.services import Services

QUANTITY = 100

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ConnectsBought:
    """`entry` is None while the payment is pending."""

    purchase: Purchase
    wallet: Wallet
    entry: Entry | None
    replayed: bool


async def buy_connects(
    services: Services,
    user: User,
    *,
    account_id: UUID,
    package_id: UUID,
    quantity: int,
    payment_method: str | None,
    intent: Intent,
) -> ConnectsBought:
    """Buys `quantity` (1 to QUANTITY) of a package for one of the user's accounts.

    Raises InvalidInput, NotFound, NotAllowed where the package is not for the account's kind or
    buying is not set up, LimitExceeded where the wallet has no room for them beside all that is
    pending, PaymentDeclined, and what `Ledger.post` raises.
    """
    checks = Checks()
    checks.key(intent.key)
    checks.within("quantity", quantity, 1, QUANTITY)
    checks.done()
    account = await access.own_account(services, user, account_id)
    provider = services.payments
    method = _method(provider, payment_method)
    packages = await services.loaders.packages()
    pending = Lookup(Purchase, ("account_id", "status"), (account_id, PurchaseStatus.PENDING))

    def decide(facts: Facts) -> Decision:
        # Raised here: what was bought earlier under this key is answered all the same.
        if isinstance(method, Refusal):
            raise method
        package = _on_sale(packages, package_id, account.kind, facts.now)
        assert facts.wallet is not None
        check_room(facts.wallet, _pending(facts.rows(pending)), package.connects * quantity)
        purchase = Purchase.construct(
            id=new_id(facts.now),
            account_id=account_id,
            user_id=user.id,
            package_id=package_id,
            quantity=quantity,
            connects=package.connects * quantity,
            total_minor=package.price_minor * quantity,
            currency=package.currency,
            lifetime_months=package.lifetime_months,
            payment_method=method,
            status=PurchaseStatus.PENDING,
            created_at=facts.now,
            settled_at=None,
        )
        return Decision(subject_id=purchase.id, inserts=(purchase,))

    posted = await services.ledger.post(
        Command(
            decide=decide,
            account_id=account_id,
            actor_id=user.id,
            intent=intent,
            lookups=(pending,),
        )
    )
    assert posted.subject_id is not None
    purchase, settled = await _paid(services, provider, posted.subject_id)
    if purchase.status is PurchaseStatus.DECLINED:
        declined = PaymentDeclined("The payment was declined. Nothing was charged.")
        declined.replayed = posted.replayed
        raise declined
    with outcome():
        # The entry first: it is in every wallet that is read later.
        entry = settled.entry if settled else None
        if entry is None:
            entry = await services.loaders.paying_entries.load((account_id, purchase.id))
        wallet = settled.wallet if settled else None
        if wallet is None or (entry is not None and entry.sequence > wallet.sequence):
            wallet = await wallets.current(services, account_id)
    return ConnectsBought(purchase, wallet, entry, posted.replayed)


async def settle(services: Services, purchase_id: UUID, result: PaymentResult) -> Posted:
    """Books what the payment company reported, once, however often it reports it.

    What was paid is always credited: whether there is room was decided before it was charged.
    Raises NotFound for an unknown purchase. A purchase that is no longer pending stays as it is.
    """
    purchase = await services.loaders.purchases.load(purchase_id)
    if purchase is None:
        raise NotFound("There is no such purchase.")
    same = Lookup(Purchase, ("id",), (purchase_id,), exclusive=True)

    def decide(facts: Facts) -> Decision:
        (pending,) = facts.rows(same)
        if pending.status is not PurchaseStatus.PENDING or result is PaymentResult.PENDING:
            return Decision(subject_id=purchase_id)
        paid = result is PaymentResult.PAID
        status = PurchaseStatus.PAID if paid else PurchaseStatus.DECLINED
        credit = Credit(pending.connects, pending.lifetime_months, purchase_id)
        return Decision(
            subject_id=purchase_id,
            movement=credit if paid else None,
            changes=(Change(pending, {"status": status, "settled_at": facts.now}),),
        )

    return await services.ledger.post(
        Command(
            decide=decide,
            account_id=purchase.account_id,
            actor_id=purchase.user_id,
            lookups=(same,),
        )
    )


def _method(provider: PaymentProvider | None, asked: str | None) -> str | Refusal:
    """The payment method to use, or why there is none now."""
    if provider is None:
        message = "Buying Connects is not set up on this server."
        return decided_afresh(NotAllowed(message, NotAllowedReason.SELLING_IS_OFF))
    try:
        return provider.check_method(asked)
    except InvalidInput as refusal:
        return decided_afresh(refusal)


async def _paid(
    services: Services, provider: PaymentProvider | None, purchase_id: UUID
) -> tuple[Purchase, Posted | None]:
    """The purchase after the payment company was asked, if it was still pending, and how it was
    settled then. Without a company it stays pending."""
    purchase = await services.loaders.purchases.load(purchase_id)
    assert purchase is not None
    if provider is None or purchase.status is not PurchaseStatus.PENDING:
        return purchase, None
    payment = Payment(purchase.id, purchase.total_minor, purchase.currency, purchase.payment_method)
    try:
        async with asyncio.timeout(PAYMENT_SECONDS):
            result = await provider.charge(payment)
    except Exception:
        # Whether it was paid is not known; asked again for this purchase, the company will say.
        _logger.exception("payment of purchase %s failed and stays pending", purchase_id)
        return purchase, None
    posted = await settle(services, purchase_id, result)
    with outcome():
        settled = await services.loaders.purchases.load(purchase_id)
    assert settled is not None
    return settled, posted


async def packages_for_sale(services: Services, kind: AccountKind | None = None) -> list[Package]:
    """What can be bought now, by accounts of `kind` if one is given, smallest first.

    None where buying is not set up.
    """
    if services.payments is None:
        return []
    on_sale = packages_on_sale(await services.loaders.packages(), services.clock())
    return [package for package in on_sale if kind is None or kind in package.for_kinds]


def _pending(purchases: list[Purchase]) -> int:
    """The Connects that may still be credited; a row may have been settled in the same batch."""
    return sum(row.connects for row in purchases if row.status is PurchaseStatus.PENDING)


def _on_sale(packages: list[Package], package_id: UUID, kind: AccountKind, at: int) -> Package:
    for package in packages_on_sale(packages, at):
        if package.id == package_id:
            if kind not in package.for_kinds:
                raise NotAllowed(
                    f"This package is not for {kind.lower()} accounts; "
                    "connectsPackages lists those that are.",
                    NotAllowedReason.PACKAGE_NOT_FOR_KIND,
                )
            return package
    raise NotFound("There is no such package on sale.")
