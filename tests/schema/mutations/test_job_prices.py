"""What an action costs may depend on a job's category and budget, the same wherever it is shown."""

from typing import Any

import pytest

from models.identifiers import new_id
from models.ledger.commands import request_hash
from models.rules.instants import SECOND
from models.store.statements import both
from schema.ids import global_id
from tests.clocks import ManualClock
from tests.schema.callers import Api, Member
from tests.schema.types.test_no_n_plus_one import counted
from tests.schema.types.test_quotes import quote

WEB = {"category": "web-design", "budget": {"amountMinor": 50_000, "currency": "USD"}}
LARGE = {"budget": {"amountMinor": 100_000, "currency": "USD"}}
CONDITIONS = "category budgetCurrency budgetFrom budgetBelow"
PRICES = "connectsToPropose freelancer: connectsToProposeAs(accountKind: FREELANCER)"
SHOWN = f"""{PRICES} agency: connectsToProposeAs(accountKind: AGENCY)
    client: connectsToProposeAs(accountKind: CLIENT)"""


async def add_rules(api: Api, *rules: str, since: int = 0) -> None:
    """Rules: an action, a kind, Connects, whether the payer chooses, the most, and conditions."""
    columns = "action, account_kind, connects, chosen_by_payer, maximum, effective_from"
    conditions = "category, budget_currency, budget_from, budget_below"
    values = ", ".join(f"({rule.format(since=since)})" for rule in rules)
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(
            both(f"INSERT INTO cost_rule ({columns}, {conditions}) VALUES {values}")
        )


async def with_rules(api: Api) -> None:
    await add_rules(
        api,
        "'SUBMIT_PROPOSAL', 'FREELANCER', 4, FALSE, NULL, {since}, 'web-design', NULL, NULL, NULL",
        "'SUBMIT_PROPOSAL', 'AGENCY', 9, FALSE, NULL, {since}, NULL, 'USD', 1, 100000",
        "'POST_JOB', 'CLIENT', 3, FALSE, NULL, {since}, NULL, 'USD', 100000, NULL",
        "'POST_JOB', 'CLIENT', 2, FALSE, NULL, {since}, 'web-design', NULL, NULL, NULL",
        "'INVITE_FREELANCER', 'CLIENT', 5, TRUE, 55, {since}, 'web-design', 'USD', NULL, 60000",
    )


async def posted(client: Member, **terms: object) -> str:
    job = (await client.post_job(**terms))["job"]["id"]
    assert isinstance(job, str)
    return job


@pytest.mark.parametrize(("terms", "connects"), [({}, 1), (LARGE, 3), (WEB, 2), (WEB | LARGE, 2)])
async def test_a_job_is_posted_for_the_price_that_was_quoted(
    api: Api, terms: dict[str, Any], connects: int
) -> None:
    await with_rules(api)
    clara = await api.client()
    quoted = await quote(clara, "POST_JOB", **terms)
    async with api.unchanged():
        refused = await clara.post_job(expectedConnects=connects + 1, **terms)

    answer = await clara.post_job(expectedConnects=quoted["connects"], **terms)

    assert quoted["connects"] == connects
    assert (refused["__typename"], refused["actual"]) == ("PriceChanged", connects)
    assert answer["entry"]["connects"] == -connects
    job = await clara.node(answer["job"]["id"], "... on Job { category }")
    assert job["category"] == terms.get("category")


@pytest.mark.parametrize(("kind", "web", "other"), [("freelancer", 4, 1), ("agency", 9, 5)])
async def test_a_proposal_costs_what_the_quote_and_the_job_say(
    api: Api, kind: str, web: int, other: int
) -> None:
    await with_rules(api)
    clara = await api.client()
    member: Member = await getattr(api, kind)()
    for terms, connects in ((WEB, web), (LARGE, other), ({}, other)):
        job = await posted(clara, **terms)

        quoted = await quote(member, "SUBMIT_PROPOSAL", jobId=job)
        supposed = await quote(member, "SUBMIT_PROPOSAL", **terms)
        shown = await member.node(job, f"... on Job {{ {SHOWN} }}")
        paid = await member.propose(job, expectedConnects=quoted["connects"])

        assert quoted["connects"] == supposed["connects"] == shown[kind] == connects
        assert shown["connectsToPropose"] == shown["freelancer"]
        assert shown["client"] is None
        assert "general price" not in quoted["explanation"]
        assert paid["entry"]["connects"] == -connects


async def test_what_may_be_chosen_for_an_invitation_depends_on_the_job(api: Api) -> None:
    await with_rules(api)
    clara, farid = await api.client(), await api.freelancer()
    web, other = await posted(clara, **WEB), await posted(clara)
    given = {"accountId": clara.account_id, "action": "INVITE_FREELANCER", "jobId": web}

    error = await clara.fail(
        "query($input: QuoteInput!) { quote(input: $input) { connects } }",
        input=given | {"connects": 4},
    )
    async with api.unchanged():
        few = await clara.invite(web, farid, 4)

    assert error["message"] == "connects: must be 5 to 55, not 4"
    assert few["__typename"] == "InvalidInput"
    assert (await quote(clara, "INVITE_FREELANCER", jobId=web, connects=5))["connects"] == 5
    assert (await clara.invite(web, farid, 5))["entry"]["connects"] == -5
    assert (await clara.invite(other, farid, 4))["entry"]["connects"] == -4


async def test_without_a_job_a_quote_says_that_it_is_the_general_price(api: Api) -> None:
    farid = await api.freelancer()
    before = await quote(farid, "SUBMIT_PROPOSAL")
    await with_rules(api)

    after = await quote(farid, "SUBMIT_PROPOSAL")

    assert before["connects"] == after["connects"] == 1
    assert "general price" not in before["explanation"]
    assert "This is the general price." in after["explanation"]


