"""A wrong argument anywhere in a mutation's document is found before anything is carried out."""

import asyncio
import base64
import json
from typing import Any
from uuid import UUID

import pytest

from models.rules.kinds import EntryKind
from resolvers import listings
from tests.schema.callers import Api, Json, Member

NOBODY = UUID(int=0)
ACCOUNT = "{ ... on PostJobSuccess { job { account { %s } } } }"
WALLET = "{ ... on PostJobSuccess { wallet { %s } } }"
JOB = "{ ... on PostJobSuccess { job { %s } } }"
NODES = "{ nodes { id } }"
WRONG: list[tuple[str, str, str]] = [
    # what is selected of postJob, the argument that is wrong, why
    (ACCOUNT % f"jobs(first: 1000) {NODES}", "first", "to 100, not 1000"),
    (ACCOUNT % f"jobs(first: -1) {NODES}", "first", "to 100, not -1"),
    (ACCOUNT % f"jobs(last: 101) {NODES}", "last", "to 100, not 101"),
    (ACCOUNT % f"jobs(first: 1, last: 1) {NODES}", "last", "cannot be combined with first"),
    (ACCOUNT % f'jobs(after: "nonsense") {NODES}', "after", "is not a cursor of this list"),
    (ACCOUNT % f'proposals(before: "") {NODES}', "before", "is not a cursor of this list"),
    (ACCOUNT % f"invitationsReceived(first: 101) {NODES}", "first", "to 100, not 101"),
    (ACCOUNT % f'invitationsReceived(after: "LOTS") {NODES}', "after", "is not a cursor of"),
    (ACCOUNT % f'jobs(after: "PROPOSALS") {NODES}', "after", "is not a cursor of this list"),
    (JOB % f"proposals(first: 101) {NODES}", "first", "to 100, not 101"),
    (JOB % f'proposals(after: "PROPOSALS") {NODES}', "after", "is not a cursor of this list"),
    (JOB % f'invitations(after: "LOTS") {NODES}', "after", "is not a cursor of this list"),
    (WALLET % f"lots(last: 101) {NODES}", "last", "to 100, not 101"),
    (WALLET % f'lots(after: "PROPOSALS") {NODES}', "after", "is not a cursor of this list"),
    (WALLET % f"entries(first: 101) {NODES}", "first", "to 100, not 101"),
    (WALLET % f'entries(before: "LOTS") {NODES}', "before", "is not a cursor of this list"),
    (
        WALLET % f"entries(filter: {{kinds: $kinds}}) {NODES}",
        "filter.kinds",
        f"may be at most {len(EntryKind)}, not {len(EntryKind) + 1}",
    ),
    (
        WALLET % f"entries(filter: {{from: $past, since: $past}}) {NODES}",
        "filter.from",
        "cannot be combined with since",
    ),
    (WALLET % "expiring(withinDays: -1) { connects }", "withinDays", "must be 0 to 3660, not -1"),
    (WALLET % "expiring(withinDays: $many) { connects }", "withinDays", "must be 0 to 3660, not"),
    (WALLET % 'availableAt(time: "2999-01-01T00:00:00Z")', "time", "lies in the future"),
    (WALLET % "availableAt(time: $future)", "time", "lies in the future"),
]
VARIABLES = {
    "kinds": ("[EntryKind!]", ["SPEND"] * (len(EntryKind) + 1)),
    "many": ("Int", 3661),
    "past": ("DateTime!", "2026-01-01T00:00:00Z"),
    "future": ("DateTime!", "2999-01-01T00:00:00Z"),
}


def cursor(*values: object) -> str:
    """A cursor of the list that the first value names."""
    text = json.dumps(values, default=str).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.fixture
async def clara(api: Api) -> Member:
    return await api.client()


def posting(member: Member, selected: str, *, key: str = "key", declared: str = "") -> str:
    """A document that posts a job twice, and selects something of the second one."""
    one = f'accountId: "{member.account_id}", title: "A", description: "B"'
    head = f"mutation Post{f'({declared})' if declared else ''}"
    return f"""{head} {{
        first: postJob(input: {{{one}, idempotencyKey: "{key} 1"}}) {{ __typename }}
        second: postJob(input: {{{one}, idempotencyKey: "{key} 2"}}) {selected}
    }}"""


