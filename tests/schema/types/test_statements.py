"""Statements over the API: the sums, who may see them, and which ranges there are."""

from typing import Any

import pytest

from models.rules.instants import DAY, rfc3339
from tests.clocks import ManualClock
from tests.schema.callers import Api, Member

PARTS = """openingAvailable closingAvailable granted purchased spent expired returned adjusted held
    entryCount spentByAction { action connects } paid { amountMinor currency formatted }"""
WALLET = "query($id: ID!) { node(id: $id) { ... on Account { wallet { %s } } } }"


def asked(start: int | str, end: int | str, selection: str = PARTS) -> str:
    start, end = (at if isinstance(at, str) else rfc3339(at) for at in (start, end))
    return f'statement(from: "{start}", to: "{end}") {{ {selection} }}'


async def busy(api: Api, clock: ManualClock) -> Member:
    """A client with a purchase, a job and an invitation, a day apart each."""
    clara, farid = await api.client(), await api.freelancer()
    clock.advance(DAY)
    await clara.buy(10)
    clock.advance(DAY)
    job = await clara.new_job()
    clock.advance(DAY)
    await clara.invite(job, farid, 5)
    return clara


async def test_a_statement_says_what_happened_to_the_unit(api: Api, clock: ManualClock) -> None:
    opened = clock.now
    clara = await busy(api, clock)

    shown = await clara.wallet(
        f"available all: {asked(opened, clock.now)}"
        f" last: {asked(clock.now, clock.now)} two: {asked(opened + DAY, opened + 2 * DAY + 1)}"
    )

    assert shown["available"] == 64
    assert shown["all"] == {
        "openingAvailable": 0,
        "closingAvailable": 69,
        "granted": 60,
        "purchased": 10,
        "spent": 1,
        "expired": 0,
        "returned": 0,
        "adjusted": 0,
        "held": 0,
        "entryCount": 3,
        "spentByAction": [{"action": "POST_JOB", "connects": 1}],
        "paid": [{"amountMinor": 150, "currency": "USD", "formatted": "$1.50"}],
    }
    assert shown["two"] | {"paid": [], "spentByAction": []} == {
        **shown["all"],
        "openingAvailable": 60,
        "granted": 0,
        "entryCount": 2,
        "paid": [],
        "spentByAction": [],
    }
    nothing: dict[str, Any] = dict.fromkeys(shown["all"], 0) | {"paid": [], "spentByAction": []}
    assert shown["last"] == nothing | {"openingAvailable": 69, "closingAvailable": 69}


async def test_what_lapsed_is_in_the_statement_of_when_it_lapsed(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    clock.move_to("2027-12-05T00:00:00+00:00")

    shown = await clara.wallet(
        asked("2027-11-22T00:00:00Z", "2027-11-23T00:00:00Z", "expired granted entryCount")
    )

    assert shown["statement"] == {"expired": 60, "granted": 0, "entryCount": 1}


@pytest.mark.parametrize(
    ("start", "end", "path", "message", "reason"),
    [
        ("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", "to", "must not be before from", "ORDER"),
        ("1826-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "from", "at most 3660 days", "TOO_LARGE"),
        ("2026-11-01T00:00:00Z", "2500-11-01T00:00:00Z", "to", "in the future", "IN_THE_FUTURE"),
        ("2500-11-01T00:00:00Z", "2500-11-02T00:00:00Z", "from", "in the future", "FUTURE"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "to", "in the future", "IN_THE_FUTURE"),
    ],
)
async def test_ranges_that_make_no_sense_are_refused_by_name(
    api: Api, start: str, end: str, path: str, message: str, reason: str
) -> None:
    clara = await api.client()

    error = await clara.fail(WALLET % asked(start, end), id=clara.account_id)

    assert error["extensions"]["code"] == "INVALID_INPUT"
    fault = error["extensions"]["fields"][0]
    assert fault["path"] == [path]
    assert message in fault["message"]
    assert reason in fault["reason"]


async def test_a_wrong_range_deep_in_a_mutation_charges_nothing(api: Api) -> None:
    clara = await api.client()
    document = """mutation($account: ID!) {
        postJob(input: {accountId: $account, title: "A", description: "B", idempotencyKey: "k"}) {
            ... on PostJobSuccess { wallet { %s } } } }"""
    wrong = asked("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", "spent")

    async with api.unchanged():
        error = await clara.fail(document % wrong, account=clara.account_id)

    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_only_a_few_statements_fit_into_an_operation(api: Api) -> None:
    clara = await api.client()
    many = " ".join(
        f"s{n}: " + asked("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "spent")
        for n in range(100)
    )

    error = await clara.fail(WALLET % many, id=clara.account_id)

    assert error["extensions"]["code"] in ("MAX_COST_EXCEEDED", "TOO_MANY_ALIASES")


async def test_outsiders_get_no_addresses(api: Api, clock: ManualClock) -> None:
    clara, mallory = await api.client(), await api.client("Mallory")
    select = f"... on Account {{ wallet {{ {asked(0, 0, 'csvUrl printUrl')} }} }}"
    wallet = (await clara.wallet("id"))["id"]

    for caller in (mallory, api.nobody):
        assert await caller.node(clara.account_id, select) == {"wallet": None}
        assert await caller.node(wallet, f"... on Wallet {{ {asked(0, 0, 'csvUrl')} }}") is None
