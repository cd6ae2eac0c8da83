"""Opening accounts: what each kind needs, and what it starts with."""

import pytest

from tests.schema.callers import WEB_DEVELOPER, Api


@pytest.mark.parametrize(
    ("kind", "profile"),
    [("CLIENT", None), ("FREELANCER", WEB_DEVELOPER), ("AGENCY", WEB_DEVELOPER), ("AGENCY", None)],
    ids=["client", "freelancer", "agency", "agency without a profile"],
)
async def test_every_account_starts_with_sixty_connects(
    api: Api, kind: str, profile: object
) -> None:
    ada = api.somebody("Ada")

    opened = await ada.mutate("openAccount", kind=kind, name="Ada & Co.", profile=profile)

    assert opened["__typename"] == "OpenAccountSuccess"
    assert (opened["wallet"]["available"], opened["wallet"]["held"]) == (60, 0)
    assert (opened["account"]["kind"], opened["account"]["name"]) == (kind, "Ada & Co.")
    assert (opened["account"]["freelancer"] is None) == (profile is None)
    assert not opened["replayed"]


async def test_a_profile_is_public_but_for_the_contact_details(api: Api) -> None:
    profile = WEB_DEVELOPER | {"hourlyRate": {"amountMinor": 6_500}, "country": "DE"}
    farid = await api.freelancer(profile=profile)

    account = await api.nobody.node(
        farid.account_id,
        """... on Account { freelancer {
            title overview skills hourlyRate { amountMinor currency formatted } country rating
            availableNow contactDetails { email } account { id }
        } }""",
    )

    assert account["freelancer"] == {
        "title": "Web developer",
        "overview": "",
        "skills": ["html", "python"],
        "hourlyRate": {"amountMinor": 6_500, "currency": "USD", "formatted": "$65.00"},
        "country": "DE",
        "rating": None,
        "availableNow": True,
        "contactDetails": None,
        "account": {"id": farid.account_id},
    }


async def test_an_opened_account_is_among_its_owners_accounts(api: Api) -> None:
    clara = await api.client("Clara")

    data = await clara.ask("{ viewer { name email accounts { id } } }")

    assert data["viewer"] == {
        "name": "Clara",
        "email": "clara@example.com",
        "accounts": [{"id": clara.account_id}],
    }


@pytest.mark.parametrize(
    ("kind", "profile"), [("FREELANCER", None), ("CLIENT", WEB_DEVELOPER)], ids=str
)
async def test_a_freelancer_needs_a_profile_and_a_client_may_not_have_one(
    api: Api, kind: str, profile: object
) -> None:
    ada = api.somebody("Ada")

    async with api.unchanged():
        refused = await ada.mutate("openAccount", kind=kind, name="Ada's", profile=profile)

    assert refused["code"] == "INVALID_INPUT"
    assert [field["path"] for field in refused["fields"]] == [["profile"]]


async def test_one_person_can_have_twenty_accounts_and_no_more(api: Api) -> None:
    ada = api.somebody("Ada")
    for _ in range(20):
        await ada.mutate("openAccount", kind="CLIENT", name="Ada's")

    async with api.unchanged():
        refused = await ada.mutate("openAccount", kind="CLIENT", name="Ada's")

    assert refused["__typename"] == "LimitExceeded"
    assert (refused["limit"], refused["used"], refused["resetsAt"]) == (20, 20, None)