async def test_a_wrong_argument_is_named_and_no_mutation_of_the_document_runs(
    api: Api, clara: Member, subtests: pytest.Subtests
) -> None:
    proposals, lots = cursor(f"proposals:{NOBODY}", NOBODY), cursor(f"lots:{NOBODY}", 1, 1)
    for written, path, message in WRONG:
        selected = written.replace("PROPOSALS", proposals).replace("LOTS", lots)
        named = [name for name in VARIABLES if f"${name}" in selected]
        declared = ", ".join(f"${name}: {VARIABLES[name][0]}" for name in named)
        document = posting(clara, selected, declared=declared)
        variables = {name: VARIABLES[name][1] for name in named}
        with subtests.test(selected):
            async with api.unchanged():
                answer = (await clara.send(document, variables)).json()

            (error,) = answer["errors"]
            assert "data" not in answer, answer
            assert error["extensions"]["code"] == "INVALID_INPUT"
            (field,) = error["extensions"]["fields"]
            assert field["path"] == path.split(".")
            assert message in field["message"]
            assert "committed" not in error["extensions"] and error["locations"]
    assert await clara.available() == 60


JOBS = "... on PostJobSuccess { job { account { many: jobs(first: $n) { nodes { id } } } } }"
HIDDEN: dict[str, tuple[str, str, Json]] = {
    # how it is hidden: what is selected, the variables that are declared and those that are given
    "in a fragment": ("{ ...F }", "$n: Int", {"n": 101}),
    "in fragments": ("{ ... { ... { ...F } } }", "$n: Int = 20", {"n": 101}),
    "by default": ("{ ...F }", "$n: Int = 101", {}),
    "included": ("{ ...F @include(if: $yes) }", "$n: Int, $yes: Boolean!", {"n": -1, "yes": True}),
    "null in place of a default": (
        WALLET % "availableAt(time: $time)",
        '$time: DateTime = "2026-01-01T00:00:00Z"',
        {"time": None},
    ),
}


@pytest.mark.parametrize("how", HIDDEN)
async def test_it_is_found_wherever_it_is_hidden(api: Api, clara: Member, how: str) -> None:
    selected, declared, variables = HIDDEN[how]
    document = posting(clara, selected, declared=declared)
    document += f" fragment F on PostJobResult {{ {JOBS} }}" if "...F" in selected else ""

    async with api.unchanged():
        answer = (await clara.send(document, variables)).json()

    assert "data" not in answer and len(answer["errors"]) == 1, answer


async def test_what_is_left_out_may_have_any_argument(clara: Member) -> None:
    selected, declared, _ = HIDDEN["included"]
    document = posting(clara, selected.replace("{ ", "{ __typename ", 1), declared=declared)
    document += f" fragment F on PostJobResult {{ {JOBS} }}"

    data = await clara.ask(document, n=101, yes=False)

    assert data["second"] == {"__typename": "PostJobSuccess"}


async def test_right_arguments_are_carried_out(clara: Member) -> None:
    selected = (
        "{ ... on PostJobSuccess { wallet { expiring(withinDays: 0) { connects } "
        'availableAt(time: "2026-01-01T00:00:00Z") entries(first: 1) { nodes { kind } } } '
        "job { account { jobs(first: 100) { nodes { id } } } } } }"
    )
    data = await clara.ask(posting(clara, selected))

    assert data["second"]["wallet"]["entries"]["nodes"] == [{"kind": "SPEND"}]
    assert len(data["second"]["job"]["account"]["jobs"]["nodes"]) == 2


async def test_in_a_query_a_wrong_argument_takes_nothing_else_with_it(clara: Member) -> None:
    document = f"""{{
        wrong: node(id: "{clara.account_id}") {{ ... on Account {{ jobs(first: 101) {NODES} }} }}
        right: node(id: "{clara.account_id}") {{ id }}
    }}"""

    answer = (await clara.send(document)).json()

    assert answer["data"] == {"wrong": None, "right": {"id": clara.account_id}}


