"""Posting jobs: who can, what it costs, and how long a job is open."""

from models.rules.instants import SECOND
from tests.clocks import ManualClock
from tests.schema.callers import Api


async def test_posting_a_job_costs_a_client_one_connect(api: Api) -> None:
    clara = await api.client()

    posted = await clara.post_job(
        title=" A bakery's website ", skills=["html"], budget={"amountMinor": 80_000}
    )

    assert posted["job"] == {
        "id": posted["job"]["id"],
        "title": "A bakery's website",
        "skills": ["html"],
        "status": "OPEN",
        "budget": {"formatted": "$800.00"},
        "expiresAt": "2026-12-22T09:30:00.000000Z",
    }
    assert posted["wallet"]["available"] == 59
    assert posted["entry"] == {
        "id": posted["entry"]["id"],
        "sequence": 2,
        "kind": "SPEND",
        "connects": -1,
        "availableAfter": 59,
        "action": "POST_JOB",
    }
    assert not posted["replayed"]


async def test_posting_a_job_costs_an_agency_five_connects(api: Api) -> None:
    agnes = await api.agency()

    posted = await agnes.post_job()

    assert (posted["entry"]["connects"], posted["wallet"]["available"]) == (-5, 55)


async def test_a_freelancer_cannot_post_a_job(api: Api) -> None:
    farid = await api.freelancer()

    async with api.unchanged():
        refused = await farid.post_job()

    assert (refused["__typename"], refused["retryable"]) == ("NotAllowed", False)
    assert refused["message"] == "A freelancer account cannot post jobs."


async def test_an_accounts_jobs_are_listed_newest_first(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    jobs = []
    for _ in range(3):
        clock.advance(SECOND)
        jobs.append(await clara.new_job())

    listed = await api.nobody.node(clara.account_id, "... on Account { jobs { nodes { id } } }")

    assert [job["id"] for job in listed["jobs"]["nodes"]] == jobs[::-1]


async def test_a_job_takes_no_proposals_and_no_invitations_after_thirty_days(
    api: Api, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    clock.move_to("2026-12-22T09:30:00+00:00")
    assert [await clara.available(), await farid.available()] == [119, 120]

    async with api.unchanged():
        refusals = [await farid.propose(job), await clara.invite(job, farid)]

    assert [refusal["message"] for refusal in refusals] == ["This job has expired."] * 2
    assert {refusal["__typename"] for refusal in refusals} == {"Conflict"}
    assert (await farid.node(job, "... on Job { status }"))["status"] == "EXPIRED"
