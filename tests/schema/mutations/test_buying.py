"""Buying Connects in the payment sandbox: paid at once, declined, or pending until it settles."""

import asyncio
from uuid import UUID, uuid4

import pytest

from models.store.statements import both
from models.tables import Purchase
from resolvers.buy_connects import settle
from resolvers.payments import PaymentResult
from schema.ids import global_id, parse_id
from tests.clocks import ManualClock
from tests.schema.callers import Api, replayed

PAID, DECLINED = PaymentResult.PAID, PaymentResult.DECLINED


async def reported(api: Api, purchase_id: str, result: PaymentResult) -> None:
    """The payment company reports how a payment ended."""
    parsed = parse_id(purchase_id)
    assert parsed is not None
    await settle(api.services, parsed.id, result)


@pytest.mark.parametrize("method", [{}, {"paymentMethod": "sandbox:ok"}], ids=["usual", "named"])
async def test_a_paid_purchase_is_credited_at_once(api: Api, method: dict[str, str]) -> None:
    clara = await api.client()

    bought = await clara.buy(20, quantity=3, **method)

    purchase = bought["purchase"]
    assert (purchase["status"], purchase["connects"], purchase["quantity"]) == ("PAID", 60, 3)
    assert purchase["total"] == {"formatted": "$9.00"}
    assert (bought["entry"]["kind"], bought["entry"]["connects"]) == ("PURCHASE", 60)
    assert bought["wallet"]["available"] == await clara.available() == 120
    lot = await clara.node(purchase["lot"]["id"], "... on Lot { source granted expiresAt }")
    assert lot == {
        "source": "PURCHASE",
        "granted": 60,
        "expiresAt": "2027-11-22T09:30:00.000000Z",
    }


async def test_a_declined_payment_leaves_the_wallet_as_it_was(api: Api) -> None:
    clara = await api.client()

    async with api.unchanged(Purchase):
        refused = await clara.buy(20, paymentMethod="sandbox:declined", idempotencyKey="buy")
        again = await clara.buy(20, paymentMethod="sandbox:declined", idempotencyKey="buy")

    assert refused["__typename"] == "PaymentDeclined"
    assert refused["message"] == "The payment was declined. Nothing was charged."
    assert again == refused | {"message": replayed(refused["message"])}


async def test_a_pending_payment_brings_nothing_yet(api: Api) -> None:
    clara = await api.client()

    async with api.unchanged(Purchase):
        bought = await clara.buy(20, paymentMethod="sandbox:pending")

    assert (bought["purchase"]["status"], bought["purchase"]["lot"]) == ("PENDING", None)
    assert (bought["entry"], bought["wallet"]["available"]) == (None, 60)


