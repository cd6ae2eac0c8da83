"""Idempotency keys over the API: one intent, one outcome, one charge."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import pytest

from schema.ids import global_id
from tests.clocks import ManualClock
from tests.schema.callers import WEB_DEVELOPER, Api, Json, Member, replayed
from tests.schema.graphql_texts import MUTATIONS


async def calls(api: Api) -> dict[str, tuple[Member, Json, Json]]:
    """For each mutation who can call it, with which input, and what makes it another input."""
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    job, own = await clara.new_job(), {"accountId": clara.account_id}
    jobs = [await clara.new_job() for _ in range(3)]
    proposals = [await fiona.new_proposal(each) for each in jobs]
    other = await farid.new_proposal(jobs[1])
    invitation = await clara.new_invitation(job, fiona)
    return {
        "openAccount": (
            clara,
            {"kind": "AGENCY", "name": "Clara & Co.", "profile": WEB_DEVELOPER},
            {"profile": WEB_DEVELOPER | {"skills": ["css"]}},
        ),
        "buyConnects": (clara, {**own, "packageId": await clara.package(10)}, {"quantity": 2}),
        "postJob": (
            clara,
            {**own, "title": "A website", "description": "Ten pages."},
            {"budget": {"amountMinor": 1}},
        ),
        "submitProposal": (
            farid,
            {"accountId": farid.account_id, "jobId": job, "coverLetter": "I would."},
            {"expectedConnects": 1},
        ),
        "inviteFreelancer": (
            clara,
            {"jobId": job, "freelancerId": farid.freelancer_id, "connects": 3},
            {"connects": 4},
        ),
        "contactFreelancer": (clara, {**own, "freelancerId": farid.freelancer_id}, {"message": ""}),
        "cancelJob": (clara, {"jobId": jobs[0]}, {"jobId": job}),
        "awardJob": (
            clara,
            {"jobId": jobs[1], "proposalId": proposals[1]},
            {"proposalId": other},
        ),
        "withdrawProposal": (fiona, {"proposalId": proposals[2]}, {"proposalId": proposals[0]}),
        "respondToInvitation": (
            fiona,
            {"invitationId": invitation, "response": "DECLINE"},
            {"reason": "Too busy."},
        ),
    }


async def test_the_same_call_gives_the_same_answer_again(
    api: Api, subtests: pytest.Subtests
) -> None:
    for mutation, (caller, input, _) in (await calls(api)).items():
        with subtests.test(mutation):
            first = await caller.mutate(mutation, **input, idempotencyKey=mutation)

            async with api.unchanged():
                again = await caller.mutate(mutation, **input, idempotencyKey=mutation)

            assert not first["replayed"]
            assert again == first | {"replayed": True}


async def test_the_same_key_with_other_input_is_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    for mutation, (caller, input, change) in (await calls(api)).items():
        with subtests.test(mutation):
            await caller.mutate(mutation, **input, idempotencyKey=mutation)

            async with api.unchanged():
                other = {**input, **change}
                refused = await caller.mutate(mutation, **other, idempotencyKey=mutation)

            assert (refused["__typename"], refused["retryable"]) == ("IdempotencyKeyReused", False)


async def test_the_same_key_for_another_mutation_is_refused(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.post_job(idempotencyKey="intent")

    async with api.unchanged():
        refused = await clara.contact(farid, idempotencyKey="intent")

    assert refused["__typename"] == "IdempotencyKeyReused"


async def test_a_default_that_is_spelled_out_is_the_same_input(api: Api) -> None:
    clara = await api.client()
    await clara.post_job(idempotencyKey="job")
    await clara.buy(10, idempotencyKey="purchase")

    async with api.unchanged():
        job = await clara.post_job(
            idempotencyKey="job", skills=[], budget=None, expectedConnects=None
        )
        purchase = await clara.buy(10, idempotencyKey="purchase", quantity=1, paymentMethod=None)

    assert (job["replayed"], purchase["replayed"]) == (True, True)


async def test_a_refusal_is_given_again_even_after_the_reason_is_gone(api: Api) -> None:
    agnes = await api.agency()
    for _ in range(12):
        await agnes.new_job()
    first = await agnes.post_job(idempotencyKey="intent")
    await agnes.buy(10)

    async with api.unchanged():
        again = await agnes.post_job(idempotencyKey="intent")

    assert first["__typename"] == "InsufficientConnects"
    assert again == first | {"message": replayed(first["message"]), "nextGrant": None}
    assert (await agnes.post_job())["__typename"] == "PostJobSuccess"


REPLAYED = """mutation($input: PostJobInput!) { postJob(input: $input) {
    __typename
    ... on PostJobSuccess { replayed job { status } wallet { available } }
    ... on UserError { message replayed retryable }
    ... on InsufficientConnects { required available shortfall nextGrant { at } }
} }"""


async def test_a_remembered_refusal_does_not_look_fresh(api: Api, clock: ManualClock) -> None:
    agnes = await api.agency()
    for _ in range(12):
        await agnes.new_job()
    job = {"accountId": agnes.account_id, "title": "A", "description": "B"}

    async def post(key: str) -> Json:
        answer: Json = await agnes.ask(REPLAYED, input={**job, "idempotencyKey": key})
        found: Json = answer["postJob"]
        return found

    first = await post("intent")
    clock.move_to("2027-02-01T00:00:00+00:00")
    await agnes.buy(80)

    again, other = await post("intent"), await post("another intent")

    assert (first["replayed"], first["available"]) == (False, 0)
    assert first["nextGrant"] == {"at": "2026-12-01T00:00:00.000000Z"}
    assert (again["replayed"], again["retryable"]) == (True, False)
    assert again["message"] == replayed(first["message"])
    assert again["message"].endswith("To ask again, use a new key.")
    assert again["nextGrant"] is None, "it would lie in the past"
    numbers = ("required", "available", "shortfall")
    assert [again[name] for name in numbers] == [first[name] for name in numbers]
    assert (other["__typename"], other["replayed"]) == ("PostJobSuccess", False)


async def test_what_is_replayed_shows_its_objects_as_they_are_now(api: Api) -> None:
    clara = await api.client()
    job = {"accountId": clara.account_id, "title": "A", "description": "B"}
    first = await clara.post_job(idempotencyKey="intent", **job)
    await clara.cancel(first["job"]["id"])
    await clara.buy(10)

    again = await clara.ask(REPLAYED, input={**job, "idempotencyKey": "intent"})

    assert again["postJob"] == {
        "__typename": "PostJobSuccess",
        "replayed": True,
        "job": {"status": "CANCELLED"},
        "wallet": {"available": 69},
    }


async def test_what_is_not_remembered_is_never_replayed(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    await clara.post_job(idempotencyKey="used")
    own = {"accountId": clara.account_id, "title": "A", "description": "B"}
    for name, input in (
        ("wrong input", {**own, "title": "", "idempotencyKey": "wrong"}),
        ("no account", {**own, "accountId": global_id("Account", uuid4()), "idempotencyKey": "no"}),
        ("a key of another call", {**own, "title": "C", "idempotencyKey": "used"}),
    ):
        for attempt in (1, 2):
            with subtests.test(name, attempt=attempt):
                refused = (await clara.ask(REPLAYED, input=input))["postJob"]

                assert refused["replayed"] is False
                assert not refused["message"].startswith("When this key")


async def test_refusals_are_remembered_or_not_as_the_docs_say(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara, farid, agnes = await api.client(), await api.freelancer(), await api.agency()
    job, of_agnes = await clara.new_job(), await agnes.new_job()
    package, large = await clara.package(10), await agnes.package(300)
    silent = await api.freelancer("Sina", {"title": "Silent", "skills": []})
    unknown = {name: global_id(name, uuid4()) for name in ("Job", "ConnectsPackage")}
    refused: list[tuple[str, bool, Callable[..., Awaitable[Json]]]] = [
        ("PriceChanged", True, partial(clara.post_job, expectedConnects=9)),
        ("Conflict", True, partial(clara.contact, silent)),
        ("PaymentDeclined", True, partial(clara.buy, paymentMethod="sandbox:declined")),
        ("NotAllowed", True, partial(clara.buy, packageId=large)),
        ("NotAllowed", True, partial(farid.contact, agnes)),
        ("NotAllowed", False, partial(agnes.propose, of_agnes)),
        ("NotAllowed", False, partial(farid.contact, farid)),
        ("NotFound", True, partial(clara.buy, packageId=unknown["ConnectsPackage"])),
        ("NotFound", False, partial(farid.propose, unknown["Job"])),
        ("InvalidInput", True, partial(clara.invite, job, farid, 51)),
        ("InvalidInput", False, partial(clara.buy, packageId=package, quantity=0)),
        ("InvalidInput", False, partial(clara.buy, packageId=package, paymentMethod="cash")),
    ]
    for number, (kind, remembered, call) in enumerate(refused):
        with subtests.test(kind, number=number):
            answers = [await call(idempotencyKey=f"refused {number}") for _ in range(2)]

            assert [answer["__typename"] for answer in answers] == [kind] * 2
            assert answers[1]["message"].startswith("When this key") is remembered


async def test_a_refusals_key_cannot_be_used_for_something_else(api: Api) -> None:
    clara = await api.client()
    await clara.post_job(idempotencyKey="intent", expectedConnects=2)

    async with api.unchanged():
        refused = await clara.post_job(idempotencyKey="intent", expectedConnects=1)

    assert refused["__typename"] == "IdempotencyKeyReused"


async def test_a_key_is_known_only_to_the_person_who_used_it(api: Api) -> None:
    clara, cleo = await api.client(), await api.client("Cleo")
    await clara.post_job(idempotencyKey="intent")

    posted = await cleo.post_job(idempotencyKey="intent")

    assert (posted["__typename"], posted["replayed"]) == ("PostJobSuccess", False)


async def test_a_hundred_calls_at_once_with_one_key_charge_once(api: Api) -> None:
    clara = await api.client()

    answers = await asyncio.gather(*(clara.post_job(idempotencyKey="intent") for _ in range(100)))

    assert len({(answer["entry"]["id"], answer["job"]["id"]) for answer in answers}) == 1
    assert sum(not answer["replayed"] for answer in answers) == 1
    assert await clara.available() == 59


async def test_a_hundred_calls_at_once_with_their_own_keys_spend_no_more_than_there_is(
    api: Api,
) -> None:
    clara = await api.client()

    answers = await asyncio.gather(*(clara.post_job() for _ in range(100)))

    kinds = [answer["__typename"] for answer in answers]
    assert (kinds.count("PostJobSuccess"), kinds.count("InsufficientConnects")) == (60, 40)
    assert await clara.available() == 0


async def test_a_key_has_one_to_255_characters(api: Api, subtests: pytest.Subtests) -> None:
    for mutation, (caller, input, _) in (await calls(api)).items():
        for key in ("", "   ", "k" * 256, "k" * 300, "\0", "\ud800"):
            with subtests.test(mutation, key=key):
                async with api.unchanged():
                    refused = await caller.mutate(mutation, **input, idempotencyKey=key)

                assert [field["path"] for field in refused["fields"]] == [["idempotencyKey"]]

    clara = await api.client()
    longest = await clara.post_job(idempotencyKey="😀" * 255)
    assert longest["__typename"] == "PostJobSuccess"


async def test_a_call_without_a_key_is_not_even_looked_at(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    job = {"accountId": clara.account_id, "title": "A website", "description": "Ten pages."}
    keys: list[Json] = [{}, {"idempotencyKey": None}, {"idempotencyKey": 5}]

    for key in keys:
        with subtests.test(key=key):
            async with api.unchanged():
                error = await clara.fail(MUTATIONS["postJob"], input={**job, **key})

            assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
            assert "idempotencyKey" in error["message"]
