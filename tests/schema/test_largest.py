"""Whatever an argument is given, the answer is typed and short, and nobody else waits for it."""

import json
import re
from typing import Any

import httpx
import pytest

from schema.schema import schema
from schema.sign_in import SignIn
from serving.transport.http import GraphQLEndpoint
from tests.schema.callers import RULES, Api, Member, operations_on
from tests.schema.largest import Ids, Request, requests
from tests.steps import apart, measuring, slowness

STEP_SECONDS = 0.02
TRIES = 3
FAULTS = 10


async def ids_of(clara: Member, farid: Member) -> Ids:
    job = await clara.new_job()
    own = {"Account": clara.account_id, "Job": job, "jobId": job, "accountId": clara.account_id}
    assert farid.freelancer_id is not None
    return {
        **own,
        "Freelancer": farid.freelancer_id,
        "freelancerId": farid.freelancer_id,
        "Wallet": (await clara.wallet("id"))["id"],
        "Lot": (await clara.wallet("lots { nodes { id } }"))["lots"]["nodes"][0]["id"],
        "packageId": await clara.package(10),
        "proposalId": await farid.new_proposal(job),
        "invitationId": await clara.new_invitation(job, farid),
    }


async def assert_all_are_answered(
    api: Api, every: int, subtests: pytest.Subtests, documents: dict[str, str]
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    ids = await ids_of(clara, farid)
    asked = [*requests(schema._schema, ids)][::every]
    asked += [Request(name, "query", text, {}) for name, text in documents.items()]
    endpoint = GraphQLEndpoint(SignIn(api.services, RULES), operations_on(schema._schema))
    transport = httpx.ASGITransport(apart(endpoint))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        caller = Member(http, clara.token, clara.account_id, None)
        await caller.ask("{ viewer { name } }")
        for request in asked:
            # Characters that JSON has no bytes for are escaped; all others are not.
            plain = {"query": request.document, "variables": request.variables}
            body = json.dumps(plain, ensure_ascii="surrogates" in request.about)
            stream = request.operation == "subscription"
            with subtests.test(request.about):
                # The least of some, because whatever else the machine does counts as well.
                for _ in range(TRIES):
                    with measuring() as steps:
                        answer = await caller.post(
                            body.encode(),
                            accept="text/event-stream" if stream else "application/json",
                        )
                    assert_short_and_typed(answer, stream)
                    if steps.longest < STEP_SECONDS:
                        break
                assert steps.longest < STEP_SECONDS * slowness()


def assert_short_and_typed(answer: httpx.Response, stream: bool) -> None:
    assert answer.status_code in (200, 400, 413), answer.text[:200]
    assert len(answer.content) < 100_000
    text = answer.text
    if answer.status_code == 200 and stream:
        found = re.search(r"^data: (\{.*\})$", text, re.MULTILINE)
        assert found is not None
        text = found[1]
    told = json.loads(text)
    errors = told.get("errors", [])
    assert len([error for error in errors if "path" not in error]) <= FAULTS
    for error in errors:
        assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR"
        assert len(error["extensions"].get("fields", ())) <= FAULTS
    assert longest_fields(told.get("data")) <= FAULTS


def longest_fields(data: Any) -> int:
    """How many faults an InvalidInput has that stands anywhere in the data."""
    if isinstance(data, list):
        return max(map(longest_fields, data), default=0)
    if not isinstance(data, dict):
        return 0
    own = len(data.get("fields") or ()) if data.get("__typename") == "InvalidInput" else 0
    return max([own, *map(longest_fields, data.values())])


def aliased(field: str, times: int) -> str:
    return "{ " + " ".join(f"a{number}: {field}" for number in range(times)) + " }"


LARGE_DOCUMENTS = {
    "unknown fields": "{" + " ".join(f"availableHeldConnects{n:04}" for n in range(990)) + "}",
    "unknown types": "query("
    + " ".join(f"$x{n:03}: ConnectsPackagesInputX{n:03}" for n in range(900))
    + ") { __typename }",
    "unused variables": "query("
    + " ".join(f"$x{n:03}: Int" for n in range(1_200))
    + ") { __typename }",
    "unknown input fields": "{ freelancers(filter: {"
    + " ".join(f"skills{n}: 1" for n in range(1_600))
    + "}) { __typename } }",
    "wrong literals": "{ freelancers(filter: {countries: [" + "1 " * 4_900 + "]}) { __typename } }",
    "a literal under many aliases": aliased(
        'freelancers(filter: {countries: ["ZZ" "ZZ" "ZZ" "ZZ" "ZZ"]}) { __typename }', 50
    ),
    "long texts compared": "{ "
    + " ".join(
        'freelancers(filter: {text: "' + "a" * 1_850 + '"}) { __typename }' for _ in "x" * 50
    )
    + " }",
    "long numbers": "{ a(b: [" + ("1" * 999 + " ") * 99 + "]) }",
    "comments": "#\n" * 49_000 + "{ __typename }",
    "aliases": aliased("viewer { id name email }", 99),
    "undefined variables": "{ nodes(ids: ["
    + " ".join(f"$x{n:03}" for n in range(2_400))
    + "]) { id } }",
    "too long": "{ " + "a " * 60_000 + "}",
}


@pytest.mark.slow
async def test_large_documents_and_some_of_the_worst_values_hold_nobody_up(
    api: Api, subtests: pytest.Subtests
) -> None:
    await assert_all_are_answered(api, 100, subtests, LARGE_DOCUMENTS)


@pytest.mark.alone
@pytest.mark.slow
async def test_no_value_of_any_argument_holds_anybody_up(
    api: Api, subtests: pytest.Subtests
) -> None:
    await assert_all_are_answered(api, 1, subtests, {})
