"""What a wallet shows: what there is, in which lots, what comes next, what there was."""

import pytest

from models.rules.instants import DAY, rfc3339
from tests.clocks import ManualClock
from tests.schema.callers import Api

LOTS = "source granted remaining createdAt expiresAt"
NOW = "2026-11-22T09:30:00.000000Z"


async def test_a_new_wallet_holds_one_lot_for_twelve_months(api: Api) -> None:
    clara = await api.client()

    wallet = await clara.wallet(
        f"id available held account {{ id }} lots {{ nodes {{ {LOTS} }} }}"
        " nextGrant { connects at }"
    )

    assert wallet == {
        "id": wallet["id"],
        "available": 60,
        "held": 0,
        "account": {"id": clara.account_id},
        "lots": {
            "nodes": [
                {
                    "source": "MONTHLY_GRANT",
                    "granted": 60,
                    "remaining": 60,
                    "createdAt": NOW,
                    "expiresAt": "2027-11-22T09:30:00.000000Z",
                }
            ]
        },
        "nextGrant": {"connects": 60, "at": "2026-12-01T00:00:00.000000Z"},
    }
    assert await clara.node(wallet["id"], "... on Wallet { available }") == {"available": 60}


async def test_lots_stand_in_the_order_in_which_they_are_drawn(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    clock.advance(DAY)
    await clara.buy(20)
    clock.advance(-DAY // 2)
    await clara.buy(10)

    lots = (await clara.wallet(f"lots {{ nodes {{ {LOTS} }} }}"))["lots"]["nodes"]

    assert [lot["granted"] for lot in lots] == [60, 20, 10]
    assert lots == sorted(lots, key=lambda lot: str(lot["expiresAt"]))


async def test_empty_lots_are_left_out_unless_asked_for(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.buy(10)
    await clara.invite(await clara.new_job(), farid, 50)
    await clara.invite(await clara.new_job(), farid, 10)

    shown = await clara.wallet(
        "live: lots { nodes { granted remaining } }"
        " usual: lots(onlyLive: null, first: null) { nodes { granted } }"
        " all: lots(onlyLive: false) { nodes { granted remaining } }"
    )

    assert shown["live"]["nodes"] == [{"granted": 10, "remaining": 8}]
    assert shown["usual"]["nodes"] == [{"granted": 10}]
    assert shown["all"]["nodes"] == [
        {"granted": 60, "remaining": 0},
        {"granted": 10, "remaining": 8},
    ]


async def test_what_lapses_soon_is_shown_with_its_lot(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await clara.new_job()
    clock.move_to("2027-10-24T00:00:00+00:00")

    wallet = await clara.wallet(
        "expiring { connects at lot { granted } } usual: expiring(withinDays: null) { connects }"
        " today: expiring(withinDays: 0) { connects } far: expiring(withinDays: 90) { connects at }"
    )

    assert wallet["expiring"] == [
        {"connects": 59, "at": "2027-11-22T09:30:00.000000Z", "lot": {"granted": 60}}
    ]
    assert (wallet["usual"], wallet["today"]) == ([{"connects": 59}], [])
    assert [soon["at"] for soon in wallet["far"]] == [
        "2027-11-22T09:30:00.000000Z",
        "2027-12-01T00:00:00.000000Z",
        "2028-01-01T00:00:00.000000Z",
    ]


async def test_it_looks_ahead_ten_years_at_most(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()

    for days in (-1, 3661, 2**31 - 1):
        with subtests.test(days=days):
            expiring = _WALLET % f"expiring(withinDays: {days}) {{ at }}"
            error = await clara.fail(expiring, id=clara.account_id)

            assert error["extensions"]["code"] == "INVALID_INPUT"
            assert error["message"] == f"withinDays: must be 0 to 3660, not {days}"


async def test_what_was_available_at_any_time_in_the_past_can_be_asked(
    api: Api, clock: ManualClock
) -> None:
    opened = clock.now
    clara = await api.client()
    clock.advance(1)
    await clara.new_job()
    clock.advance(DAY)
    await clara.buy(10)
    times = [0, opened - 1, opened, opened + 1, opened + DAY, clock.now]

    found = [
        (await clara.wallet(f'availableAt(time: "{rfc3339(time)}")'))["availableAt"]
        for time in times
    ]

    assert found == [0, 0, 60, 59, 59, 69]


async def test_a_time_of_another_zone_is_the_same_time(api: Api) -> None:
    clara = await api.client()

    found = await clara.wallet(
        'before: availableAt(time: "2026-11-22T11:29:59.999999+02:00")'
        ' then: availableAt(time: "2026-11-22T11:30:00+02:00")'
    )

    assert found == {"before": 0, "then": 60}


async def test_what_will_be_available_cannot_be_asked(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    tomorrow = rfc3339(clock.now + 1)

    error = await clara.fail(_WALLET % f'availableAt(time: "{tomorrow}")', id=clara.account_id)

    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["message"].startswith("time: lies in the future")


_WALLET = "query($id: ID!) { node(id: $id) { ... on Account { wallet { %s } } } }"
