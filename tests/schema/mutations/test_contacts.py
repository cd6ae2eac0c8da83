"""Unlocking contact details: paid once for each account and freelancer."""

import pytest

from tests.schema.callers import WEB_DEVELOPER, Api

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
