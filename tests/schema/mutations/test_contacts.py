"""Unlocking contact details: paid once for each account and freelancer."""

import asyncio

import pytest

from models.store.statements import both
from tests.schema.callers import WEB_DEVELOPER, Api
from tests.schema.types.test_quotes import quote

DETAILS = "... on Freelancer { contactDetails { email phone } }"
UNLOCKED = {"email": WEB_DEVELOPER["email"], "phone": WEB_DEVELOPER["phone"]}


async def test_contact_details_are_hidden_until_an_account_pays_for_them(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    assert farid.freelancer_id is not None
    assert await clara.node(farid.freelancer_id, DETAILS) == {"contactDetails": None}

    unlocked = await clara.contact(farid, message="Are you free in May?")

    assert unlocked["freelancer"]["contactDetails"] == UNLOCKED
    assert (unlocked["contact"]["message"], unlocked["alreadyUnlocked"]) == (
        "Are you free in May?",
        False,
    )
    assert (unlocked["entry"]["connects"], unlocked["entry"]["action"]) == (
        -1,
        "CONTACT_FREELANCER",
    )
    assert unlocked["wallet"]["available"] == 59
    assert await clara.node(farid.freelancer_id, DETAILS) == {"contactDetails": UNLOCKED}


async def test_unlocking_again_is_free(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    first = await clara.contact(farid)

    async with api.unchanged():
        again = await clara.contact(farid)

    assert (again["alreadyUnlocked"], again["replayed"], again["entry"]) == (True, False, None)
    assert again["contact"] == first["contact"]
    assert again["wallet"]["available"] == 59


async def test_another_account_pays_for_itself(api: Api) -> None:
    clara, agnes, farid = await api.client(), await api.agency(), await api.freelancer()
    await clara.contact(farid)

    unlocked = await agnes.contact(farid)

    assert (unlocked["alreadyUnlocked"], unlocked["wallet"]["available"]) == (False, 59)


async def test_their_owner_always_sees_them_and_cannot_buy_them(api: Api) -> None:
    farid = await api.freelancer()
    assert farid.freelancer_id is not None

    assert await farid.node(farid.freelancer_id, DETAILS) == {"contactDetails": UNLOCKED}
    async with api.unchanged():
        assert (await farid.contact(farid))["__typename"] == "NotAllowed"


@pytest.mark.parametrize("again", [False, True], ids=["the first time", "replayed"])
async def test_what_one_person_unlocked_others_do_not_see(api: Api, again: bool) -> None:
    clara, cleo, farid = await api.client(), await api.client("Cleo"), await api.freelancer()
    assert farid.freelancer_id is not None
    await clara.contact(farid, idempotencyKey="unlock")
    if again:
        await clara.contact(farid, idempotencyKey="unlock")

    for stranger in (cleo, api.somebody("Otto"), api.nobody):
        assert await stranger.node(farid.freelancer_id, DETAILS) == {"contactDetails": None}


async def test_a_freelancer_cannot_unlock_another_freelancer(api: Api) -> None:
    farid, fiona = await api.freelancer(), await api.freelancer("Fiona")

    async with api.unchanged():
        refused = await farid.contact(fiona)

    assert refused["__typename"] == "NotAllowed"


SILENT = {"title": "Web developer", "skills": ["html"]}
RECEIVED = """... on Account { contactsReceived { nodes {
    id message account { name } freelancer { title } entry { id }
} } }"""


@pytest.mark.parametrize("profile", [{}, {"email": None, "phone": None}], ids=["left out", "null"])
async def test_unlocking_nothing_is_refused_and_charges_nothing(
    api: Api, profile: dict[str, None]
) -> None:
    clara, farid = await api.client(), await api.freelancer(profile=SILENT | profile)

    async with api.unchanged():
        refused = await clara.contact(farid, message="Hello?")
        quoted = await quote(clara, "CONTACT_FREELANCER", freelancerId=farid.freelancer_id)

    assert (refused["__typename"], refused["retryable"]) == ("Conflict", False)
    assert "nothing to unlock" in refused["message"]
    assert (quoted["connects"], quoted["refundable"]) == (0, False)
    assert quoted["explanation"] == refused["message"]


@pytest.mark.parametrize("detail", ["email", "phone"])
async def test_one_of_the_two_is_enough_to_unlock(api: Api, detail: str) -> None:
    profile = SILENT | {detail: WEB_DEVELOPER[detail]}
    clara, farid = await api.client(), await api.freelancer(profile=profile)

    assert (await clara.contact(farid))["entry"]["connects"] == -1


async def test_an_accepted_invitation_unlocks_nothing_where_there_is_nothing(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer(profile=SILENT)
    await farid.respond(await clara.new_invitation(await clara.new_job(), farid), "ACCEPT")

    async with api.unchanged():
        refused = await clara.contact(farid)
        quoted = await quote(clara, "CONTACT_FREELANCER", freelancerId=farid.freelancer_id)

    assert refused["__typename"] == "Conflict"
    assert (quoted["connects"], quoted["explanation"]) == (0, refused["message"])


async def test_what_was_unlocked_before_it_was_emptied_stays_free(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.contact(farid)
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(both("UPDATE freelancer SET email = NULL, phone = NULL"))

    async with api.unchanged():
        again = await clara.contact(farid, expectedConnects=0)
        quoted = await quote(clara, "CONTACT_FREELANCER", freelancerId=farid.freelancer_id)

    assert again["alreadyUnlocked"]
    assert quoted["explanation"] == "Unlocking these contact details is free."


BLANK = ["", "  ", "\n\t", "\u200b \u2060"]


@pytest.mark.parametrize("blank", BLANK)
async def test_a_blank_message_is_none_and_a_real_one_may_follow(api: Api, blank: str) -> None:
    clara, farid = await api.client(), await api.freelancer()

    first = await clara.contact(farid, message=blank)
    async with api.unchanged():
        again = await clara.contact(farid, message=blank)
    followed = await clara.contact(farid, message="  Are you free in May?\n")
    async with api.unchanged():
        after = await clara.contact(farid, message=blank)

    assert first["contact"]["message"] is again["contact"]["message"] is None
    assert followed["contact"]["message"] == "  Are you free in May?\n"
    assert after["contact"] == followed["contact"]


@pytest.mark.parametrize("blank", BLANK)
async def test_a_blank_message_and_a_blank_reason_of_an_invitation_are_none(
    api: Api, blank: str
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    ids = []
    for _ in range(2):
        sent = await clara.invite(await clara.new_job(), farid, message=blank)
        ids.append(sent["invitation"]["id"])

    declined = await farid.respond(ids[0], "DECLINE", reason=blank)
    accepted = await farid.respond(ids[1], "ACCEPT", reason=blank)

    assert (await farid.node(ids[0], "... on Invitation { message }"))["message"] == ""
    assert declined["invitation"]["declineReason"] is None
    assert accepted["invitation"]["status"] == "ACCEPTED"


async def test_the_freelancer_reads_what_was_written_and_nobody_else(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    contact = (await clara.contact(farid, message="Are you free in May?"))["contact"]

    received = (await farid.node(farid.account_id, RECEIVED))["contactsReceived"]

    assert received == {
        "nodes": [
            {
                "id": contact["id"],
                "message": "Are you free in May?",
                "account": {"name": "Clara's"},
                "freelancer": {"title": "Web developer"},
                "entry": None,
            }
        ]
    }
    assert await farid.node(contact["id"], "... on Contact { message }") == {
        "message": "Are you free in May?"
    }
    for stranger in (clara, await api.client("Cleo"), api.nobody):
        assert await stranger.node(farid.account_id, RECEIVED) == {"contactsReceived": None}
    for stranger in (await api.client("Otto"), api.nobody):
        assert await stranger.node(contact["id"]) is None


async def test_a_message_may_follow_what_was_unlocked_without_one(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.contact(farid)

    for _ in range(2):
        again = await clara.contact(farid, message="Are you free in May?")
        assert (again["alreadyUnlocked"], again["entry"]) == (True, None)
        assert again["contact"]["message"] == "Are you free in May?"

    (received,) = (await farid.node(farid.account_id, RECEIVED))["contactsReceived"]["nodes"]
    assert received["message"] == "Are you free in May?"
    assert await clara.available() == 59


async def test_another_message_is_refused_and_the_first_one_stays(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.contact(farid, message="Are you free in May?")

    async with api.unchanged():
        refused = await clara.contact(farid, message="Or in June?")

    assert refused["__typename"] == "Conflict"
    assert "message was sent" in refused["message"]


async def test_of_two_first_messages_at_once_one_is_kept_and_the_other_refused(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.contact(farid)

    answers = await asyncio.gather(*(clara.contact(farid, message=text) for text in "ab"))

    kept, refused = sorted(answers, key=lambda answer: answer["__typename"], reverse=True)
    assert (kept["__typename"], refused["__typename"]) == ("ContactFreelancerSuccess", "Conflict")
    (received,) = (await farid.node(farid.account_id, RECEIVED))["contactsReceived"]["nodes"]
    assert received["message"] == kept["contact"]["message"]
