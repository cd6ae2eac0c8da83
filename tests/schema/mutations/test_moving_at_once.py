"""Two people who move the same thing at once: one wins, and the other is told."""

import asyncio

from tests.schema.callers import Api, Json

ROUNDS = 20


def one_won(answers: list[Json]) -> bool:
    names = [answer["__typename"] for answer in answers]
    return names.count("Conflict") == 1 and sum(name.endswith("Success") for name in names) == 1


async def test_a_job_is_either_cancelled_or_awarded(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()

    for number in range(ROUNDS):
        job = await clara.new_job()
        proposal = await farid.new_proposal(job)
        moves = [clara.cancel(job), clara.award(job, proposal)]

        answers = await asyncio.gather(*(moves if number % 2 else moves[::-1]))

        assert one_won(answers)
        won = next(answer for answer in answers if answer["__typename"] != "Conflict")
        assert await clara.status(job) == won["job"]["status"]
        assert await farid.status(proposal) == (
            "AWARDED" if won["job"]["status"] == "AWARDED" else "NOT_AWARDED"
        )


async def test_an_invitation_is_either_accepted_or_declined(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()

    for number in range(ROUNDS):
        invitation = await clara.new_invitation(await clara.new_job(), farid)
        moves = [farid.respond(invitation, "ACCEPT"), farid.respond(invitation, "DECLINE")]

        answers = await asyncio.gather(*(moves if number % 2 else moves[::-1]))

        assert one_won(answers)
        won = next(answer for answer in answers if answer["__typename"] != "Conflict")
        assert await farid.status(invitation) == won["invitation"]["status"]


async def test_a_proposal_is_either_withdrawn_or_awarded(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()

    for number in range(ROUNDS):
        job = await clara.new_job()
        proposal = await farid.new_proposal(job)
        moves = [farid.withdraw(proposal), clara.award(job, proposal)]

        answers = await asyncio.gather(*(moves if number % 2 else moves[::-1]))

        assert one_won(answers)
        won = next(answer for answer in answers if answer["__typename"] != "Conflict")
        assert await farid.status(proposal) == won["proposal"]["status"]
