"""The price that a person was shown is the price they pay, or they pay nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models.rules.instants import DAY
from tests.clocks import ManualClock
from tests.schema.callers import Api

Act = Callable[[], Awaitable[Any]]
Prepare = Callable[[Api, int], Awaitable[Act]]


# Each prepares a call that expects a price which is off by so many Connects.


async def posting_a_job(api: Api, off_by: int) -> Act:
    agnes = await api.agency()
    return lambda: agnes.post_job(expectedConnects=5 + off_by)


async def submitting_a_proposal(api: Api, off_by: int) -> Act:
    clara, agnes = await api.client(), await api.agency()
    job = await clara.new_job()
    return lambda: agnes.propose(job, expectedConnects=5 + off_by)


async def inviting_a_freelancer(api: Api, off_by: int) -> Act:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    return lambda: clara.invite(job, farid, 5, expectedConnects=5 + off_by)


async def unlocking_contact_details(api: Api, off_by: int) -> Act:
    clara, farid = await api.client(), await api.freelancer()
    return lambda: clara.contact(farid, expectedConnects=1 + off_by)


ACTIONS = [
    posting_a_job,
    submitting_a_proposal,
    inviting_a_freelancer,
    unlocking_contact_details,
]


async def test_the_expected_price_is_paid(api: Api, subtests: pytest.Subtests) -> None:
    for prepare in ACTIONS:
        with subtests.test(prepare.__name__):
            act = await prepare(api, 0)

            answer = await act()

            assert answer["__typename"].endswith("Success")
            assert answer["entry"]["connects"] in (-1, -5)


async def test_another_price_than_the_expected_one_is_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    for prepare in ACTIONS:
        for off_by in (-1, 1):
            with subtests.test(prepare.__name__, off_by=off_by):
                act = await prepare(api, off_by)

                async with api.unchanged():
                    refused = await act()

                assert refused["__typename"] == "PriceChanged"
                assert refused["expected"] - refused["actual"] == off_by


async def unlocking_again(api: Api, off_by: int) -> Act:
    clara, farid = await api.client(), await api.freelancer()
    await clara.contact(farid)
    return lambda: clara.contact(farid, message="Hello", expectedConnects=off_by)


async def unlocking_on_an_accepted_invitation(api: Api, off_by: int) -> Act:
    clara, farid = await api.client(), await api.freelancer()
    await farid.respond(await clara.new_invitation(await clara.new_job(), farid), "ACCEPT")
    return lambda: clara.contact(farid, expectedConnects=off_by)


async def proposing_on_an_accepted_invitation(api: Api, off_by: int) -> Act:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    await farid.respond(await clara.new_invitation(job, farid), "ACCEPT")
    return lambda: farid.propose(job, expectedConnects=off_by)


@pytest.mark.parametrize(
    "prepare",
    [unlocking_again, unlocking_on_an_accepted_invitation, proposing_on_an_accepted_invitation],
)
async def test_what_is_free_is_no_bargain_for_who_expected_to_pay(
    api: Api, prepare: Prepare
) -> None:
    act = await prepare(api, 1)

    async with api.unchanged():
        refused = await act()

    assert refused["__typename"] == "PriceChanged"
    assert (refused["expected"], refused["actual"]) == (1, 0)
    answer = await (await prepare(api, 0))()
    assert (answer["__typename"][-7:], answer["entry"]) == ("Success", None)


async def test_what_was_paid_is_answered_again_though_it_is_free_now(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    paid = await clara.contact(farid, expectedConnects=1, idempotencyKey="contact")

    async with api.unchanged():
        again = await clara.contact(farid, expectedConnects=1, idempotencyKey="contact")

    assert again == paid | {"replayed": True}


async def test_a_new_price_is_in_force_from_its_instant_on(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await _announce(api, "POST_JOB", "CLIENT", 3, clock.now + DAY)
    prices = "{ costRules(accountKind: CLIENT) { action connects } }"
    old, new = {"action": "POST_JOB", "connects": 1}, {"action": "POST_JOB", "connects": 3}

    clock.advance(DAY - 1)
    assert old in (await clara.ask(prices))["costRules"]
    assert (await clara.post_job(expectedConnects=1))["wallet"]["available"] == 59

    clock.advance(1)
    assert new in (await clara.ask(prices))["costRules"]
    async with api.unchanged():
        refused = await clara.post_job(expectedConnects=1)
    assert (refused["expected"], refused["actual"]) == (1, 3)
    assert (await clara.post_job(expectedConnects=3))["wallet"]["available"] == 56


async def test_a_job_says_what_a_proposal_to_it_costs_now(api: Api, clock: ManualClock) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    await _announce(api, "SUBMIT_PROPOSAL", "FREELANCER", 2, clock.now + DAY)
    shown = [(await farid.node(job, "... on Job { connectsToPropose }"))["connectsToPropose"]]

    clock.advance(DAY)
    shown.append((await farid.node(job, "... on Job { connectsToPropose }"))["connectsToPropose"])

    assert shown == [1, 2]
    assert (await farid.propose(job, expectedConnects=2))["entry"]["connects"] == -2


async def test_what_became_free_makes_no_entry(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await _announce(api, "POST_JOB", "CLIENT", 0, clock.now)

    posted = await clara.post_job(expectedConnects=0)

    assert (posted["job"]["status"], posted["entry"]) == ("OPEN", None)
    assert posted["wallet"]["available"] == 60


async def test_the_price_list_names_every_price(api: Api) -> None:
    listed = await api.nobody.ask(
        "{ costRules { action accountKind connects chosenByPayer maximum } }"
    )

    columns = ("action", "accountKind", "connects", "chosenByPayer", "maximum")
    assert [tuple(rule[column] for column in columns) for rule in listed["costRules"]] == [
        ("POST_JOB", "CLIENT", 1, False, None),
        ("POST_JOB", "AGENCY", 5, False, None),
        ("SUBMIT_PROPOSAL", "FREELANCER", 1, False, None),
        ("SUBMIT_PROPOSAL", "AGENCY", 5, False, None),
        ("INVITE_FREELANCER", "CLIENT", 1, True, 50),
        ("INVITE_FREELANCER", "AGENCY", 1, True, 50),
        ("CONTACT_FREELANCER", "CLIENT", 1, False, None),
        ("CONTACT_FREELANCER", "AGENCY", 1, False, None),
        ("BOOST_PROPOSAL", "FREELANCER", 1, True, None),
        ("BOOST_PROPOSAL", "AGENCY", 1, True, None),
    ]


async def _announce(api: Api, action: str, kind: str, connects: int, effective_from: int) -> None:
    await api.services.database.writer.execute_script(
        "INSERT INTO cost_rule (action, account_kind, connects, chosen_by_payer, effective_from) "
        f"VALUES ('{action}', '{kind}', {connects}, FALSE, {effective_from})"
    )