async def test_an_error_after_the_commit_says_so_and_leaves_its_siblings(
    api: Api, clara: Member
) -> None:
    others = cursor(f"jobs:{NOBODY}", 0, NOBODY)
    document = posting(clara, ACCOUNT % f'jobs(after: "{others}") {NODES}')

    answer = (await clara.send(document)).json()

    (error,) = answer["errors"]
    assert answer["data"] == {"first": {"__typename": "PostJobSuccess"}, "second": None}
    assert error["path"] == ["second", "job", "account", "jobs"]
    assert "committedFields" not in error["extensions"], "its path says which"
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["committed"] is True
    assert await clara.available() == 58


async def test_an_error_of_what_was_refused_does_not_say_that_it_was_carried_out(
    api: Api, clara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> Any:
        raise LookupError

    monkeypatch.setattr(api.services.loaders, "packages", fails)
    input = f'accountId: "{clara.account_id}", title: "A", description: "B"'
    for number in range(60):
        await clara.post_job(idempotencyKey=f"job {number}")
    document = f"""mutation {{ postJob(input: {{{input}, idempotencyKey: "dear"}}) {{
        ... on InsufficientConnects {{ packages {{ id }} }} }} }}"""

    error = await clara.fail(document)

    assert error["path"] == ["postJob", "packages"]
    assert "committed" not in error["extensions"]


async def test_who_is_not_signed_in_has_carried_out_nothing(api: Api, clara: Member) -> None:
    answer = (await api.nobody.send(posting(clara, "{ __typename }"))).json()

    assert answer["data"] == {"first": None, "second": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"] * 2
    assert not any("committed" in error["extensions"] for error in answer["errors"])


async def test_a_deadline_after_a_commit_says_so(
    api: Api, clara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = Member(api.with_operations(deadline=0.5).http, clara.token, clara.account_id, None)
    await hasty.available()

    async def never(*_: object) -> Any:
        await asyncio.sleep(60)

    monkeypatch.setattr(listings, "jobs_of_account", never)
    answer: Json = (await hasty.send(posting(clara, ACCOUNT % f"jobs {NODES}"))).json()

    (error,) = answer["errors"]
    assert answer["data"] is None
    assert error["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert error["extensions"]["committed"] is True
    assert error["extensions"]["committedFields"] == ["first", "second"]


async def test_an_answer_that_is_too_large_says_that_it_was_carried_out(
    api: Api, clara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.operations.operations.ANSWER_BYTES", 300)

    answer = (await clara.send(posting(clara, ACCOUNT % f"id name jobs {NODES}"))).json()
    again = (await clara.send(f'{{ nodes(ids: ["{clara.account_id}"]) {{ {"id " * 9} }} }}')).json()

    (error,) = answer["errors"]
    assert (answer["data"], error["extensions"]["code"]) == (None, "ANSWER_TOO_LARGE")
    assert error["extensions"]["committed"] is True
    assert error["extensions"]["committedFields"] == ["first", "second"]
    assert "committed" not in str(again)
    assert await clara.available() == 58


async def test_a_whole_answer_that_is_lost_names_the_mutations_that_were_carried_out(
    api: Api, clara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.operations.operations.ANSWER_BYTES", 300)
    title = "A" * 199
    own = f'accountId: "{clara.account_id}", description: "B"'
    document = f"""mutation {{
        zebra: postJob(input: {{{own}, title: "{title}", idempotencyKey: "z"}}) {{ {POSTED} }}
        refused: postJob(input: {{{own}, title: "C", expectedConnects: 9, idempotencyKey: "r"}}) {{
            {POSTED} }}
        ape: postJob(input: {{{own}, title: "{title}", idempotencyKey: "a"}}) {{ {POSTED} }}
    }}"""

    answer = (await clara.send(document)).json()

    (error,) = answer["errors"]
    assert (answer["data"], error["extensions"]["code"]) == (None, "ANSWER_TOO_LARGE")
    assert error["extensions"]["committedFields"] == ["zebra", "ape"]
    assert await clara.available() == 58


POSTED = "... on PostJobSuccess { job { id title } }"
