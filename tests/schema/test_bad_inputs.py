"""Wrong values in inputs: each is named by its path, on both databases alike, nothing happens."""

import base64
from uuid import UUID, uuid4

import pytest

from schema.ids import global_id
from tests.schema.callers import WEB_DEVELOPER, Api, Json, Member

NOT_STORABLE = ("a\0b", "\0", "\ud800", "a\udfff", "\udc00\ud800")
"""Text that SQLite and PostgreSQL do not agree on, or that is no text at all."""


def texts(path: str, most: int, *, may_be_empty: bool = False) -> list[tuple[str, object]]:
    """Wrong texts for the field at `path`, which takes at most so many characters."""
    empty = () if may_be_empty else ("", " ", "\n\t ", "\N{NO-BREAK SPACE}")
    too_long = ("x" * (most + 1), "x" * max(10_000, most + 1), "😀" * (most + 1))
    return [(path, value) for value in (*NOT_STORABLE, *empty, *too_long)]


NO_CURRENCIES = ("XXX", "XTS", "XAU", "XDR", "DEM", "HRK", "BGN")
"""No currency, a test, gold, a unit of the IMF, and what the euro took the place of."""
WRONG_CODES = ("", "XYZ", "usd", "USDX", "\0", "\ud800", *NO_CURRENCIES)


def money(path: str) -> list[tuple[str, object]]:
    return [
        *((f"{path}.amountMinor", amount) for amount in (0, -1, -(2**31))),
        *((f"{path}.currency", code) for code in WRONG_CODES),
    ]


def skills(path: str) -> list[tuple[str, object]]:
    return [
        *((path, ["python"] * many) for many in (51, 10_000)),
        *((f"{path}.1", ["python", skill]) for skill in ("x" * 51, "", " ", *NOT_STORABLE)),
    ]


def ids(path: str, type_name: str) -> list[tuple[str, object]]:
    other = "Job" if type_name == "Account" else "Account"
    wrong = ["", "x", "null", "\0", "\ud800", "é", str(uuid4()), "A" * 10_000, "Og", "===="]
    wrong += [str(global_id(other, uuid4())), str(global_id(type_name, uuid4(), 1))]
    wrong += [
        base64.urlsafe_b64encode(text.encode()).decode()
        for text in (type_name, f"{type_name}:", f"{type_name}:x", f"{type_name}:{UUID(int=0).hex}")
    ]
    return [(path, value) for value in wrong]


WRONG: dict[str, list[tuple[str, object]]] = {
    "openAccount": [
        *texts("name", 200),
        *texts("profile.title", 200),
        *texts("profile.overview", 20_000, may_be_empty=True),
        *skills("profile.skills"),
        *money("profile.hourlyRate"),
        *(("profile.country", code) for code in ("XX", "de", "", "DEU", "D", "\ud800", "\0\0")),
        *(
            ("profile.email", text)
            for text in ("", "a", "a@", "a b@c.de", "@", "a@b\0", "a@\ud800")
        ),
        ("profile.email", f"a@{'b' * 300}.de"),
        *(("profile.phone", text) for text in ("", "+", "call me", "1" * 41, "+49\0", "٣٣٣٣٣٣")),
    ],
    "postJob": [
        *texts("title", 200),
        *texts("description", 20_000),
        *skills("skills"),
        *money("budget"),
        *ids("accountId", "Account"),
    ],
    "submitProposal": [
        *texts("coverLetter", 20_000),
        *money("bid"),
        *ids("accountId", "Account"),
        *ids("jobId", "Job"),
    ],
    "inviteFreelancer": [
        *texts("message", 5_000, may_be_empty=True),
        *ids("jobId", "Job"),
        *ids("freelancerId", "Freelancer"),
    ],
    "contactFreelancer": [
        *texts("message", 5_000, may_be_empty=True),
        *ids("accountId", "Account"),
        *ids("freelancerId", "Freelancer"),
    ],
    "buyConnects": [*ids("accountId", "Account"), *ids("packageId", "ConnectsPackage")],
}
"""For each mutation wrong values, each with the path of the field that is to be named."""


