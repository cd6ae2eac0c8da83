"""Awarding a job: one proposal wins, and the others learn it from the job."""

from tests.schema.callers import Api


async def test_one_proposal_wins_and_the_others_do_not(api: Api) -> None:
    clara, farid, agnes = await api.client(), await api.freelancer(), await api.agency()
    job = await clara.new_job()
    wins, loses = await farid.new_proposal(job), await agnes.new_proposal(job)

    awarded = await clara.award(job, wins)

    assert awarded["job"] == {"id": job, "status": "AWARDED"}
    assert awarded["proposal"] == {"id": wins, "status": "AWARDED"}
    assert await agnes.status(loses) == "NOT_AWARDED"
    assert (await farid.available(), await agnes.available()) == (59, 55)


async def test_an_awarded_job_permits_nothing_more(api: Api) -> None:
    clara, farid, agnes = await api.client(), await api.freelancer(), await api.agency()
    fiona = await api.freelancer("Fiona")
    job = await clara.new_job()
    wins, loses = await farid.new_proposal(job), await agnes.new_proposal(job)
    await clara.award(job, wins)

    async with api.unchanged():
        refusals = [
            await fiona.propose(job),
            await clara.invite(job, fiona),
            await clara.award(job, loses),
            await clara.award(job, wins),
            await clara.cancel(job),
            await farid.withdraw(wins),
            await agnes.withdraw(loses),
        ]

    assert [refusal["__typename"] for refusal in refusals] == ["Conflict"] * 7
    assert [refusal["message"] for refusal in refusals] == [
        *["This job has been awarded."] * 5,
        "This proposal was awarded the job.",
        "This proposal was not awarded the job.",
    ]


async def test_a_withdrawn_proposal_wins_nothing_and_the_job_stays_open(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    proposal = await farid.new_proposal(job)
    await farid.withdraw(proposal)

    async with api.unchanged():
        refused = await clara.award(job, proposal)

    assert (refused["__typename"], refused["message"]) == (
        "Conflict",
        "This proposal was withdrawn.",
    )
    assert await clara.status(job) == "OPEN"


async def test_a_proposal_to_another_job_is_not_found(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job, other = await clara.new_job(), await clara.new_job()
    proposal = await farid.new_proposal(other)

    async with api.unchanged():
        refused = await clara.award(job, proposal)

    assert refused["__typename"] == "NotFound"


async def test_nobody_awards_the_job_of_somebody_else(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    proposal = await farid.new_proposal(job)

    async with api.unchanged():
        refused = await farid.award(job, proposal)

    assert refused["__typename"] == "NotFound"


async def test_awarding_again_with_the_same_key_gives_the_same_answer(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    proposal = await farid.new_proposal(job)
    first = await clara.award(job, proposal, idempotencyKey="intent")

    async with api.unchanged():
        again = await clara.award(job, proposal, idempotencyKey="intent")

    assert again == first | {"replayed": True}