async def test_a_quote_for_a_job_that_does_not_exist_is_refused(
    api: Api, clock: ManualClock
) -> None:
    farid = await api.freelancer()
    missing = global_id("Job", new_id(clock.now))
    given = {"accountId": farid.account_id, "action": "SUBMIT_PROPOSAL", "jobId": missing}

    error = await farid.fail(
        "query($input: QuoteInput!) { quote(input: $input) { connects } }", input=given
    )

    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_a_price_that_changed_after_the_quote_is_refused_and_nothing_is_charged(
    api: Api, clock: ManualClock
) -> None:
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    job = await posted(clara, **WEB)
    quoted = (await quote(farid, "SUBMIT_PROPOSAL", jobId=job))["connects"]
    rule = "'SUBMIT_PROPOSAL', 'FREELANCER', 6, FALSE, NULL, {since}, 'web-design', 'USD', 1, NULL"
    await add_rules(api, rule, since=clock.now + SECOND)
    clock.advance(SECOND)

    async with api.unchanged():
        refused = await farid.propose(job, expectedConnects=quoted)
    paid = await fiona.propose(job)

    assert refused["__typename"] == "PriceChanged"
    assert (refused["expected"], refused["actual"]) == (1, 6)
    assert (paid["entry"]["connects"], paid["wallet"]["available"]) == (-6, 54)


async def test_what_was_paid_stays_as_it_was_when_the_price_changes(
    api: Api, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await posted(clara, **WEB)
    first = await farid.propose(job, idempotencyKey="once", expectedConnects=1)
    clock.advance(SECOND)
    await add_rules(
        api,
        "'SUBMIT_PROPOSAL', 'FREELANCER', 6, FALSE, NULL, {since}, 'web-design', NULL, NULL, NULL",
        since=clock.now,
    )

    async with api.unchanged():
        again = await farid.propose(job, idempotencyKey="once", expectedConnects=1)

    assert again["entry"] == first["entry"]
    assert again["replayed"]


async def test_the_price_list_names_conditions_from_the_general_to_the_most_specific_rule(
    api: Api,
) -> None:
    await with_rules(api)

    listed = await api.nobody.ask(f"{{ costRules {{ action accountKind connects {CONDITIONS} }} }}")

    posting = [
        tuple(rule.values())[2:]
        for rule in listed["costRules"]
        if (rule["action"], rule["accountKind"]) == ("POST_JOB", "CLIENT")
    ]
    assert posting == [
        (1, None, None, None, None),
        (3, None, "USD", 100_000, None),
        (2, "web-design", None, None, None),
    ]


async def test_a_list_of_jobs_reads_the_price_list_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_rules(api)
    clara = await api.client()
    for number in range(10):
        await posted(clara, **(WEB if number % 2 else LARGE))
    for first in (2, 10):
        with counted(api, monkeypatch) as statements:
            data = await clara.ask(f"{{ jobs(first: {first}) {{ nodes {{ {SHOWN} }} }} }}")

        assert len(data["jobs"]["nodes"]) == first
        assert sum("cost_rule" in statement for statement in statements) == 1
    prices = sorted((job["freelancer"], job["agency"]) for job in data["jobs"]["nodes"])
    assert prices == [(1, 5)] * 5 + [(4, 9)] * 5


@pytest.mark.parametrize(
    ("category", "reason"),
    [
        ("", "REQUIRED"),
        ("web design", "INVALID_CHARACTER"),
        ("Web", "INVALID_CHARACTER"),
        ("web\n", "INVALID_CHARACTER"),
        ("wéb", "INVALID_CHARACTER"),
        ("\ud800", "INVALID_CHARACTER"),
        ("\x00", "INVALID_CHARACTER"),
        ("x" * 41, "TOO_LONG"),
    ],
)
async def test_a_category_that_is_none_is_refused(api: Api, category: str, reason: str) -> None:
    clara = await api.client()

    async with api.unchanged():
        refused = await clara.post_job(category=category)
        error = await clara.fail(
            "query($input: QuoteInput!) { quote(input: $input) { connects } }",
            input={"accountId": clara.account_id, "action": "POST_JOB", "category": category},
        )

    (field,), (quoted,) = refused["fields"], error["extensions"]["fields"]
    assert field["path"] == quoted["path"] == ["category"]
    assert field["message"] == quoted["message"]
    assert quoted["reason"] == reason


@pytest.mark.parametrize("category", ["a", "3d", "x" * 40, "web-design-2"])
async def test_a_category_is_kept_as_it_was_given(api: Api, category: str) -> None:
    clara = await api.client()

    job = await posted(clara, category=category)

    assert (await clara.node(job, "... on Job { category }"))["category"] == category


async def test_a_call_without_a_category_is_the_same_call_as_before_there_were_any(
    api: Api,
) -> None:
    clara = await api.client()
    # What was hashed before the input had a category.
    request: dict[str, object] = {
        "account_id": clara.account_id,
        "title": "A website",
        "description": "Ten pages.",
        "skills": [],
        "budget": None,
        "expected_connects": None,
    }

    for key, given in (("without", {}), ("with", {"category": "web-design"})):
        await clara.post_job(idempotencyKey=key, **given)
    rows = await api.services.database.fetch(
        both("SELECT key, request_hash FROM idempotency WHERE key IN ('with', 'without')")
    )

    hashes = {key: bytes(stored) for key, stored in rows}
    assert hashes["without"] == request_hash("postJob", request)
    assert hashes["with"] == request_hash("postJob", request | {"category": "web-design"})
