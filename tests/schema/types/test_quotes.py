"""Quotes: what an action costs, whether there is enough, and whether any of it can come back."""

from typing import Any

import pytest

from models.rules.instants import DAY, SECOND
from models.store.statements import both
from tests.clocks import ManualClock, instant
from tests.conftest import START
from tests.schema.callers import Api, Member

QUOTE = """query($input: QuoteInput!) { quote(input: $input) {
    action connects available availableAfter shortfall affordable refundable explanation
} }"""
COLUMNS = "action, account_kind, connects, chosen_by_payer, maximum, effective_from"
ACTIONS = ("POST_JOB", "SUBMIT_PROPOSAL", "INVITE_FREELANCER", "CONTACT_FREELANCER")
COSTS = {
    "client": (1, None, 7, 1),
    "freelancer": (None, 1, None, None),
    "agency": (5, 5, 7, 1),
}
"""What each action costs each kind of account, where 7 is chosen; None: it can't."""


async def quote(member: Member, action: str, **input: object) -> Any:
    given = {"accountId": member.account_id, "action": action, **input}
    return (await member.ask(QUOTE, input=given))["quote"]


@pytest.mark.parametrize("kind", COSTS)
async def test_each_action_is_quoted_as_the_price_list_has_it(
    api: Api, kind: str, subtests: pytest.Subtests
) -> None:
    member: Member = await getattr(api, kind)()

    for action, cost in zip(ACTIONS, COSTS[kind], strict=True):
        with subtests.test(action):
            given = {"accountId": member.account_id, "action": action, "connects": 7}
            if cost is None:
                error = await member.fail(QUOTE, input=given)
                assert error["extensions"]["code"] == "NOT_ALLOWED"
                assert error["path"] == ["quote"]
                continue

            quoted = await quote(member, action, connects=7)

            words = quoted.pop("explanation")
            assert quoted == {
                "action": action,
                "connects": cost,
                "available": 60,
                "availableAfter": 60 - cost,
                "shortfall": 0,
                "affordable": True,
                "refundable": False,
            }
            assert f"costs {cost} Connect" in words
            assert "Nothing comes back" in words


async def test_a_quote_is_what_is_then_paid(api: Api) -> None:
    clara = await api.client()
    quoted = await quote(clara, "POST_JOB")

    posted = await clara.post_job(expectedConnects=quoted["connects"])

    assert posted["wallet"]["available"] == quoted["availableAfter"]


