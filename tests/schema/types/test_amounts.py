"""Amounts of money past 32 bits go in, stay, and come out as they are."""

import pytest

from tests.schema.callers import WEB_DEVELOPER, Api

LARGEST = 2**53 - 1
POST_JOB = """mutation($id: ID!) { postJob(input: {accountId: $id, title: "A", description: "B",
    idempotencyKey: "k", budget: {amountMinor: AMOUNT}}) { __typename } }"""
JOB = "... on Job { budget { amountMinor currency formatted } }"


@pytest.mark.parametrize("amount", [2**31 - 1, 2**31, 5_000_000_000, LARGEST])
async def test_a_large_amount_goes_in_and_comes_out(api: Api, amount: int) -> None:
    money = {"amountMinor": amount, "currency": "IDR"}
    clara = await api.client()
    farid = await api.freelancer(profile=WEB_DEVELOPER | {"hourlyRate": money})

    job = (await clara.post_job(budget=money))["job"]["id"]
    proposal = (await farid.propose(job, bid=money))["proposal"]["id"]

    shown = {"amountMinor": amount, "currency": "IDR"}
    budget = (await clara.node(job, JOB))["budget"]
    assert {name: budget[name] for name in shown} == shown
    assert budget["formatted"] == f"IDR{amount // 100:,}.{amount % 100:02}"
    bid = await clara.node(proposal, "... on Proposal { bid { amountMinor currency } }")
    assert bid == {"bid": shown}
    assert farid.freelancer_id is not None
    rate = "... on Freelancer { hourlyRate { amountMinor currency } }"
    assert await clara.node(farid.freelancer_id, rate) == {"hourlyRate": shown}


async def test_an_amount_may_stand_in_the_document(api: Api) -> None:
    clara = await api.client()

    posted = await clara.ask(
        """mutation($id: ID!) { postJob(input: {accountId: $id, title: "A", description: "B",
            idempotencyKey: "k", budget: {amountMinor: 5000000000, currency: "IDR"}}) {
            ... on PostJobSuccess { job { budget { amountMinor } } } } }""",
        id=clara.account_id,
    )

    assert posted["postJob"]["job"]["budget"] == {"amountMinor": 5_000_000_000}


@pytest.mark.parametrize("amount", ["9007199254740992", "1e16", "1.5", '"150"', "true", "[1]"])
async def test_what_is_no_amount_is_refused_and_posts_nothing(api: Api, amount: str) -> None:
    clara = await api.client()

    async with api.unchanged():
        error = await clara.fail(POST_JOB.replace("AMOUNT", amount), id=clara.account_id)

    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "MinorUnits" in error["message"]
