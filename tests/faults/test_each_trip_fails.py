"""Each trip to the database fails once in turn: nobody is told of a bug, or refused wrongly.

And it fails from each trip on. The same call with the same key then has its outcome, once.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from models.store.loaders import Loaders
from tests.books import assert_books_balance, dump
from tests.faults.driver import FaultyDriver, Way
from tests.faults.kinds import (
    LASTING_ON_POSTGRES,
    LASTING_ON_SQLITE,
    PASSING_ON_POSTGRES,
    PASSING_ON_SQLITE,
    Faults,
)
from tests.schema.callers import WEB_DEVELOPER, Api, Caller, Json, Member
from tests.schema.graphql_texts import MUTATIONS

MOST_TRIPS = 60
FAULTS: dict[str, Faults] = {
    "sqlite": {**PASSING_ON_SQLITE, **LASTING_ON_SQLITE},
    "postgres": {**PASSING_ON_POSTGRES, **LASTING_ON_POSTGRES},
}
USUAL = {"sqlite": ("a failed write",), "postgres": ("connection lost", "statement times out")}
QUERIES = {
    "a wallet": """query($id: ID!) { viewer { name accounts { name } } node(id: $id) {
        ... on Account { wallet {
            available nextGrant { connects } expiring(withinDays: 60) { connects }
            lots { nodes { remaining } }
            entries { nodes { kind draws { connects } actor { name } subject { __typename } } }
        } }
    } }""",
    "lists": """query($id: ID!) { node(id: $id) { ... on Account {
        jobs { nodes { title proposals { nodes { status } } invitations { nodes { status } } } }
        proposals { nodes { status } } invitationsReceived { nodes { status } }
    } } }""",
    "a quote": """query($id: ID!, $other: ID!) {
        connectsPackages { connects } costRules { action }
        quote(input: {accountId: $id, action: CONTACT_FREELANCER, freelancerId: $other}) {
            connects available explanation
        }
    }""",
    "a search": """query { freelancers(first: 2) { nodes { title skills } }
        jobs(first: 2) { nodes { title } } }""",
}


class World:
    """People, and what they need for one more call of each mutation."""

    def __init__(self, api: Api, clara: Member, farid: Member, fiona: Member) -> None:
        self._api = api
        self.clara, self.farid, self.fiona = clara, farid, fiona
        self._number = 0

    @classmethod
    async def of(cls, api: Api) -> "World":
        clara, farid = await api.client(), await api.freelancer()
        fiona = await api.freelancer("Fiona")
        for member in (clara, clara, clara, farid, fiona):
            await member.buy(80, quantity=10)
        return cls(api, clara, farid, fiona)

    async def call(self, name: str) -> tuple[Caller, Json]:
        """Somebody who can call the mutation, and an input that it was never called with."""
        self._number += 1
        caller, input = await getattr(self, f"_{name}")()
        return caller, {**input, "idempotencyKey": f"{name} {self._number}"}

    def anew(self, caller: Caller) -> Caller:
        """The same person, of whom the server remembers nothing."""
        services = self._api.services
        api = Api.of(replace(services, loaders=Loaders(services.database)))
        return Caller(api.http, caller.token)

    async def _openAccount(self) -> tuple[Caller, Json]:  # noqa: N802 - the mutation's name
        somebody = self._api.somebody(f"Somebody {self._number}")
        return somebody, {"kind": "FREELANCER", "name": "Mine", "profile": WEB_DEVELOPER}

    async def _buyConnects(self) -> tuple[Caller, Json]:  # noqa: N802
        package = await self.clara.package(10)
        return self.clara, {"accountId": self.clara.account_id, "packageId": package}

    async def _postJob(self) -> tuple[Caller, Json]:  # noqa: N802
        job = {"accountId": self.clara.account_id, "title": "A website", "description": "Ten."}
        return self.clara, job

    async def _submitProposal(self) -> tuple[Caller, Json]:  # noqa: N802
        job_id = await self.clara.new_job()
        proposal = {"accountId": self.farid.account_id, "jobId": job_id, "coverLetter": "I would."}
        return self.farid, proposal

    async def _inviteFreelancer(self) -> tuple[Caller, Json]:  # noqa: N802
        job_id = await self.clara.new_job()
        guest = self.farid.freelancer_id
        return self.clara, {"jobId": job_id, "freelancerId": guest, "connects": 2}

    async def _contactFreelancer(self) -> tuple[Caller, Json]:  # noqa: N802
        freelancer = await self._api.freelancer(f"Freelancer {self._number}")
        contact = {"accountId": self.clara.account_id, "freelancerId": freelancer.freelancer_id}
        return self.clara, contact

    async def _cancelJob(self) -> tuple[Caller, Json]:  # noqa: N802
        return self.clara, {"jobId": await self.clara.new_job()}

    async def _awardJob(self) -> tuple[Caller, Json]:  # noqa: N802
        job_id = await self.clara.new_job()
        proposal_id = await self.farid.new_proposal(job_id)
        return self.clara, {"jobId": job_id, "proposalId": proposal_id}

    async def _withdrawProposal(self) -> tuple[Caller, Json]:  # noqa: N802
        job_id = await self.clara.new_job()
        return self.farid, {"proposalId": await self.farid.new_proposal(job_id)}

    async def _respondToInvitation(self) -> tuple[Caller, Json]:  # noqa: N802
        job_id = await self.clara.new_job()
        invitation_id = await self.clara.new_invitation(job_id, self.fiona)
        return self.fiona, {"invitationId": invitation_id, "response": "DECLINE"}


@pytest.fixture
async def driver(monkeypatch: pytest.MonkeyPatch) -> FaultyDriver:
    return FaultyDriver(monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "way"),
    [("openAccount", Way.BEFORE), ("postJob", Way.AFTER), ("postJob", Way.LASTING)],
)
async def test_a_mutation_that_meets_a_fault_is_carried_out_once(
    api: Api, driver: FaultyDriver, name: str, way: Way
) -> None:
    kinds = USUAL[api.services.database.dialect][:1]
    await check_mutation(api, driver, name, way, kinds)


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("name", MUTATIONS)
async def test_every_mutation_that_meets_a_fault_is_carried_out_once(
    api: Api, driver: FaultyDriver, name: str, way: Way
) -> None:
    await check_mutation(api, driver, name, way, USUAL[api.services.database.dialect])


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("way", [Way.BEFORE, Way.LASTING])
async def test_a_purchase_that_meets_any_fault_is_made_once(
    api: Api, driver: FaultyDriver, way: Way
) -> None:
    kinds = FAULTS[api.services.database.dialect]
    await check_mutation(api, driver, "buyConnects", way, kinds)


async def test_a_query_that_meets_a_fault_is_to_be_tried_again(
    api: Api, driver: FaultyDriver
) -> None:
    kinds = USUAL[api.services.database.dialect][-1:]
    await check_query(api, driver, "a quote", Way.BEFORE, kinds)


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("name", QUERIES)
async def test_every_query_that_meets_a_fault_is_to_be_tried_again(
    api: Api, driver: FaultyDriver, name: str, way: Way
) -> None:
    await check_query(api, driver, name, way, USUAL[api.services.database.dialect])


@pytest.mark.alone
@pytest.mark.slow
async def test_a_quote_that_meets_any_fault_is_to_be_tried_again(
    api: Api, driver: FaultyDriver
) -> None:
    kinds = FAULTS[api.services.database.dialect]
    await check_query(api, driver, "a quote", Way.BEFORE, kinds)


async def check_mutation(
    api: Api, driver: FaultyDriver, name: str, way: Way, kinds: Collection[str]
) -> None:
    world = await World.of(api)
    caller, input = await world.call(name)
    before = await rows(api)
    assert (await send(world.anew(caller), name, input))["replayed"] is False
    usual = await rows(api) - before

    async def at(trip: int, fault: Callable[[], Exception]) -> bool:
        caller, input = await world.call(name)
        before = await rows(api)
        person = world.anew(caller)
        with driver.failing(trip, way, fault) as plan:
            answer = await person.send(MUTATIONS[name], {"input": input})
        told = answer_to(answer, name)

        settled = await send(person, name, input)

        assert told in ("success", "TryAgain", "unread")
        assert settled["__typename"].endswith("Success"), settled
        if told != "TryAgain":
            assert settled["replayed"], (trip, told)
        assert await rows(api) - before == usual, (trip, told)
        assert (await send(person, name, input))["replayed"]
        return plan.met > 0

    await each_trip(api, kinds, at)
    await assert_books_balance(api.services.database)


async def check_query(
    api: Api, driver: FaultyDriver, name: str, way: Way, kinds: Collection[str]
) -> None:
    world = await World.of(api)
    job_id = await world.clara.new_job()
    await world.farid.propose(job_id)
    await world.clara.invite(job_id, world.fiona)
    clara = world.clara
    variables = {"id": clara.account_id, "other": world.farid.freelancer_id}
    good = await clara.ask(QUERIES[name], **variables)

    async def at(trip: int, fault: Callable[[], Exception]) -> bool:
        person = world.anew(clara)
        with driver.failing(trip, way, fault) as plan:
            answer = await person.send(QUERIES[name], variables)
        errors = answer.json().get("errors", [])
        assert all(is_to_be_tried_again(error) for error in errors), (trip, errors)
        assert answer.status_code == (200 if "data" in answer.json() else 503)
        assert errors or answer.json()["data"] == good
        assert await person.ask(QUERIES[name], **variables) == good
        return plan.met > 0

    await each_trip(api, kinds, at)


async def each_trip(
    api: Api,
    kinds: Collection[str],
    at: Callable[[int, Callable[[], Exception]], Awaitable[bool]],
) -> None:
    """Calls `at` for each trip, until none meets the fault any more."""
    for kind in kinds:
        fault = FAULTS[api.services.database.dialect][kind]
        trips = 1
        while await at(trips, fault):
            trips += 1
            assert trips < MOST_TRIPS
        assert trips > 2, "no trip to the database was seen"


def answer_to(answer: Any, name: str) -> str:
    """What the answer to a mutation says. Fails where that is not to be said of a fault."""
    body = answer.json()
    errors = body.get("errors", [])
    assert all(is_to_be_tried_again(error) for error in errors), errors
    if answer.status_code == 503:
        assert answer.headers["retry-after"] == "1"
        return "TryAgain"
    assert answer.status_code == 200
    result = (body["data"] or {}).get(name)
    if result is None:
        was_carried_out = "was carried out" in errors[0]["message"]
        assert errors[0]["extensions"].get("committed", False) is was_carried_out
        return "unread" if was_carried_out else "TryAgain"
    if result["__typename"] == "TryAgain":
        assert result["code"] == "TRY_AGAIN"
        assert result["retryable"]
        return "TryAgain"
    assert result["__typename"].endswith("Success"), result
    return "success"


def is_to_be_tried_again(error: Json) -> bool:
    extensions = error["extensions"]
    return extensions["code"] == "TRY_AGAIN" and extensions["retryable"] is True


async def send(caller: Caller, name: str, input: Json) -> Any:
    return (await caller.ask(MUTATIONS[name], input=input))[name]


async def rows(api: Api) -> Counter[str]:
    """How many rows each table has."""
    tables = await dump(api.services.database)
    return Counter({table: len(found) for table, found in tables.items()})
