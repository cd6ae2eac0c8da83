"""A payment company that fails halfway: the same key finishes the purchase, charged once."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from resolvers.payments import Payment, PaymentResult
from tests.schema.callers import Api

Fault = Callable[[], Awaitable[None]]


class FaultyPayments:
    """Takes the money, once for each purchase, and then fails as often as it has faults."""

    def __init__(self, *faults: Fault) -> None:
        self.charged: dict[UUID, int] = {}
        self.asked = asyncio.Event()
        self._faults = list(faults)

    def check_method(self, method: str | None) -> str:
        return "card"

    async def charge(self, payment: Payment) -> PaymentResult:
        self.charged[payment.purchase_id] = payment.total_minor
        self.asked.set()
        if self._faults:
            await self._faults.pop(0)()
        return PaymentResult.PAID


async def loses_the_connection() -> None:
    raise ConnectionResetError("the payment company hung up")


async def has_a_bug() -> None:
    raise KeyError("amount")


async def times_out() -> None:
    raise TimeoutError


async def hangs() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    "faults",
    [
        (loses_the_connection,),
        (has_a_bug,),
        (times_out,),
        (hangs,),
        (hangs, loses_the_connection, times_out),
    ],
    ids=lambda faults: ", ".join(fault.__name__ for fault in faults),
)
async def test_the_same_key_finishes_a_purchase_whose_payment_failed(
    api: Api, faults: tuple[Fault, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.buy_connects.PAYMENT_SECONDS", 0.05)
    payments = FaultyPayments(*faults)
    clara = await api.paid_by(payments).client()
    input = {"packageId": await clara.package(20), "idempotencyKey": "buy"}
    for _ in faults:
        await clara.send(
            "mutation($input: BuyConnectsInput!) { buyConnects(input: $input) { __typename } }",
            {"input": {"accountId": clara.account_id, **input}},
        )
        assert await clara.available() == 60

    bought = await clara.buy(20, **input)

    assert (bought["purchase"]["status"], bought["replayed"]) == ("PAID", True)
    assert bought["wallet"]["available"] == await clara.available() == 80
    assert list(payments.charged.values()) == [300]


async def test_a_hanging_payment_is_answered_as_pending(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.buy_connects.PAYMENT_SECONDS", 0.05)
    clara = await api.paid_by(FaultyPayments(hangs)).client()

    bought = await clara.buy(20)

    assert (bought["purchase"]["status"], bought["entry"]) == ("PENDING", None)


async def test_a_caller_who_goes_away_while_paying_can_come_back(api: Api) -> None:
    payments = FaultyPayments(hangs)
    clara = await api.paid_by(payments).client()
    gone = asyncio.ensure_future(clara.buy(20, idempotencyKey="buy"))
    await payments.asked.wait()
    gone.cancel()
    assert await clara.available() == 60

    bought = await clara.buy(20, idempotencyKey="buy")

    assert (bought["purchase"]["status"], bought["wallet"]["available"]) == ("PAID", 80)
    assert list(payments.charged.values()) == [300]


async def test_impatient_callers_with_one_key_are_charged_and_credited_once(api: Api) -> None:
    payments = FaultyPayments()
    clara = await api.paid_by(payments).client()

    answers = await asyncio.gather(*(clara.buy(20, idempotencyKey="buy") for _ in range(20)))

    assert len({answer["entry"]["id"] for answer in answers}) == 1
    assert sorted(answer["replayed"] for answer in answers) == [False] + [True] * 19
    assert await clara.available() == 80
    assert list(payments.charged.values()) == [300]
