"""A retry answers what was carried out, whatever has changed since."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from models.identifiers import new_id
from models.rules.refusals import InvalidInput, InvalidReason
from models.store.loaders import Loaders
from models.store.statements import both
from models.tables import User
from resolvers.payments import Payment, PaymentResult
from schema.ids import parse_id
from tests.clocks import ManualClock
from tests.schema.callers import Api, Json, Member


class OtherPayments:
    """A payment company that has none of the methods of the one before."""

    def check_method(self, method: str | None) -> str:
        raise InvalidInput.at("paymentMethod", "is gone", InvalidReason.NOT_A_PAYMENT_METHOD)

    async def charge(self, payment: Payment) -> PaymentResult:
        raise AssertionError("it was paid before")


def at(api: Api, member: Member) -> Member:
    """The same person at a server that is set up in another way."""
    return Member(api.http, member.token, member.account_id, member.freelancer_id)


async def change(api: Api, statement: str) -> None:
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(both(statement))


@pytest.mark.parametrize("method", ["sandbox:ok", "sandbox:pending", "sandbox:declined"])
@pytest.mark.parametrize("payments", [None, OtherPayments()], ids=["selling is off", "no method"])
async def test_a_purchase_is_answered_again_after_its_way_to_pay_is_gone(
    api: Api, payments: OtherPayments | None, method: str
) -> None:
    clara = await api.client()
    bought = {"packageId": await clara.package(10), "paymentMethod": method}
    first = await clara.buy(10, idempotencyKey="buy", **bought)
    later = at(api.paid_by(payments), clara)
    if payments is not None and method == "sandbox:pending":
        return  # a pending payment is asked about again, at whatever company there is

    async with api.unchanged():
        again = await later.buy(10, idempotencyKey="buy", **bought)
        refused = await later.buy(10, idempotencyKey="another", **bought)

    if method == "sandbox:declined":
        assert again["__typename"] == "PaymentDeclined"
    else:
        assert again == first | {"replayed": True}
    assert refused["__typename"] == ("NotAllowed" if payments is None else "InvalidInput")
    then = await clara.buy(10, idempotencyKey="another", **bought | {"paymentMethod": method})
    assert then["__typename"] == first["__typename"], "it was decided afresh"
    assert not then.get("replayed")


async def test_a_purchase_is_answered_again_after_its_package_was_withdrawn(api: Api) -> None:
    clara = await api.client()
    bought = {"packageId": await clara.package(10), "idempotencyKey": "buy"}
    first = await clara.buy(10, **bought)
    await change(api, "UPDATE package SET on_sale = FALSE")

    async with api.unchanged():
        assert await clara.buy(10, **bought) == first | {"replayed": True}


async def post_a_job(api: Api, clara: Member, farid: Member) -> Callable[[], Awaitable[Json]]:
    return lambda: clara.post_job(expectedConnects=1, idempotencyKey="retry")


async def propose(api: Api, clara: Member, farid: Member) -> Callable[[], Awaitable[Json]]:
    job = await clara.new_job()
    return lambda: farid.propose(job, expectedConnects=1, idempotencyKey="retry")


async def invite(api: Api, clara: Member, farid: Member) -> Callable[[], Awaitable[Json]]:
    job = await clara.new_job()
    return lambda: clara.invite(job, farid, 1, expectedConnects=1, idempotencyKey="retry")


async def contact(api: Api, clara: Member, farid: Member) -> Callable[[], Awaitable[Json]]:
    return lambda: clara.contact(farid, expectedConnects=1, idempotencyKey="retry")


async def decline(api: Api, clara: Member, farid: Member) -> Callable[[], Awaitable[Json]]:
    invitation = await clara.new_invitation(await clara.new_job(), farid)
    return lambda: farid.respond(invitation, "DECLINE", idempotencyKey="retry")


ACTS = [post_a_job, propose, invite, contact, decline]


@pytest.mark.parametrize("prepare", ACTS)
async def test_a_retry_is_answered_after_prices_changed_and_jobs_closed(
    api: Api, clock: ManualClock, prepare: Callable[..., Awaitable[Callable[[], Awaitable[Json]]]]
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    act = await prepare(api, clara, farid)
    first = await act()
    await change(api, f"DELETE FROM cost_rule WHERE effective_from <= {clock.now}")
    await change(api, "UPDATE job SET status = 'CANCELLED'")
    await change(api, "UPDATE freelancer SET email = NULL, phone = NULL")

    async with api.unchanged():
        again = await act()

    assert first["__typename"].endswith("Success")
    assert (again["__typename"], again["replayed"]) == (first["__typename"], True)
    assert again.get("entry") == first.get("entry")


@pytest.mark.parametrize("prepare", [propose, invite, contact])
async def test_a_retry_is_answered_after_both_sides_became_ones_own(
    api: Api, clock: ManualClock, prepare: Callable[..., Awaitable[Callable[[], Awaitable[Json]]]]
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    act = await prepare(api, clara, farid)
    first = await act()
    await join(api, clock, clara, farid)

    async with api.unchanged():
        again = await act()
        refused = await prepare_again(api, prepare, clara, farid)

    assert (again["__typename"], again["replayed"]) == (first["__typename"], True)
    assert refused["__typename"] == "NotAllowed"


async def prepare_again(
    api: Api, prepare: Callable[..., object], clara: Member, farid: Member
) -> Json:
    """The same thing under another key, twice: it is refused, and not from memory."""
    jobs = await clara.node(clara.account_id, "... on Account { jobs { nodes { id } } }")
    nodes = jobs["jobs"]["nodes"]
    for _ in range(2):
        if prepare is propose:
            refused = await farid.propose(nodes[0]["id"], idempotencyKey="another")
        elif prepare is invite:
            refused = await clara.invite(nodes[0]["id"], farid, 1, idempotencyKey="another")
        else:
            refused = await clara.contact(farid, idempotencyKey="another")
        assert not refused["message"].startswith("When this key")
    return dict(refused)


async def join(api: Api, clock: ManualClock, clara: Member, farid: Member) -> None:
    """Both become members of each other's account."""
    users = await User.all().using_db(api.services.database.writer)
    for user in users:
        for member in (clara, farid):
            parsed = parse_id(member.account_id)
            assert parsed is not None
            await change(
                api,
                "INSERT INTO membership (id, account_id, user_id, created_at) VALUES "
                f"('{new_id(clock.now)}', '{parsed.id}', '{user.id}', {clock.now}) "
                "ON CONFLICT DO NOTHING",
            )


async def test_who_is_no_longer_a_member_is_told_nothing(api: Api) -> None:
    clara = await api.client()
    job = await clara.post_job(idempotencyKey="retry")
    parsed = parse_id(clara.account_id)
    assert parsed is not None
    await change(api, f"DELETE FROM membership WHERE account_id = '{parsed.id}'")

    # Another process: this one remembers who is a member, because nobody ceases to be one so far.
    fresh = replace(api.services, loaders=Loaders(api.services.database))
    async with api.unchanged():
        again = await at(Api.of(fresh), clara).post_job(idempotencyKey="retry")

    assert (job["__typename"], again["__typename"]) == ("PostJobSuccess", "NotFound")
