"""Submitting proposals: who can, what it costs, and who gets to read them."""

import pytest

from models.rules.instants import SECOND
from tests.clocks import ManualClock
from tests.schema.callers import Api


async def test_a_proposal_costs_a_freelancer_one_connect(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()

    submitted = await farid.propose(job, bid={"amountMinor": 75_050, "currency": "EUR"})

    assert submitted["proposal"]["status"] == "SUBMITTED"
    assert submitted["proposal"]["bid"] == {"formatted": "€750.50"}
    assert (submitted["entry"]["connects"], submitted["entry"]["action"]) == (-1, "SUBMIT_PROPOSAL")
    assert submitted["wallet"]["available"] == 59


async def test_a_proposal_costs_an_agency_five_connects(api: Api) -> None:
    clara, agnes = await api.client(), await api.agency()

    submitted = await agnes.propose(await clara.new_job())

    assert (submitted["entry"]["connects"], submitted["wallet"]["available"]) == (-5, 55)


async def test_the_jobs_owner_reads_the_proposals_newest_first(
    api: Api, clock: ManualClock
) -> None:
    clara, farid, agnes = await api.client(), await api.freelancer(), await api.agency()
    job = await clara.new_job()
    proposals = [(await farid.propose(job))["proposal"]["id"]]
    clock.advance(SECOND)
    proposals.append((await agnes.propose(job))["proposal"]["id"])

    read = await clara.node(
        job, "... on Job { proposals { nodes { id account { id } coverLetter } } }"
    )

    assert [proposal["id"] for proposal in read["proposals"]["nodes"]] == proposals[::-1]
    assert read["proposals"]["nodes"][1]["account"] == {"id": farid.account_id}


async def test_an_account_proposes_to_a_job_once(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    await farid.propose(job)

    async with api.unchanged():
        refused = await farid.propose(job)

    assert refused["__typename"] == "Conflict"


@pytest.mark.parametrize("kind", ["client", "agency"])
async def test_nobody_proposes_to_a_job_of_their_own(api: Api, kind: str) -> None:
    owner = await (api.client() if kind == "client" else api.agency())
    job = await owner.new_job()

    async with api.unchanged():
        refused = await owner.propose(job)

    assert refused["__typename"] == "NotAllowed"


async def test_a_client_cannot_submit_a_proposal(api: Api) -> None:
    clara, other = await api.client(), await api.client("Cleo")
    job = await clara.new_job()

    async with api.unchanged():
        refused = await other.propose(job)

    assert (refused["__typename"], refused["message"]) == (
        "NotAllowed",
        "A client account cannot submit proposals.",
    )