async def test_a_proposal_on_an_accepted_invitation_is_quoted_as_free(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job, other = await clara.new_job(), await clara.new_job()
    invitation = await clara.new_invitation(job, farid)
    assert (await quote(farid, "SUBMIT_PROPOSAL", jobId=job))["connects"] == 1

    await farid.respond(invitation, "ACCEPT")

    free = await quote(farid, "SUBMIT_PROPOSAL", jobId=job)
    assert (free["connects"], free["refundable"]) == (0, False)
    assert free["explanation"] == "Submitting this proposal is free."
    assert (await quote(farid, "SUBMIT_PROPOSAL", jobId=other))["connects"] == 1


@pytest.mark.parametrize("unlocked_by", ["paying", "an accepted invitation"])
async def test_contact_details_that_are_unlocked_are_quoted_as_free(
    api: Api, unlocked_by: str
) -> None:
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    if unlocked_by == "paying":
        await clara.contact(farid)
    else:
        await farid.respond(await clara.new_invitation(await clara.new_job(), farid), "ACCEPT")

    quoted = [
        await quote(clara, "CONTACT_FREELANCER", freelancerId=each.freelancer_id)
        for each in (farid, fiona)
    ]

    assert [each["connects"] for each in quoted] == [0, 1]
    assert quoted[0]["explanation"] == "Unlocking these contact details is free."


async def test_what_is_missing_is_quoted(api: Api) -> None:
    agnes, farid = await api.agency(), await api.freelancer()
    job = await agnes.new_job()
    await agnes.invite(job, farid, 50)
    await agnes.contact(farid)
    assert await agnes.available() == 4

    quoted = await quote(agnes, "POST_JOB")

    assert (quoted["availableAfter"], quoted["shortfall"], quoted["affordable"]) == (0, 1, False)
    assert quoted["explanation"].endswith("You have 4, so 1 is missing.")


@pytest.mark.parametrize("connects", [None, 0, 51])
async def test_an_invitation_is_quoted_for_what_the_payer_may_choose(
    api: Api, connects: int | None
) -> None:
    clara = await api.client()
    given = {"accountId": clara.account_id, "action": "INVITE_FREELANCER", "connects": connects}

    error = await clara.fail(QUOTE, input=given)

    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["message"].startswith("connects: ")


async def test_only_members_get_a_quote_for_an_account(api: Api) -> None:
    clara, cleo = await api.client(), await api.client("Cleo")
    given = {"accountId": clara.account_id, "action": "POST_JOB"}

    errors = [await cleo.fail(QUOTE, input=given), await api.nobody.fail(QUOTE, input=given)]

    codes = [error["extensions"]["code"] for error in errors]
    assert codes == ["NOT_FOUND", "UNAUTHENTICATED"]


async def test_a_quote_changes_nothing(api: Api) -> None:
    clara = await api.client()

    async with api.unchanged():
        await quote(clara, "POST_JOB")


async def test_a_future_price_takes_over_at_its_instant(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    takes_over = instant(START) + SECOND
    rule = f"('POST_JOB', 'CLIENT', 3, FALSE, NULL, {takes_over})"
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(both(f"INSERT INTO cost_rule ({COLUMNS}) VALUES {rule}"))

    clock.now = takes_over - 1
    before = await quote(clara, "POST_JOB")
    clock.now = takes_over
    after = await quote(clara, "POST_JOB")

    assert (before["connects"], after["connects"]) == (1, 3)


async def two_days_before_it_lapses(api: Api, clock: ManualClock, left: int, bought: int) -> Member:
    """A client with `left` of a lot that lapses in two days, and `bought` just now."""
    rules = "('JOB_CANCELLED', 100, 1), ('INVITATION_UNANSWERED', 100, 1)"
    december = instant("2026-12-01T00:00:00+00:00")
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(both(f"INSERT INTO return_rule VALUES {rules}"))
        no_more = f"INSERT INTO grant_rule VALUES ('CLIENT', 0, 12, {december})"
        await transaction.fetch(both(no_more))
    clara, fred = await api.client(), await api.freelancer("Fred")
    while spare := await clara.available() - left:
        job = await clara.new_job()
        if spare > 1:
            await fred.respond(await clara.new_invitation(job, fred, min(spare - 1, 50)), "DECLINE")
    clock.move_to("2027-11-20T00:00:00+00:00")
    for size in {0: (), 30: (10, 20)}[bought]:
        await clara.buy(size)
    assert await clara.available() == left + bought
    return clara


@pytest.mark.parametrize(
    ("left", "bought", "chosen", "usable"),
    [(60, 0, 50, 0), (60, 30, 50, 0), (20, 30, 50, 30), (0, 30, 30, 30)],
    ids=["all of it lapses", "it is drawn first", "part of it lapses", "nothing lapses"],
)
async def test_a_quote_promises_only_what_is_usable_when_it_comes_back(
    api: Api, clock: ManualClock, left: int, bought: int, chosen: int, usable: int
) -> None:
    clara = await two_days_before_it_lapses(api, clock, left, bought)
    farid = await api.freelancer()

    quoted = await quote(clara, "INVITE_FREELANCER", connects=chosen)

    assert quoted["refundable"] is (usable > 0)
    said = quoted["explanation"]
    assert ("Nothing usable comes back" in said) is (usable == 0)
    assert (f"{usable} Connects come back if" in said) is (usable > 0)
    assert (f"{chosen - usable} more lapse on return" in said) is (0 < usable < chosen)
    job = await _free_job(api, clara)
    invited = await clara.invite(job, farid, chosen)
    spared = max(bought - max(chosen - left, 0), 0)
    clock.advance(8 * DAY)
    assert await clara.available() == usable + spared
    assert invited["wallet"]["available"] == left + bought - chosen


async def _free_job(api: Api, clara: Member) -> str:
    """A job that costs nothing."""
    async with api.services.database.transaction() as transaction:
        rule = "('POST_JOB', 'CLIENT', 0, FALSE, NULL, 1)"
        await transaction.fetch(both(f"INSERT INTO cost_rule ({COLUMNS}) VALUES {rule}"))
    return await clara.new_job()


async def test_a_quote_says_from_when_on_what_comes_back_lapses(
    api: Api, clock: ManualClock
) -> None:
    clara = await two_days_before_it_lapses(api, clock, 60, 0)

    quoted = await quote(clara, "POST_JOB")

    assert quoted["refundable"]
    lapse = "What comes back lapses with the lot, from 2027-11-22 (UTC) on."
    assert quoted["explanation"].endswith(lapse)
