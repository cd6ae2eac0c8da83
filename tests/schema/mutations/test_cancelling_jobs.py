"""Cancelling a job, and jobs that end by themselves."""

import pytest

from models.rules.instants import SECOND
from models.store.statements import both
from tests.clocks import ManualClock
from tests.schema.callers import Api, Json


async def test_a_cancelled_job_takes_no_more_proposals_and_nobody_is_hired(api: Api) -> None:
    clara, farid, agnes = await api.client(), await api.freelancer(), await api.agency()
    job = await clara.new_job()
    proposal = await farid.new_proposal(job)

    cancelled = await clara.cancel(job)

    assert cancelled["job"] == {"id": job, "status": "CANCELLED"}
    assert await farid.status(proposal) == "NOT_AWARDED"
    async with api.unchanged():
        for refused in (
            await agnes.propose(job),
            await clara.invite(job, farid),
            await clara.award(job, proposal),
            await farid.withdraw(proposal),
        ):
            assert refused["__typename"] == "Conflict"


async def test_a_job_is_cancelled_once(api: Api) -> None:
    clara = await api.client()
    job = await clara.new_job()
    await clara.cancel(job)

    async with api.unchanged():
        refused = await clara.cancel(job)

    assert (refused["__typename"], refused["message"]) == ("Conflict", "This job was cancelled.")


async def test_cancelling_again_with_the_same_key_gives_the_same_answer(api: Api) -> None:
    clara = await api.client()
    job = await clara.new_job()
    first = await clara.cancel(job, idempotencyKey="intent")

    async with api.unchanged():
        again = await clara.cancel(job, idempotencyKey="intent")

    assert again == first | {"replayed": True}


CANCEL = """mutation($input: CancelJobInput!) { cancelJob(input: $input) { ... on CancelJobSuccess {
    job { status } wallet { available } entry { kind connects availableAfter } replayed } } }"""


async def test_cancelling_shows_the_wallet_and_what_came_back(api: Api) -> None:
    clara = await api.client()
    job = await clara.new_job()
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(both("UPDATE job SET returnable = 1"))
    other = await clara.new_job()

    nothing, back, again = [
        (await clara.ask(CANCEL, input={"jobId": id, "idempotencyKey": id}))["cancelJob"]
        for id in (other, job, job)
    ]

    job_now = {"status": "CANCELLED"}
    unpaid = {"job": job_now, "wallet": {"available": 58}, "entry": None, "replayed": False}
    entry = {"kind": "RETURN", "connects": 1, "availableAfter": 59}
    assert nothing == unpaid
    assert back == unpaid | {"wallet": {"available": 59}, "entry": entry}
    assert again == back | {"replayed": True}


async def test_a_cancelled_job_never_stands_first_unasked(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    jobs = []
    for _ in range(5):
        jobs.append(await clara.new_job())
        clock.advance(SECOND)
    oldest, second, third, fourth, newest = jobs
    await clara.cancel(newest)
    await clara.cancel(third)

    async def listed(arguments: str) -> list[str]:
        document = f"jobs{arguments} {{ nodes {{ id }} }}"
        found = await clara.node(clara.account_id, f"... on Account {{ {document} }}")
        return [node["id"] for node in found["jobs"]["nodes"]]

    async def searched(arguments: str) -> list[str]:
        data = await clara.ask(f"{{ jobs{arguments} {{ nodes {{ id }} }} }}")
        return [node["id"] for node in data["jobs"]["nodes"]]

    of_account = [fourth, second, oldest, newest, third]
    with subtests.test("the jobs of an account"):
        assert await listed("") == of_account
        assert await listed("(first: 4)") == of_account[:4]
        assert await listed("(last: 3)") == of_account[-3:]
    with subtests.test("search"):
        assert await searched("(orderBy: NEWEST)") == [fourth, second, oldest]
        assert await searched('(filter: {text: "website"})') == [fourth, second, oldest]
        assert await searched("(filter: {statuses: [CANCELLED]})") == [newest, third]


async def test_the_jobs_of_an_account_are_read_across_the_cancelled_ones(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    jobs = [await clara.new_job() for _ in range(6)]
    for job in jobs[::2]:
        await clara.cancel(job)
    document = """query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
        node(id: $id) { ... on Account {
            jobs(first: $first, after: $after, last: $last, before: $before) {
                edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } } } }"""

    async def page(**arguments: object) -> Json:
        data = await clara.ask(document, id=clara.account_id, **arguments)
        found: Json = data["node"]["jobs"]
        return found

    whole = (await page(first=100))["edges"]
    for size in (1, 2, 3, 4, 6):
        for name, side, at, more in (
            ("first", "after", -1, "hasNextPage"),
            ("last", "before", 0, "hasPreviousPage"),
        ):
            with subtests.test(name, size=size):
                read: list[Json] = []
                found = await page(**{name: size})
                while True:
                    edges = found["edges"]
                    read = [*read, *edges] if name == "first" else [*edges, *read]
                    if not found["pageInfo"][more]:
                        break
                    found = await page(**{name: size, side: edges[at]["cursor"]})
                assert read == whole


async def test_nobody_cancels_the_job_of_somebody_else(api: Api) -> None:
    clara, cleo = await api.client(), await api.client("Cleo")
    job = await clara.new_job()

    async with api.unchanged():
        refused = await cleo.cancel(job)

    assert refused["__typename"] == "NotFound"


async def test_a_job_is_open_for_thirty_days_to_the_microsecond(
    api: Api, clock: ManualClock
) -> None:
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    job = await clara.new_job()
    clock.move_to("2026-12-22T09:29:59.999999+00:00")
    proposal = await farid.new_proposal(job)
    assert await clara.status(job) == "OPEN"

    clock.advance(1)

    assert await clara.status(job) == "EXPIRED"
    assert await farid.status(proposal) == "NOT_AWARDED"
    await clara.available(), await farid.available(), await fiona.available()
    async with api.unchanged():
        for refused in (
            await fiona.propose(job),
            await clara.cancel(job),
            await clara.award(job, proposal),
            await farid.withdraw(proposal),
        ):
            assert refused["__typename"] == "Conflict"
