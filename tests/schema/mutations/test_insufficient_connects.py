"""Too few Connects: what is missing, what to buy, when the next grant comes, and how it goes on."""

from tests.clocks import ManualClock
from tests.schema.callers import Api, Member


async def with_one_connect_left(api: Api) -> tuple[Member, Member, str]:
    """A client with one Connect, a freelancer, and a job to invite them to."""
    clara, farid = await api.client(), await api.freelancer()
    for connects in (50, 6):
        await clara.invite(await clara.new_job(), farid, connects)
    job = await clara.new_job()
    assert await clara.available() == 1
    return clara, farid, job


async def test_the_last_connect_can_be_spent_and_then_the_refusal_says_how_to_go_on(
    api: Api,
) -> None:
    clara, farid, job = await with_one_connect_left(api)
    fiona = await api.freelancer("Fiona")
    assert (await clara.invite(job, farid, 1))["wallet"]["available"] == 0

    async with api.unchanged():
        refused = await clara.invite(job, fiona, 20)

    assert refused == {
        "__typename": "InsufficientConnects",
        "code": "INSUFFICIENT_CONNECTS",
        "message": "This costs 20 Connects and you have 0.",
        "retryable": False,
        "required": 20,
        "available": 0,
        "shortfall": 20,
        "packages": [
            {"connects": connects, "price": {"formatted": f"${connects * 0.15:.2f}"}}
            for connects in (10, 20, 40, 60, 80)
        ],
        "nextGrant": {"connects": 60, "at": "2026-12-01T00:00:00.000000Z"},
    }


async def test_after_buying_it_goes_through(api: Api) -> None:
    clara, farid, job = await with_one_connect_left(api)
    async with api.unchanged():
        refused = await clara.invite(job, farid, 11)
    assert refused["shortfall"] == 10

    await clara.buy(10)
    sent = await clara.invite(job, farid, 11)

    assert (sent["__typename"], sent["wallet"]["available"]) == ("InviteFreelancerSuccess", 0)


async def test_after_the_next_grant_it_goes_through(api: Api, clock: ManualClock) -> None:
    clara, farid, job = await with_one_connect_left(api)
    async with api.unchanged():
        refused = await clara.invite(job, farid, 50)

    clock.move_to(refused["nextGrant"]["at"])
    sent = await clara.invite(job, farid, 50)

    assert (sent["__typename"], sent["wallet"]["available"]) == ("InviteFreelancerSuccess", 11)


async def test_agencies_are_shown_the_packages_for_agencies(api: Api) -> None:
    agnes = await api.agency()
    for _ in range(12):
        await agnes.new_job()

    async with api.unchanged():
        refused = await agnes.post_job()

    assert (refused["required"], refused["available"], refused["shortfall"]) == (5, 0, 5)
    assert [package["connects"] for package in refused["packages"]][-2:] == [150, 300]


async def test_every_action_is_refused_without_connects(api: Api) -> None:
    clara, agnes, farid = await api.client(), await api.agency(), await api.freelancer()
    job = await clara.new_job()
    jobs = [await agnes.new_job() for _ in range(12)]

    async with api.unchanged():
        refusals = [
            await agnes.post_job(),
            await agnes.propose(job),
            await agnes.invite(jobs[0], farid),
            await agnes.contact(farid),
        ]

    assert {refusal["__typename"] for refusal in refusals} == {"InsufficientConnects"}
    assert [refusal["required"] for refusal in refusals] == [5, 5, 1, 1]
