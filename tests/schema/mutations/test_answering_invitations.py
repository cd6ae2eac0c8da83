"""Answering invitations: yes, no, or too late."""

import pytest

from tests.clocks import ManualClock
from tests.schema.callers import Api, Member
from tests.schema.mutations.test_insufficient_connects import with_one_connect_left

BEFORE_IT_EXPIRES = "2026-11-29T09:29:59.999999+00:00"
DETAILS = "... on Freelancer { contactDetails { email phone } }"


async def test_accepting_makes_the_proposal_free_and_unlocks_the_contact_details(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    invitation = await clara.new_invitation(job, farid, 3)
    assert farid.freelancer_id is not None
    assert (await clara.node(farid.freelancer_id, DETAILS))["contactDetails"] is None

    answered = await farid.respond(invitation, "ACCEPT")
    submitted = await farid.propose(job, expectedConnects=0)
    unlocked = await clara.contact(farid, expectedConnects=0)

    assert answered["invitation"] == {
        "id": invitation,
        "status": "ACCEPTED",
        "declineReason": None,
    }
    assert (submitted["entry"], submitted["wallet"]["available"]) == (None, 60)
    assert (await clara.node(farid.freelancer_id, DETAILS))["contactDetails"] == {
        "email": "farid@example.com",
        "phone": "+49 30 1234567",
    }
    assert (unlocked["entry"], unlocked["wallet"]["available"]) == (None, 56)


async def test_declining_tells_the_reason_and_changes_nothing_else(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    invitation = await clara.new_invitation(job, farid, 3)

    answered = await farid.respond(invitation, "DECLINE", reason="Too busy.")

    assert answered["invitation"] == {
        "id": invitation,
        "status": "DECLINED",
        "declineReason": "Too busy.",
    }
    read = await clara.node(invitation, "... on Invitation { declineReason }")
    assert read == {"declineReason": "Too busy."}
    assert farid.freelancer_id is not None
    assert (await clara.node(farid.freelancer_id, DETAILS))["contactDetails"] is None
    assert (await farid.propose(job))["entry"]["connects"] == -1


@pytest.mark.parametrize("response", ["ACCEPT", "DECLINE"])
async def test_an_invitation_can_be_answered_until_its_last_microsecond(
    api: Api, clock: ManualClock, response: str
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    invitation = await clara.new_invitation(await clara.new_job(), farid)

    clock.move_to(BEFORE_IT_EXPIRES)

    answered = await farid.respond(invitation, response)
    assert answered["__typename"] == "RespondToInvitationSuccess"


@pytest.mark.parametrize("response", ["ACCEPT", "DECLINE"])
async def test_after_seven_days_it_is_too_late(api: Api, clock: ManualClock, response: str) -> None:
    clara, farid = await api.client(), await api.freelancer()
    invitation = await clara.new_invitation(await clara.new_job(), farid)
    clock.move_to(BEFORE_IT_EXPIRES)
    clock.advance(1)

    async with api.unchanged():
        refused = await farid.respond(invitation, response)

    assert (refused["__typename"], refused["message"]) == (
        "Conflict",
        "This invitation has expired.",
    )
    assert await clara.status(invitation) == "EXPIRED"


async def test_a_reason_goes_with_declining_only(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    invitation = await clara.new_invitation(await clara.new_job(), farid)

    async with api.unchanged():
        refusals = [
            await farid.respond(invitation, "ACCEPT", reason="Gladly."),
            await farid.respond(invitation, "DECLINE", reason="x" * 5_001),
        ]

    assert [refusal["__typename"] for refusal in refusals] == ["InvalidInput"] * 2
    assert [refusal["fields"][0]["path"] for refusal in refusals] == [["reason"]] * 2


@pytest.mark.parametrize(
    ("first", "message"),
    [("ACCEPT", "This invitation was accepted."), ("DECLINE", "This invitation was declined.")],
)
async def test_an_invitation_is_answered_once(api: Api, first: str, message: str) -> None:
    clara, farid = await api.client(), await api.freelancer()
    invitation = await clara.new_invitation(await clara.new_job(), farid)
    await farid.respond(invitation, first)

    async with api.unchanged():
        refusals = [
            await farid.respond(invitation, "ACCEPT"),
            await farid.respond(invitation, "DECLINE", reason="No."),
        ]

    assert [refusal["message"] for refusal in refusals] == [message] * 2


async def test_only_the_invited_answer(api: Api) -> None:
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    invitation = await clara.new_invitation(await clara.new_job(), farid)

    async with api.unchanged():
        refusals = [
            await clara.respond(invitation, "ACCEPT"),
            await fiona.respond(invitation, "DECLINE"),
        ]

    assert [refusal["__typename"] for refusal in refusals] == ["NotFound"] * 2


@pytest.mark.parametrize("response", ["ACCEPT", "DECLINE"])
async def test_what_is_over_can_no_longer_be_answered(api: Api, response: str) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    invitation = await clara.new_invitation(job, farid)
    await clara.cancel(job)

    async with api.unchanged():
        refused = await farid.respond(invitation, response)

    assert (refused["__typename"], refused["message"]) == ("Conflict", "This job was cancelled.")
    assert await clara.status(invitation) == "EXPIRED"


async def test_the_inbox_shows_most_connects_first_and_each_status_this_instant(
    api: Api, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    silent = await clara.new_invitation(await clara.new_job(), farid, 20)
    clock.move_to("2026-11-29T09:30:00+00:00")
    sent = [
        await clara.new_invitation(await clara.new_job(), farid, connects)
        for connects in (1, 9, 4, 2)
    ]
    await farid.respond(sent[1], "ACCEPT")
    await farid.respond(sent[2], "DECLINE")

    inbox = {status: await received(farid, status) for status in ("PENDING", "EXPIRED", None)}

    assert inbox["PENDING"] == [sent[3], sent[0]]
    assert inbox["EXPIRED"] == [silent]
    assert inbox[None] == [silent, sent[1], sent[2], sent[3], sent[0]]
    assert await received(farid, "ACCEPTED") == [sent[1]]
    assert await received(farid, "DECLINED") == [sent[2]]


@pytest.mark.parametrize("silent", [False, True], ids=["declined", "silent"])
async def test_after_a_no_or_silence_the_next_invitation_waits_until_connects_are_bought(
    api: Api, clock: ManualClock, silent: bool
) -> None:
    clara, farid, job = await with_one_connect_left(api)
    fiona = await api.freelancer("Fiona")
    invitation = await clara.new_invitation(job, farid, 1)
    if silent:
        clock.move_to("2026-11-29T09:30:00+00:00")
        assert await clara.status(invitation) == "EXPIRED"
    else:
        await farid.respond(invitation, "DECLINE", reason="Too busy.")

    async with api.unchanged():
        refused = await clara.invite(job, fiona, 1)
    await clara.buy(10)
    sent = await clara.invite(job, fiona, 1)

    assert (refused["__typename"], refused["shortfall"]) == ("InsufficientConnects", 1)
    assert refused["packages"][0] == {"connects": 10, "price": {"formatted": "$1.50"}}
    assert refused["nextGrant"] == {"connects": 60, "at": "2026-12-01T00:00:00.000000Z"}
    assert (sent["__typename"], sent["wallet"]["available"]) == ("InviteFreelancerSuccess", 9)


CLOSING = ("cancelled", "awarded", "expired")


@pytest.mark.parametrize("closing", CLOSING)
async def test_an_invitation_to_a_job_that_is_no_longer_open_has_expired(
    api: Api, clock: ManualClock, closing: str
) -> None:
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    job = await clara.new_job()
    proposal = await fiona.new_proposal(job)
    clock.move_to("2026-12-20T09:30:00+00:00")
    other = await clara.new_invitation(await clara.new_job(), farid, 2)
    accepted = await clara.new_invitation(job, fiona)
    await fiona.respond(accepted, "ACCEPT")
    invitation = await clara.new_invitation(job, farid)
    clock.move_to("2026-12-22T09:29:59+00:00")
    assert await received(farid, "PENDING") == [other, invitation]

    if closing == "cancelled":
        await clara.cancel(job)
    elif closing == "awarded":
        await clara.award(job, proposal)
    else:
        clock.move_to("2026-12-22T09:30:00+00:00")

    assert await clara.status(invitation) == await farid.status(invitation) == "EXPIRED"
    assert await received(farid, "PENDING") == [other]
    assert await received(farid, "EXPIRED") == [invitation]
    assert await received(farid, None) == [other, invitation]
    assert (await clara.status(other), await fiona.status(accepted)) == ("PENDING", "ACCEPTED")
    assert await received(fiona, "ACCEPTED") == [accepted]
    for response in ("ACCEPT", "DECLINE"):
        async with api.unchanged():
            refused = await farid.respond(invitation, response)
        assert refused["__typename"] == "Conflict"
        assert refused["message"].startswith("This job ")
        assert closing in refused["message"]


async def received(member: Member, status: str | None) -> list[str]:
    filter = f"(status: {status})" if status else ""
    selection = f"... on Account {{ invitationsReceived{filter} {{ nodes {{ id }} }} }}"
    inbox = (await member.node(member.account_id, selection))["invitationsReceived"]
    return [invitation["id"] for invitation in inbox["nodes"]]
