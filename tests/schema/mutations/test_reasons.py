"""Refusals tell programs apart what their words tell people: each has a reason of a closed list."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from graphql import GraphQLEnumType

from models.rules.refusals import REASONS, ConflictReason, NotAllowedReason, restore
from schema.schema import schema
from tests.clocks import ManualClock
from tests.schema.callers import Api, Caller, Json, Member

ROOT = Path(__file__).parents[3]
MADE = {"Conflict": 2, "NotAllowed": 2, "fault": 3, "at": 3, "InvalidField": 3}
"""Calls that make refusals, and how many arguments they have with their reason."""


async def refused(caller: Caller, name: str, /, **input: object) -> Any:
    """What a mutation answers, with the reasons."""
    kind = f"{name[0].upper()}{name[1:]}"
    members = schema._schema.type_map[f"{kind}Result"].types  # type: ignore[attr-defined]
    own = {
        "Conflict": "... on Conflict { conflict: reason }",
        "NotAllowed": "... on NotAllowed { denied: reason }",
    }
    asked = " ".join(own[one.name] for one in members if one.name in own)
    document = f"""mutation($input: {kind}Input!) {{ {name}(input: $input) {{
        __typename {asked} ... on InvalidInput {{ fields {{ path message reason limit }} }} }} }}"""
    # The same input has the same key.
    keyed = {"idempotencyKey": f"{name} {crc32(str(input).encode())}", **input}
    return (await caller.ask(document, input=keyed))[name]


async def test_a_conflict_says_which_state_it_met(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    jobs = [await clara.new_job() for _ in range(6)]
    proposals = [await farid.new_proposal(job) for job in jobs[:4]]
    invitations = [await clara.new_invitation(job, farid) for job in jobs[3:6]]
    await clara.cancel(jobs[0])
    await clara.award(jobs[1], proposals[1])
    await farid.withdraw(proposals[2])
    await farid.respond(invitations[0], "ACCEPT")
    await farid.respond(invitations[1], "DECLINE")
    propose = {"accountId": farid.account_id, "coverLetter": "C"}
    invite = {"freelancerId": farid.freelancer_id, "connects": 1}

    for caller, name, input, reason in (
        (clara, "cancelJob", {"jobId": jobs[0]}, "JOB_CANCELLED"),
        (clara, "cancelJob", {"jobId": jobs[1]}, "JOB_AWARDED"),
        (farid, "submitProposal", {**propose, "jobId": jobs[0]}, "JOB_CANCELLED"),
        (farid, "submitProposal", {**propose, "jobId": jobs[2]}, "ALREADY_PROPOSED"),
        (farid, "withdrawProposal", {"proposalId": proposals[0]}, "PROPOSAL_NOT_AWARDED"),
        (farid, "withdrawProposal", {"proposalId": proposals[1]}, "PROPOSAL_AWARDED"),
        (farid, "withdrawProposal", {"proposalId": proposals[2]}, "PROPOSAL_WITHDRAWN"),
        (clara, "awardJob", {"jobId": jobs[2], "proposalId": proposals[2]}, "PROPOSAL_WITHDRAWN"),
        (clara, "inviteFreelancer", {**invite, "jobId": jobs[5]}, "INVITATION_PENDING"),
        (clara, "inviteFreelancer", {**invite, "jobId": jobs[3]}, "INVITATION_ACCEPTED"),
        (farid, "respondToInvitation", {"invitationId": invitations[0]}, "INVITATION_ACCEPTED"),
        (farid, "respondToInvitation", {"invitationId": invitations[1]}, "INVITATION_DECLINED"),
    ):
        given = {**input, "response": "ACCEPT"} if name == "respondToInvitation" else input
        with subtests.test(name, reason=reason):
            async with api.unchanged():
                answer = await refused(caller, name, **given)

            assert answer == {"__typename": "Conflict", "conflict": reason}
            again = await refused(caller, name, **given)
            assert again == answer, "it is remembered with its reason"

    clock.move_to("2027-01-20T00:00:00+00:00")
    late = {"invitationId": invitations[2], "response": "ACCEPT"}
    assert (await refused(farid, "respondToInvitation", **late))["conflict"] == "INVITATION_EXPIRED"
    assert (await refused(clara, "cancelJob", jobId=jobs[5]))["conflict"] == "JOB_EXPIRED"


async def test_what_is_not_allowed_says_why(api: Api, subtests: pytest.Subtests) -> None:
    clara, farid, agnes = await api.client(), await api.freelancer(), await api.agency()
    job = await agnes.new_job()
    own = {"accountId": agnes.account_id}
    for caller, name, input, reason in (
        (
            clara,
            "submitProposal",
            {"accountId": clara.account_id, "jobId": job, "coverLetter": "C"},
            "ACTION_NOT_FOR_KIND",
        ),
        (agnes, "submitProposal", {**own, "jobId": job, "coverLetter": "C"}, "OWN_JOB"),
        (
            agnes,
            "inviteFreelancer",
            {"jobId": job, "freelancerId": agnes.freelancer_id, "connects": 1},
            "OWN_PROFILE",
        ),
        (agnes, "contactFreelancer", {**own, "freelancerId": agnes.freelancer_id}, "OWN_PROFILE"),
        (
            farid,
            "buyConnects",
            {"accountId": farid.account_id, "packageId": await farid.package(300)},
            "PACKAGE_NOT_FOR_KIND",
        ),
    ):
        with subtests.test(name, reason=reason):
            async with api.unchanged():
                answer = await refused(caller, name, **input)

            assert answer == {"__typename": "NotAllowed", "denied": reason}
    unpaid = Member(api.paid_by(None).http, clara.token, clara.account_id, None)
    bought = {"accountId": clara.account_id, "packageId": await clara.package(10)}
    assert (await refused(unpaid, "buyConnects", **bought))["denied"] == "SELLING_IS_OFF"


LONG = "x" * 201
WRONG: list[tuple[Json, list[tuple[str, str, int | None]]]] = [
    ({"title": LONG}, [("title", "TOO_LONG", 200)]),
    ({"title": " "}, [("title", "REQUIRED", None)]),
    ({"title": "a\0"}, [("title", "INVALID_CHARACTER", None)]),
    ({"skills": ["a"] * 51}, [("skills", "TOO_MANY", 50)]),
    (
        {"budget": {"amountMinor": 0, "currency": "XYZ"}},
        [("budget.amountMinor", "TOO_SMALL", 1), ("budget.currency", "NOT_A_CURRENCY", None)],
    ),
    ({"accountId": "x"}, [("accountId", "NOT_AN_ID", None)]),
    ({"accountId": "JOB"}, [("accountId", "ID_OF_ANOTHER_TYPE", None)]),
]


async def test_a_wrong_value_says_what_is_wrong_and_which_limit_it_passed(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    right = {"accountId": clara.account_id, "title": "A", "description": "B"}
    job = await clara.new_job()
    for wrong, told in WRONG:
        input = {key: job if value == "JOB" else value for key, value in wrong.items()}
        with subtests.test(str(told)):
            answer = await refused(clara, "postJob", **(right | input))

            assert [
                (".".join(one["path"]), one["reason"], one["limit"]) for one in answer["fields"]
            ] == told
    many = {"accountId": clara.account_id, "packageId": await clara.package(10), "quantity": 101}
    (field,) = (await refused(clara, "buyConnects", **many))["fields"]
    assert (field["reason"], field["limit"]) == ("TOO_LARGE", 100)


async def test_the_error_of_a_field_says_the_same(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    quote = "quote(input: {accountId: %s, action: %s}) { connects }"
    for field, told in (
        ("jobs(first: 101) { nodes { id } }", ("TOO_LARGE", 100)),
        ("jobs(first: -1) { nodes { id } }", ("TOO_SMALL", 0)),
        ('jobs(after: "x") { nodes { id } }', ("NOT_A_CURSOR", None)),
        ("freelancers(filter: {minRating: 6}) { nodes { id } }", ("TOO_LARGE", 5)),
        (quote % (f'"{clara.account_id}"', "INVITE_FREELANCER"), ("REQUIRED", None)),
    ):
        with subtests.test(field):
            error = await clara.fail(f"{{ {field} }}")

            (wrong,) = error["extensions"]["fields"]
            assert (wrong["reason"], wrong.get("limit")) == told
    denied = await clara.fail("{ " + quote % (f'"{clara.account_id}"', "SUBMIT_PROPOSAL") + " }")
    assert denied["extensions"]["reason"] == "ACTION_NOT_FOR_KIND"
    assert denied["extensions"]["code"] == "NOT_ALLOWED"


def test_the_enums_are_those_of_the_rules() -> None:
    for reasons in REASONS:
        enum = schema._schema.type_map[reasons.__name__]
        assert isinstance(enum, GraphQLEnumType)
        told = {name: value.description for name, value in enum.values.items()}
        assert told == {one.value: one.description for one in reasons}


def test_what_an_earlier_version_remembered_has_no_particular_reason() -> None:
    conflict = restore("CONFLICT", {"message": "It was closed."})
    denied = restore("NOT_ALLOWED", {"message": "No.", "reason": "OF_A_LATER_VERSION"})
    field = {"path": ["title"], "message": "is odd"}
    invalid = restore("INVALID_INPUT", {"message": "title: is odd", "fields": [field]})

    assert conflict.details()["reason"] == ConflictReason.UNSPECIFIED
    assert denied.details()["reason"] == NotAllowedReason.UNSPECIFIED
    assert invalid.details()["fields"][0]["reason"] == "UNSPECIFIED"


def refusals_made(path: Path) -> Iterator[tuple[int, ast.Call, str]]:
    """The calls in a file that make refusals, with their lines and names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "at" and ast.unparse(node.func) != "InvalidInput.at":
            continue
        if name in MADE:
            yield node.lineno, node, name


def test_every_refusal_is_made_with_its_reason() -> None:
    without = []
    made = 0
    for folder in ("models", "resolvers", "schema"):
        for path in (ROOT / folder).rglob("*.py"):
            for line, call, name in refusals_made(path):
                made += 1
                named = {keyword.arg for keyword in call.keywords}
                stars = any(isinstance(one, ast.Starred) for one in call.args)
                if len(call.args) < MADE[name] and not stars and "reason" not in named:
                    without.append(f"{path.relative_to(ROOT)}:{line}")

    assert made > 30
    assert without == []
