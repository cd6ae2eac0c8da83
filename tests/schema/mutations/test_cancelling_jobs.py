"""Cancelling a job, and jobs that end by themselves."""

from tests.clocks import ManualClock
from tests.schema.callers import Api


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
