"""Withdrawing a proposal: it is over, and what it cost is spent."""

from tests.schema.callers import Api


async def test_a_withdrawn_proposal_stays_withdrawn_and_paid_for(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    proposal = await farid.new_proposal(job)

    withdrawn = await farid.withdraw(proposal)

    assert withdrawn["proposal"] == {"id": proposal, "status": "WITHDRAWN"}
    assert await clara.status(proposal) == "WITHDRAWN"
    assert await farid.available() == 59
    await clara.cancel(job)
    assert await farid.status(proposal) == "WITHDRAWN"


async def test_a_proposal_is_withdrawn_once_and_not_submitted_again(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    proposal = await farid.new_proposal(job)
    await farid.withdraw(proposal)

    async with api.unchanged():
        again, anew = await farid.withdraw(proposal), await farid.propose(job)

    assert (again["__typename"], again["message"]) == ("Conflict", "This proposal was withdrawn.")
    assert anew["__typename"] == "Conflict"


async def test_only_its_author_withdraws_a_proposal(api: Api) -> None:
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    proposal = await farid.new_proposal(await clara.new_job())

    async with api.unchanged():
        refusals = [await clara.withdraw(proposal), await fiona.withdraw(proposal)]

    assert [refusal["__typename"] for refusal in refusals] == ["NotFound", "NotFound"]


async def test_withdrawing_again_with_the_same_key_gives_the_same_answer(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    proposal = await farid.new_proposal(await clara.new_job())
    first = await farid.withdraw(proposal, idempotencyKey="intent")

    async with api.unchanged():
        again = await farid.withdraw(proposal, idempotencyKey="intent")

    assert again == first | {"replayed": True}
