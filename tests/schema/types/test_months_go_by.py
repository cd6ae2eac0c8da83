"""Grants and expiry as they are seen from outside: nobody has to be awake for them."""

from tests.clocks import ManualClock
from tests.schema.callers import Api

ENTRIES = "entries(%s) { nodes { kind connects availableAfter createdAt draws { connects } } }"


async def test_the_first_of_the_month_brings_sixty_more(api: Api, clock: ManualClock) -> None:
    clara = await api.client()

    clock.move_to("2026-11-30T23:59:59.999999+00:00")
    assert await clara.available() == 60
    clock.move_to("2026-12-01T00:00:00+00:00")

    wallet = await clara.wallet("available nextGrant { connects at } " + ENTRIES % "first: 1")
    assert wallet == {
        "available": 120,
        "nextGrant": {"connects": 60, "at": "2027-01-01T00:00:00.000000Z"},
        "entries": {
            "nodes": [
                {
                    "kind": "GRANT",
                    "connects": 60,
                    "availableAfter": 120,
                    "createdAt": "2026-12-01T00:00:00.000000Z",
                    "draws": [],
                }
            ]
        },
    }


async def test_missed_months_are_caught_up_each_at_its_own_instant(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    clock.move_to("2027-03-15T12:00:00+00:00")

    wallet = await clara.wallet(
        "available "
        + ENTRIES % "first: 4"
        + ' then: availableAt(time: "2027-01-31T23:59:59.999999Z")'
    )

    assert (wallet["available"], wallet["then"]) == (300, 180)
    assert [entry["createdAt"] for entry in wallet["entries"]["nodes"]] == [
        f"2027-{month}-01T00:00:00.000000Z" for month in ("03", "02", "01")
    ] + ["2026-12-01T00:00:00.000000Z"]


async def test_what_is_left_of_a_lot_lapses_twelve_months_later_to_the_microsecond(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    await clara.new_job()
    clock.move_to("2027-11-22T09:29:59.999999+00:00")
    assert await clara.available() == 60 * 13 - 1

    clock.move_to("2027-11-22T09:30:00+00:00")

    wallet = await clara.wallet(
        "available lots(first: 1) { nodes { createdAt } } " + ENTRIES % "filter: {kinds: [EXPIRY]}"
    )
    assert wallet == {
        "available": 60 * 12,
        "lots": {"nodes": [{"createdAt": "2026-12-01T00:00:00.000000Z"}]},
        "entries": {
            "nodes": [
                {
                    "kind": "EXPIRY",
                    "connects": -59,
                    "availableAfter": 60 * 12,
                    "createdAt": "2027-11-22T09:30:00.000000Z",
                    "draws": [{"connects": 59}],
                }
            ]
        },
    }


async def test_a_lot_that_lapses_as_a_grant_comes_in_makes_room_for_it(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()

    clock.move_to("2027-12-01T00:00:00+00:00")

    assert await clara.available() == 60 * 12
    wallet = await clara.wallet(ENTRIES % "filter: {kinds: [EXPIRY]}")
    assert [entry["createdAt"] for entry in wallet["entries"]["nodes"]] == [
        "2027-12-01T00:00:00.000000Z",
        "2027-11-22T09:30:00.000000Z",
    ]


async def test_a_spent_lot_has_nothing_to_lapse(api: Api, clock: ManualClock) -> None:
    agnes = await api.agency()
    for _ in range(12):
        await agnes.new_job()
    clock.move_to("2027-11-23T00:00:00+00:00")

    wallet = await agnes.wallet("available " + ENTRIES % "filter: {kinds: [EXPIRY]}")

    assert wallet == {"available": 60 * 12, "entries": {"nodes": []}}
