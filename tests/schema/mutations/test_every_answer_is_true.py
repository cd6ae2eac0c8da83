"""Whatever is asked of a mutation's result, its answer says whether it was carried out."""

import json
import zlib
from collections.abc import Awaitable, Callable, Hashable
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.store.batching import BatchLoader
from models.store.statements import both
from schema.ids import global_id
from schema.schema import schema
from tests.schema.callers import Api, Json, Member
from tests.schema.mutations.test_wrong_arguments import cursor
from tests.serving.execution.random_operations import Values, selections, values

seeded = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
OTHER = UUID(int=0)
KNOWN: Values = values(
    Int=[1, 2, 3, 20, 0],
    first=[*[1, 2, 100] * 8, 101],
    last=[*[1, 2, 100] * 8, -1],
    withinDays=[*[0, 30, 3660] * 4, 3661],
    after=[*[cursor(f"jobs:{OTHER}", 0, OTHER), cursor(f"entries:{OTHER}", 1)] * 2, "nonsense"],
    before=[cursor(f"job-proposals:{OTHER}", 1, 0, 0, OTHER), cursor(f"lots:{OTHER}", 1, 1)],
    subjectId=[*[global_id("Job", OTHER), global_id("Proposal", OTHER)] * 4, "nonsense"],
    actorId=[*[global_id("User", OTHER)] * 8, "nonsense"],
    timeZone=[*["UTC", "Europe/Berlin"] * 4, "Europe/Nowhere"],
    Boolean=[True, False],
    DateTime=[*["2026-11-01T00:00:00Z"] * 8, "2027-01-01T00:00:00+01:00"],
)
assert schema._schema.mutation_type is not None
MUTATIONS = sorted(schema._schema.mutation_type.fields)
CARRIED_OUT = both("SELECT key FROM idempotency WHERE refusal IS NULL")
ENTRIES = both("SELECT count(*) FROM entry")
NUMBERS = count()


class Calls:
    """Calls of each mutation by Agnes that are carried out, each on something of its own."""

    def __init__(self, api: Api, agnes: Member, clara: Member, farid: Member) -> None:
        self.api = api
        self.agnes = agnes
        self._clara = clara
        self._farid = farid
        own = {"accountId": agnes.account_id}
        self.inputs: dict[str, Callable[[], Awaitable[Json]]] = {
            "openAccount": self._made({"kind": "CLIENT", "name": "New"}),
            "buyConnects": self._bought,
            "postJob": self._made({**own, "title": "A", "description": "B"}),
            "cancelJob": self._cancelled,
            "submitProposal": self._proposed,
            "withdrawProposal": self._withdrawn,
            "boostProposal": self._boosted,
            "withdrawBoost": self._boost_withdrawn,
            "awardJob": self._awarded,
            "inviteFreelancer": self._invited,
            "respondToInvitation": self._answered,
            "contactFreelancer": self._made({**own, "freelancerId": farid.freelancer_id}),
        }

    async def call(self, name: str, key: str) -> tuple[str, str]:
        """The text of a call, and the type of its success."""
        input = await self.inputs[name]()
        words = {"kind": input.pop("kind", None), "response": input.pop("response", None)}
        fields = [f"{field}: {json.dumps(value)}" for field, value in input.items()]
        fields += [f"{field}: {word}" for field, word in words.items() if word]
        text = f'{name}(input: {{{", ".join(fields)}, idempotencyKey: "{key}"}})'
        return text, f"{name[0].upper()}{name[1:]}Success"

    def _made(self, input: Json) -> Callable[[], Awaitable[Json]]:
        async def make() -> Json:
            return dict(input)

        return make

    async def _bought(self) -> Json:
        return {"accountId": self.agnes.account_id, "packageId": await self.agnes.package(80)}

    async def _cancelled(self) -> Json:
        return {"jobId": await self.agnes.new_job()}

    async def _proposed(self) -> Json:
        job = await self._clara.new_job()
        return {"accountId": self.agnes.account_id, "jobId": job, "coverLetter": "C"}

    async def _withdrawn(self) -> Json:
        return {"proposalId": await self.agnes.new_proposal(await self._clara.new_job())}

    async def _boosted(self) -> Json:
        return {**await self._withdrawn(), "connects": 1}

    async def _boost_withdrawn(self) -> Json:
        boosted = await self._boosted()
        await self.agnes.mutate("boostProposal", **boosted)
        return {"proposalId": boosted["proposalId"]}

    async def _awarded(self) -> Json:
        job = await self.agnes.new_job()
        return {"jobId": job, "proposalId": await self._farid.new_proposal(job)}

    async def _invited(self) -> Json:
        freelancer = self._farid.freelancer_id
        return {"jobId": await self.agnes.new_job(), "freelancerId": freelancer, "connects": 1}

    async def _answered(self) -> Json:
        job = await self._clara.new_job()
        return {
            "invitationId": await self._clara.new_invitation(job, self.agnes),
            "response": "ACCEPT",
        }


@pytest.fixture
async def calls(api: Api) -> Calls:
    agnes, clara, farid = await api.agency(), await api.client(), await api.freelancer()
    for member in (agnes, clara, farid):
        for _ in range(3):
            await member.buy(80, quantity=100)
    return Calls(api, agnes, clara, farid)


def fails_at_times(seed: int) -> Callable[[BatchLoader[Any, Any], Hashable], Any]:
    """A loader that a bug stops in one of four reads."""
    load = BatchLoader.load

    def loading(loader: BatchLoader[Any, Any], key: Hashable) -> Any:
        if zlib.crc32(f"{seed} {key}".encode()) % 4 == 0:
            raise LookupError(f"{key}")
        return load(loader, key)

    return loading


async def carried_out(api: Api) -> set[str]:
    """The idempotency keys of what was carried out and not refused."""
    return {key for (key,) in await api.services.database.fetch(CARRIED_OUT)}


async def entries(api: Api) -> int:
    """How many entries all ledgers have."""
    ((number,),) = await api.services.database.fetch(ENTRIES)
    return int(number)


def told(body: Json, key: str) -> bool:
    """Whether an answer says that the mutation under `key` was carried out."""
    result = (body.get("data") or {}).get(key)
    said = result is not None and result["__typename"].endswith("Success")
    errors = [one for one in body.get("errors", ()) if one.get("path", [None])[0] == key]
    committed = [one["extensions"].get("committed", False) for one in errors]
    if result is None:
        assert errors or "data" not in body, body
        return any(committed)
    # Errors beside a result say the same as the result.
    assert set(committed) <= {said}, body
    return said


@seeded
@given(
    names=st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=3),
    selection=st.integers(0, 2**32),
    faults=st.integers(0, 9),
)
async def test_the_answer_says_whatever_was_carried_out(
    calls: Calls,
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    selection: int,
    faults: int,
) -> None:
    keys = {f"m{place}": f"key {next(NUMBERS)}" for place in range(len(names))}
    made = {
        key: await calls.call(name, intent)
        for (key, intent), name in zip(keys.items(), names, strict=True)
    }
    asked = selections(schema._schema, KNOWN, made, selection)
    before = await entries(calls.api)

    with monkeypatch.context() as patch:
        if faults % 2:
            patch.setattr(BatchLoader, "load", fails_at_times(faults))
        body = (await calls.agnes.send(asked.document, asked.variables)).json()

    done = await carried_out(calls.api)
    for key, intent in keys.items():
        assert told(body, key) is (intent in done), (asked, body)
    if await entries(calls.api) != before:
        assert any(told(body, key) for key in keys), (asked, body)
