"""A wrong argument of one field blanks that field, and never the page."""

from typing import Any
from uuid import uuid4

import pytest

from schema.ids import global_id
from tests.schema.callers import Api, Member

WRONG: dict[str, tuple[str, list[str]]] = {
    # a field with a wrong argument, and the path of the argument
    "a quote for no account": (
        'quote(input: {accountId: "x", action: POST_JOB}) { connects }',
        ["accountId"],
    ),
    "a quote for another thing": (
        'quote(input: {accountId: "JOB", action: POST_JOB}) { connects }',
        ["accountId"],
    ),
    "a quote for no job": (
        'quote(input: {accountId: "OWN", action: SUBMIT_PROPOSAL, jobId: ""}) { connects }',
        ["jobId"],
    ),
    "a quote for no freelancer": (
        'quote(input: {accountId: "OWN", action: CONTACT_FREELANCER, freelancerId: ""})'
        " { connects }",
        ["freelancerId"],
    ),
    "a quote without a choice": (
        'quote(input: {accountId: "OWN", action: INVITE_FREELANCER}) { connects }',
        ["connects"],
    ),
    "too many jobs": ("jobs(first: 101) { nodes { id } }", ["first"]),
    "jobs after nothing": ('jobs(after: "x") { nodes { id } }', ["after"]),
    "jobs of a wrong skill": (
        'jobs(filter: {skills: [""]}) { nodes { id } }',
        ["filter", "skills", "0"],
    ),
    "too many freelancers": ("freelancers(last: 101) { nodes { id } }", ["last"]),
    "freelancers of no country": (
        'freelancers(filter: {countries: ["XX"]}) { nodes { id } }',
        ["filter", "countries", "0"],
    ),
    "a node of no id": ('node(id: "x") { id }', ["id"]),
    "an empty id": ('node(id: "") { id }', ["id"]),
}


@pytest.fixture
async def clara(api: Api) -> Member:
    return await api.client()


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_argument_blanks_its_own_field(clara: Member, name: str) -> None:
    field, path = WRONG[name]
    field = field.replace('"OWN"', f'"{clara.account_id}"')
    field = field.replace('"JOB"', f'"{await clara.new_job()}"')
    document = f"{{ before: viewer {{ name }} wrong: {field} after: viewer {{ name }} }}"

    answer: Any = (await clara.send(document)).json()

    (error,) = answer["errors"]
    assert answer["data"] == {
        "before": {"name": "Clara"},
        "wrong": None,
        "after": {"name": "Clara"},
    }
    assert error["path"] == ["wrong"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert [one["path"] for one in error["extensions"]["fields"]] == [path]


async def test_a_bad_id_has_one_code_wherever_it_stands(
    api: Api, clara: Member, subtests: pytest.Subtests
) -> None:
    bad = global_id("Wallet", uuid4())
    for name, input in (
        ("postJob", {"accountId": bad, "title": "A", "description": "B"}),
        ("cancelJob", {"jobId": "x"}),
        ("withdrawProposal", {"proposalId": ""}),
        ("respondToInvitation", {"invitationId": "\0", "response": "ACCEPT"}),
        ("awardJob", {"jobId": await clara.new_job(), "proposalId": bad}),
        ("buyConnects", {"accountId": clara.account_id, "packageId": bad}),
    ):
        with subtests.test(name):
            refused = await clara.mutate(name, **input)

            assert refused["code"] == "INVALID_INPUT"
    nodes = await clara.fail('{ nodes(ids: ["x"]) { id } }')
    assert (nodes["extensions"]["code"], nodes["path"]) == ("INVALID_INPUT", ["nodes", 0])


async def test_a_leap_second_is_taken(clara: Member) -> None:
    wallet = await clara.wallet(
        'availableAt(time: "2016-12-31T23:59:60Z")'
        ' entries(filter: {since: "2016-12-31T23:59:60Z"}) { nodes { kind } }'
    )

    assert wallet == {"availableAt": 0, "entries": {"nodes": [{"kind": "GRANT"}]}}
