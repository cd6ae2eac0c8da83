"""Inviting freelancers: for as many Connects as the payer chooses, who sees it, how it ends."""

import pytest

from models.rules.instants import SECOND
from tests.clocks import ManualClock
from tests.schema.callers import Api
from tests.schema.graphql_texts import MUTATIONS


async def test_an_invitation_costs_what_the_payer_chooses(
    api: Api, subtests: pytest.Subtests
) -> None:
    farid = await api.freelancer()

    for connects in (1, 17, 50):
        with subtests.test(connects=connects):
            clara = await api.client()
            sent = await clara.invite(await clara.new_job(), farid, connects)

            assert sent["invitation"] == {
                "id": sent["invitation"]["id"],
                "status": "PENDING",
                "connects": connects,
                "expiresAt": "2026-11-29T09:30:00.000000Z",
            }
            assert (sent["entry"]["connects"], sent["entry"]["action"]) == (
                -connects,
                "INVITE_FREELANCER",
            )
            assert sent["wallet"]["available"] == 59 - connects


async def test_fewer_than_one_or_more_than_fifty_connects_are_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()

    for connects in (0, -1, 51, 2**31 - 1, -(2**31)):
        with subtests.test(connects=connects):
            async with api.unchanged():
                refused = await clara.invite(job, farid, connects)

            assert refused["fields"] == [
                {"path": ["connects"], "message": f"must be 1 to 50, not {connects}"}
            ]


async def test_a_number_beyond_32_bits_is_refused_before_anything_is_done(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    input = {"jobId": await clara.new_job(), "freelancerId": farid.freelancer_id}

    async with api.unchanged():
        error = await clara.fail(
            MUTATIONS["inviteFreelancer"],
            input=input | {"connects": 2**31, "idempotencyKey": "invite"},
        )

    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "$input" in error["message"] and ".connects" in error["message"]


async def test_the_inbox_puts_most_connects_first_and_then_the_newest(
    api: Api, clock: ManualClock
) -> None:
    clara, agnes, farid = await api.client(), await api.agency(), await api.freelancer()
    sent = []
    for owner, connects in ((clara, 2), (agnes, 30), (clara, 1), (agnes, 2)):
        clock.advance(SECOND)
        invited = await owner.invite(await owner.new_job(), farid, connects)
        sent.append(invited["invitation"]["id"])

    pages, after = [], "null"
    for _ in range(2):
        inbox = (await farid.node(farid.account_id, _INBOX % f"first: 2, after: {after}"))[
            "invitationsReceived"
        ]
        pages.append([invitation["id"] for invitation in inbox["nodes"]])
        after = f'"{inbox["pageInfo"]["endCursor"]}"'

    assert pages == [[sent[1], sent[3]], [sent[0], sent[2]]]


async def test_an_invitation_expires_after_seven_days_and_can_be_sent_again(
    api: Api, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    first = (await clara.invite(job, farid))["invitation"]["id"]
    async with api.unchanged():
        assert (await clara.invite(job, farid))["__typename"] == "Conflict"

    clock.move_to("2026-11-29T09:30:00+00:00")
    second = (await clara.invite(job, farid))["invitation"]["id"]

    for status, invitation in (("EXPIRED", first), ("PENDING", second)):
        inbox = await farid.node(farid.account_id, _INBOX % f"status: {status}")
        assert inbox["invitationsReceived"]["nodes"] == [{"id": invitation, "status": status}]
    assert await clara.available() == 57


async def test_what_an_unanswered_invitation_cost_does_not_come_back(
    api: Api, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.invite(await clara.new_job(), farid, 20)

    clock.move_to("2026-11-30T00:00:00+00:00")

    assert await clara.available() == 39


async def test_nobody_invites_themselves(api: Api) -> None:
    agnes = await api.agency()
    job = await agnes.new_job()

    async with api.unchanged():
        refused = await agnes.invite(job, agnes)

    assert refused["__typename"] == "NotAllowed"


_INBOX = """... on Account {
    invitationsReceived(%s) { nodes { id status } pageInfo { endCursor } }
}"""