async def test_a_pending_payment_is_credited_once_however_often_it_is_reported(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    pending = {"paymentMethod": "sandbox:pending", "idempotencyKey": "buy"}
    purchase_id = (await clara.buy(20, **pending))["purchase"]["id"]
    clock.advance(1)

    await asyncio.gather(*(reported(api, purchase_id, PAID) for _ in range(20)))
    await reported(api, purchase_id, DECLINED)

    async with api.unchanged():
        again = await clara.buy(20, **pending)
    assert (again["purchase"]["status"], again["replayed"]) == ("PAID", True)
    assert (again["entry"]["connects"], again["wallet"]["available"]) == (20, 80)
    assert again["purchase"]["lot"] is not None


async def test_a_pending_payment_that_is_declined_in_the_end_brings_nothing(api: Api) -> None:
    clara = await api.client()
    pending = {"paymentMethod": "sandbox:pending", "idempotencyKey": "buy"}
    purchase_id = (await clara.buy(20, **pending))["purchase"]["id"]

    async with api.unchanged(Purchase):
        await reported(api, purchase_id, DECLINED)
        await reported(api, purchase_id, PAID)

    assert (await clara.buy(20, **pending))["__typename"] == "PaymentDeclined"
    status = await clara.node(purchase_id, "... on Purchase { status lot { id } }")
    assert status == {"status": "DECLINED", "lot": None}


async def test_a_wrong_purchase_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    wrong: list[tuple[str, object]] = [
        *(("quantity", quantity) for quantity in (0, -1, 101, 2**31 - 1)),
        *(("paymentMethod", method) for method in ("cash", "", "\0", "\ud800", "SANDBOX:OK")),
    ]

    for field, value in wrong:
        with subtests.test(field, value=value):
            async with api.unchanged():
                refused = await clara.buy(10, **{field: value})

            assert refused["__typename"] == "InvalidInput"
            assert [fault["path"] for fault in refused["fields"]] == [[field]]


async def test_a_package_for_agencies_is_not_for_others(api: Api) -> None:
    clara, agnes = await api.client(), await api.agency()

    async with api.unchanged():
        assert (await clara.buy(300))["__typename"] == "NotAllowed"

    assert (await agnes.buy(300, quantity=100))["wallet"]["available"] == 30_060


async def test_what_is_not_on_sale_cannot_be_bought(api: Api) -> None:
    clara = await api.client()
    unknown = global_id("ConnectsPackage", uuid4())

    async with api.unchanged():
        refused = await clara.buy(10, packageId=unknown)

    assert refused["__typename"] == "NotFound"


async def test_nothing_can_be_bought_where_buying_is_not_set_up(api: Api) -> None:
    clara = await api.client()
    unpaid = await api.paid_by(None).client("Cleo")

    async with api.unchanged():
        refused = await unpaid.buy(10, packageId=await clara.package(10))

    assert refused["__typename"] == "NotAllowed"
    assert (await clara.buy(10))["__typename"] == "BuyConnectsSuccess"


async def test_packages_are_listed_for_each_kind_of_account(api: Api) -> None:
    listed = await api.nobody.ask(
        """{
            client: connectsPackages(accountKind: CLIENT) { connects price { formatted } }
            agency: connectsPackages(accountKind: AGENCY) { connects }
            everything: connectsPackages { connects forKinds }
        }"""
    )

    assert [package["connects"] for package in listed["client"]] == [10, 20, 40, 60, 80]
    assert listed["client"][0]["price"]["formatted"] == "$1.50"
    assert [package["connects"] for package in listed["agency"]] == [10, 20, 40, 60, 80, 150, 300]
    assert listed["everything"][-1] == {"connects": 300, "forKinds": ["AGENCY"]}


async def test_what_others_are_offered_hides_nothing(api: Api) -> None:
    clara, agnes = await api.client(), await api.agency()
    usual = await clara.package(10)
    kinds = {"EUR": '["CLIENT","FREELANCER","AGENCY"]', "USD": '["AGENCY"]'}
    async with api.services.database.transaction() as transaction:
        for number, (currency, for_kinds) in enumerate(kinds.items()):
            await transaction.fetch(
                both(
                    f"""
                    INSERT INTO package (id, connects, price_minor, currency, for_kinds,
                        lifetime_months, on_sale, effective_from)
                    VALUES ('{UUID(int=number)}', 10, 2147483648, '{currency}', '{for_kinds}',
                        12, TRUE, 0)
                    """
                )
            )

    listed = await clara.ask(
        """{
            client: connectsPackages(accountKind: CLIENT) { connects price { currency } }
            agency: connectsPackages(accountKind: AGENCY) { connects price { currency } }
        }"""
    )

    tens = {
        kind: sorted(p["price"]["currency"] for p in packages if p["connects"] == 10)
        for kind, packages in listed.items()
    }
    assert tens == {"client": ["EUR", "USD"], "agency": ["EUR", "USD", "USD"]}
    for member, number in ((clara, 0), (agnes, 0), (agnes, 1)):
        package = global_id("ConnectsPackage", UUID(int=number))
        assert (await member.buy(10, packageId=package))["purchase"]["connects"] == 10
    assert (await clara.buy(10, packageId=usual))["purchase"]["total"] == {"formatted": "$1.50"}


async def test_where_nothing_is_sold_nothing_is_offered(api: Api) -> None:
    unpaid = api.paid_by(None)
    cleo, farid = await unpaid.client("Cleo"), await unpaid.freelancer()
    job = await cleo.new_job()
    await cleo.invite(job, farid, 50)

    listed = await cleo.ask("{ connectsPackages { id } }")
    refused = await cleo.invite(job, await unpaid.freelancer("Fay"), 50)

    assert listed == {"connectsPackages": []}
    assert (refused["__typename"], refused["packages"]) == ("InsufficientConnects", [])
