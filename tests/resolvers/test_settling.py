"""What the payment company reports is booked once, and only for purchases that there are."""

from uuid import uuid4

import pytest

from models.ledger.commands import Intent, request_hash
from models.rules.instants import FOREVER
from models.rules.kinds import AccountKind, PurchaseStatus
from models.rules.refusals import NotFound
from models.tables import Purchase
from resolvers.buy_connects import buy_connects, settle
from resolvers.open_account import open_account
from resolvers.payments import PaymentResult
from resolvers.people.tokens import Claims
from resolvers.people.users import signed_in
from resolvers.services import Services
from tests.books import book_of, dump
from tests.clocks import ManualClock


async def pending_purchase(services: Services, connects: int = 10) -> Purchase:
    """A purchase of a client whose payment is pending."""
    user = await signed_in(services, Claims("ada", "Ada", None, FOREVER))
    opened = await open_account(
        services,
        user,
        kind=AccountKind.CLIENT,
        name="Ada's",
        profile=None,
        intent=Intent(user.id, "open", request_hash("open", {})),
    )
    packages = await services.loaders.packages()
    bought = await buy_connects(
        services,
        user,
        account_id=opened.account.id,
        package_id=next(package.id for package in packages if package.connects == connects),
        quantity=1,
        payment_method="sandbox:pending",
        intent=Intent(user.id, uuid4().hex, request_hash("buy", {})),
    )
    return bought.purchase


async def status_of(services: Services, purchase: Purchase) -> object:
    row = await services.loaders.purchases.load(purchase.id)
    assert row is not None
    return row.status


async def test_a_purchase_that_does_not_exist_is_not_found(services: Services) -> None:
    before = await dump(services.database)

    with pytest.raises(NotFound):
        await settle(services, uuid4(), PaymentResult.PAID)

    assert await dump(services.database) == before


async def test_a_payment_that_is_still_pending_changes_nothing(services: Services) -> None:
    purchase = await pending_purchase(services)
    before = await dump(services.database)

    await settle(services, purchase.id, PaymentResult.PENDING)

    assert await dump(services.database) == before


@pytest.mark.parametrize("first", [PaymentResult.PAID, PaymentResult.DECLINED])
async def test_the_first_report_decides(services: Services, first: PaymentResult) -> None:
    purchase = await pending_purchase(services)
    await settle(services, purchase.id, first)
    before = await dump(services.database)

    for result in PaymentResult:
        await settle(services, purchase.id, result)

    assert await dump(services.database) == before
    assert await status_of(services, purchase) == PurchaseStatus[first]


async def test_a_payment_that_arrives_a_year_late_lives_as_long_as_any_other(
    services: Services, clock: ManualClock
) -> None:
    purchase = await pending_purchase(services)
    clock.move_to("2027-11-30T00:00:00+00:00")

    await settle(services, purchase.id, PaymentResult.PAID)

    book = await book_of(services.database, purchase.account_id)
    (lot,) = (lot for lot in book.lots if lot.purchase_id == purchase.id)
    clock.move_to("2028-11-30T00:00:00+00:00")
    assert (lot.remaining, lot.expires_at) == (10, clock.now)


async def test_what_was_paid_is_credited_though_the_wallet_has_filled_up_meanwhile(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = await pending_purchase(services, 80)
    monkeypatch.setattr("models.rules.postings.WALLET_LIMIT", 100)

    await settle(services, purchase.id, PaymentResult.PAID)

    assert (await book_of(services.database, purchase.account_id)).wallet.available == 140
    assert await status_of(services, purchase) == PurchaseStatus.PAID