async def right_calls(api: Api) -> dict[str, tuple[Member, Json]]:
    """For each mutation who can call it, and with which input."""
    clara, farid = await api.client(), await api.freelancer()
    own, rate = {"accountId": clara.account_id}, {"amountMinor": 1, "currency": "USD"}
    job, profile = await clara.new_job(), WEB_DEVELOPER | {"hourlyRate": rate}
    return {
        "openAccount": (clara, {"kind": "AGENCY", "name": "New", "profile": profile}),
        "postJob": (clara, {**own, "title": "A", "description": "B", "skills": [], "budget": rate}),
        "submitProposal": (
            farid,
            {"accountId": farid.account_id, "jobId": job, "coverLetter": "C", "bid": rate},
        ),
        "inviteFreelancer": (
            clara,
            {"jobId": job, "freelancerId": farid.freelancer_id, "connects": 1, "message": ""},
        ),
        "contactFreelancer": (clara, {**own, "freelancerId": farid.freelancer_id}),
        "buyConnects": (clara, {**own, "packageId": await clara.package(10)}),
    }


@pytest.mark.parametrize("mutation", WRONG)
async def test_a_wrong_value_is_named_and_nothing_happens(
    api: Api, mutation: str, subtests: pytest.Subtests
) -> None:
    caller, right = (await right_calls(api))[mutation]

    async with api.unchanged():
        for path, value in WRONG[mutation]:
            with subtests.test(path, value=repr(value)[:40]):
                refused = await caller.mutate(mutation, **replaced(right, path.split("."), value))

                assert refused["__typename"] == "InvalidInput"
                assert {".".join(field["path"]) for field in refused["fields"]} == {path}

    assert (await caller.mutate(mutation, **right))["__typename"].endswith("Success")


def replaced(input: Json, path: list[str], value: object) -> Json:
    """`input` with another value at `path`; the number of a list's element stands for the list."""
    name, *rest = path
    if not rest or rest[0].isdecimal():
        return input | {name: value}
    return input | {name: replaced(input[name], rest, value)}


async def test_all_wrong_values_are_named_together(api: Api) -> None:
    ada = api.somebody("Ada")

    async with api.unchanged():
        refused = await ada.mutate(
            "openAccount",
            kind="FREELANCER",
            name="",
            idempotencyKey="",
            profile={
                "title": "x" * 201,
                "skills": ["", "python", "x" * 51],
                "country": "XX",
                "hourlyRate": {"amountMinor": 0, "currency": "XYZ"},
            },
        )

    assert [".".join(field["path"]) for field in refused["fields"]] == [
        "idempotencyKey",
        "name",
        "profile.title",
        "profile.skills.0",
        "profile.skills.2",
        "profile.country",
        "profile.hourlyRate.amountMinor",
        "profile.hourlyRate.currency",
    ]
    assert all(field["message"] in refused["message"] for field in refused["fields"])


UNKNOWN = [
    ("postJob", "accountId", "Account"),
    ("buyConnects", "packageId", "ConnectsPackage"),
    ("submitProposal", "jobId", "Job"),
    ("inviteFreelancer", "jobId", "Job"),
    ("inviteFreelancer", "freelancerId", "Freelancer"),
    ("contactFreelancer", "freelancerId", "Freelancer"),
]


async def test_what_does_not_exist_is_not_found(api: Api, subtests: pytest.Subtests) -> None:
    calls = await right_calls(api)

    for mutation, field, type_name in UNKNOWN:
        with subtests.test(mutation, field=field):
            caller, right = calls[mutation]
            async with api.unchanged():
                unknown = {field: global_id(type_name, uuid4())}
                refused = await caller.mutate(mutation, **{**right, **unknown})

            assert (refused["__typename"], refused["code"]) == ("NotFound", "NOT_FOUND")


async def test_whatever_people_write_is_kept_as_it_is(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    texts = ("😀" * 200, "e\N{COMBINING ACUTE ACCENT}", "שלום", "'; --", "<b>", "\\", "%s", "$1")

    for text in texts:
        with subtests.test(text):
            posted = await clara.post_job(title=text, description=text, skills=[text[:50]])

            job = posted["job"]["id"]
            kept = await api.nobody.node(job, "... on Job { title description skills }")
            assert kept == {"title": text, "description": text, "skills": [text[:50]]}
