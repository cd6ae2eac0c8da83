"""Whatever way leads to a lot, it shows what remains of it this instant."""

import re

import pytest

from models.rules.instants import DAY
from models.store.lots import LotAt
from models.store.pages import Page
from resolvers import wallets
from schema.ids import parse_id
from tests.clocks import ManualClock
from tests.schema.callers import Api, Caller, Member
from tests.schema.mutations.test_return_policies import Policy, put_in_force

WAYS = {
    "its id": '{ node(id: "%(lot)s") { ...L } }',
    "many ids": '{ nodes(ids: ["%(lot)s"]) { ...L } }',
    "its purchase": '{ node(id: "%(purchase)s") { ... on Purchase { lot { ...L } } } }',
    "a draw": '{ node(id: "%(entry)s") { ... on Entry { draws { lot { ...L } } } } }',
}


async def remaining(caller: Caller, way: str, names: dict[str, str]) -> set[str]:
    """What is left of the lot, in the words of the answer."""
    document = WAYS[way] % names + " fragment L on Lot { remaining }"
    answer = (await caller.send(document)).text
    assert '"errors"' not in answer
    return set(re.findall(r'"remaining":(\d+)', answer))


async def spent_from_a_purchase(api: Api, clock: ManualClock) -> tuple[Member, dict[str, str]]:
    """A client who spent 30 of a lot of 60 that lapses a year later, and what leads to it."""
    clara, farid = await api.client(), await api.freelancer()
    await clara.invite(await clara.new_job(), farid, 50)
    await clara.invite(await clara.new_job(), await api.freelancer("Fred"), 8)
    clock.advance(DAY)
    purchase = (await clara.buy(60))["purchase"]
    spent = await clara.invite(await clara.new_job(), await api.freelancer("Fay"), 29)
    return clara, {
        "lot": purchase["lot"]["id"],
        "purchase": purchase["id"],
        "entry": spent["entry"]["id"],
    }


@pytest.mark.parametrize("way", WAYS)
async def test_a_lapsed_lot_is_empty_whatever_way_leads_to_it(
    api: Api, clock: ManualClock, way: str
) -> None:
    clara, names = await spent_from_a_purchase(api, clock)
    assert await remaining(clara, way, names) == {"30"}
    clock.move_to("2027-12-22T09:30:00+00:00")

    assert await remaining(clara, way, names) == {"0"}


async def test_every_way_to_a_lapsed_lot_says_the_same_in_one_answer(
    api: Api, clock: ManualClock
) -> None:
    clara, names = await spent_from_a_purchase(api, clock)
    clock.move_to("2027-12-22T09:30:00+00:00")

    shown = await clara.ask(
        """query($lot: ID!, $purchase: ID!, $entry: ID!, $account: ID!) {
            lot: node(id: $lot) { ... on Lot { id remaining } }
            purchase: node(id: $purchase) { ... on Purchase { lot { remaining } } }
            entry: node(id: $entry) { ... on Entry { draws { lot { remaining } } } }
            account: node(id: $account) { ... on Account { wallet {
                available
                all: lots(first: 100, onlyLive: false) { nodes { id remaining } }
                live: lots(first: 100) { nodes { id remaining } }
            } } }
        }""",
        **names,
        account=clara.account_id,
    )

    wallet = shown["account"]["wallet"]
    assert shown["lot"] == {"id": names["lot"], "remaining": 0}
    assert shown["purchase"] == {"lot": {"remaining": 0}}
    assert {draw["lot"]["remaining"] for draw in shown["entry"]["draws"]} == {0}
    assert shown["lot"] in wallet["all"]["nodes"]
    assert names["lot"] not in {lot["id"] for lot in wallet["live"]["nodes"]}
    assert wallet["available"] == sum(lot["remaining"] for lot in wallet["live"]["nodes"])
    assert wallet["available"] == sum(lot["remaining"] for lot in wallet["all"]["nodes"])


async def test_what_is_due_to_come_back_is_in_its_lot_whatever_way_leads_to_it(
    api: Api, clock: ManualClock
) -> None:
    await put_in_force(api, Policy(100, 100), 1)
    clara, names = await spent_from_a_purchase(api, clock)
    clock.advance(8 * DAY)

    for way in WAYS:
        assert await remaining(clara, way, names) == {"59"}


async def test_an_outsider_who_asks_for_a_lot_books_nothing(api: Api, clock: ManualClock) -> None:
    _, names = await spent_from_a_purchase(api, clock)
    clock.move_to("2027-12-22T09:30:00+00:00")
    mallory = await api.client("Mallory")

    async with api.unchanged():
        for caller in (mallory, api.nobody):
            for name in names.values():
                assert await caller.node(name) is None


async def test_lots_are_read_as_they_stood_at_any_sequence(api: Api, clock: ManualClock) -> None:
    await put_in_force(api, Policy(100, 100), 1)
    clara = await api.client()
    account = parse_id(clara.account_id)
    assert account is not None
    services, states = api.services, []

    async def note() -> None:
        wallet = await wallets.current(services, account.id)
        states.append(wallet)

    await note()
    for guest in range(6):
        if guest % 2:
            await clara.buy(10)
            await note()
        job = await clara.new_job()
        await note()
        await clara.invite(job, await api.freelancer(f"F{guest}"), 9)
        await note()
        await clara.cancel(job)
        await note()
        clock.advance(DAY)
    clock.advance(10 * DAY)
    await note()

    for wallet in states:
        for live in (True, False):
            found = (await wallets.lots(services, wallet, live, Page(100))).rows
            assert sum(lot.remaining for lot in found) == wallet.available
            assert all(lot.remaining for lot in found) or not live
            assert found == sorted(found, key=lambda lot: lot.drawing_order)
            backwards = await wallets.lots(services, wallet, live, Page(100, backwards=True))
            assert backwards.rows == found
            by_one = await wallets.lots(services, wallet, live, Page(1))
            assert by_one.rows == found[:1]
            named = await services.loaders.lots.load_many(
                [LotAt(lot.account_id, lot.sequence, wallet.sequence) for lot in found]
            )
            assert named == found
        soon = await wallets.expiring(services, wallet, 3660, 100)
        assert sum(lot.remaining for lot in soon) == wallet.available
