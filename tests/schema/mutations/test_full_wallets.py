"""A wallet that is nearly full: what has no room is refused before anything is charged."""

import asyncio
from uuid import UUID

import pytest

from models.rules.postings import WALLET_LIMIT
from models.store.statements import both
from resolvers.buy_connects import settle
from resolvers.payments import Payment, PaymentResult
from schema.ids import global_id, parse_id
from tests.schema.callers import Api, Json, Member

MILLION = "0192a000-0000-7000-8000-00000000f001"


class CountingPayments:
    """Charges each purchase once; while `open` is not set, everybody waits for the company."""

    def __init__(self) -> None:
        self.charged: list[UUID] = []
        self.result = PaymentResult.PAID
        self.open = asyncio.Event()
        self.open.set()

    def check_method(self, method: str | None) -> str:
        return "card"

    async def charge(self, payment: Payment) -> PaymentResult:
        self.charged.append(payment.purchase_id)
        await self.open.wait()
        return self.result


@pytest.fixture
def payments() -> CountingPayments:
    return CountingPayments()


@pytest.fixture
async def clara(api: Api, payments: CountingPayments) -> Member:
    """A client, where a package of a million is on sale, with nine hundred million and sixty."""
    async with api.services.database.transaction() as transaction:
        kinds = '["CLIENT"]'
        await transaction.fetch(
            both(
                f"""
                INSERT INTO package (id, connects, price_minor, currency, for_kinds,
                    lifetime_months, on_sale, effective_from)
                VALUES ('{MILLION}', 1000000, 100, 'USD', '{kinds}', 12, TRUE, 1)
                """
            )
        )
    clara = await api.paid_by(payments).client()
    for _ in range(9):
        assert (await millions(clara, 100))["purchase"]["status"] == "PAID"
    payments.charged.clear()
    return clara


async def millions(clara: Member, quantity: int, **input: object) -> Json:
    package = global_id("ConnectsPackage", UUID(MILLION))
    bought: Json = await clara.buy(10, packageId=package, quantity=quantity, **input)
    return bought


async def pending(api: Api) -> int:
    rows = await api.services.database.fetch(
        both("SELECT count(*) FROM purchase WHERE status = 'PENDING'")
    )
    return int(rows[0][0])


async def test_of_two_purchases_at_once_that_do_not_both_fit_only_one_is_charged(
    api: Api, clara: Member, payments: CountingPayments
) -> None:
    payments.open.clear()
    buying = [asyncio.create_task(millions(clara, 90)) for _ in range(2)]
    await asyncio.wait(buying, return_when=asyncio.FIRST_COMPLETED, timeout=5)
    payments.open.set()

    answers = await asyncio.gather(*buying)

    bought, refused = sorted(answers, key=lambda answer: answer["__typename"])
    assert bought["purchase"]["status"] == "PAID"
    assert (refused["__typename"], refused["retryable"]) == ("LimitExceeded", False)
    assert (refused["limit"], refused["used"]) == (WALLET_LIMIT, 990_000_060)
    assert len(payments.charged) == 1
    assert await pending(api) == 0
    assert await clara.available() == 990_000_060


async def test_a_pending_purchase_takes_its_room_until_it_is_declined(
    api: Api, clara: Member, payments: CountingPayments
) -> None:
    payments.result = PaymentResult.PENDING
    waiting = await millions(clara, 90)
    assert waiting["purchase"]["status"] == "PENDING"
    payments.result = PaymentResult.PAID

    async with api.unchanged():
        assert (await millions(clara, 10))["__typename"] == "LimitExceeded"
    assert len(payments.charged) == 1

    parsed = parse_id(waiting["purchase"]["id"])
    assert parsed is not None
    await settle(api.services, parsed.id, PaymentResult.DECLINED)
    assert (await millions(clara, 90))["purchase"]["status"] == "PAID"


async def test_what_was_refused_for_want_of_room_charges_nothing_however_often_it_is_asked(
    api: Api, clara: Member, payments: CountingPayments
) -> None:
    async with api.unchanged():
        for _ in range(3):
            refused = await millions(clara, 100, idempotencyKey="too much")
            assert refused["__typename"] == "LimitExceeded"

    assert (payments.charged, await pending(api)) == ([], 0)


async def test_as_much_as_fits_can_be_bought(clara: Member) -> None:
    assert (await millions(clara, 99))["purchase"]["status"] == "PAID"
    assert await clara.available() == 999_000_060
