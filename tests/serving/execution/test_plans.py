"""Plans give what graphql-core gives, for operations made up at random on the real schema."""

import zlib
from collections.abc import Hashable
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from graphql import ExecutionResult
from graphql.execution.values import VariableValues
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from models.store.batching import BatchLoader
from models.tables import User
from schema.context import ConnectsCaller, ConnectsContext
from schema.ids import global_id
from schema.schema import schema
from serving.execution.plans import Plan
from serving.operations.documents import Documents, Rejected
from tests.schema.callers import Api
from tests.serving.execution import oddities
from tests.serving.execution.random_operations import Asked, Values, asked, values

seeded = settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
documents = Documents(schema._schema, introspection=True)
odd_documents = Documents(oddities.schema._schema, introspection=True)
ODD_VALUES = values(
    Int=list(range(13)), Boolean=[True, False], String=["word", ""], upto=list(range(1, 9))
)
NUMBERS = count()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What executes has nothing to do with the kind of the database."""
    return sqlite_url


@pytest.fixture
async def market(api: Api) -> "Market":
    """Somebody with an agency, who has paid for a bit of everything."""
    agnes, farid = await api.agency(), await api.freelancer()
    bought = await agnes.buy(10)
    job = await agnes.new_job()
    invitation = await agnes.new_invitation(job, farid)
    proposal = await farid.new_proposal(job)
    await agnes.contact(farid)
    for _ in range(3):
        await agnes.cancel(await agnes.new_job())
    wallet = await agnes.wallet("id entries { nodes { id subject { ... on Node { id } } } }")
    entries = wallet["entries"]["nodes"]
    ids = [
        *(agnes.account_id, farid.account_id, agnes.freelancer_id, job, invitation, proposal),
        *(wallet["id"], entries[0]["id"], entries[-1]["id"], bought["purchase"]["id"]),
        *(bought["purchase"]["lot"]["id"], await agnes.package(20)),
        global_id("Job", UUID(int=7)),
        "nonsense",
    ]
    return Market(
        api,
        values(
            ID=ids,
            id=[*[agnes.account_id, wallet["id"], job] * 4, *ids],
            accountId=[*[agnes.account_id] * 4, farid.account_id, "nonsense"],
            jobId=[*[job] * 4, proposal],
            freelancerId=[*[farid.freelancer_id] * 4, job],
            proposalId=[proposal],
            invitationId=[invitation],
            packageId=[await agnes.package(20)],
            after=["cursor", ""],
            before=["cursor"],
            Int=[1, 2, 3, 20, 0, 101, -1],
            Float=[0.0, 4.5],
            MinorUnits=[0, 2_500, 2**40, 2**53],
            Boolean=[True, False],
            String=["web", "USD", "", "cursor"],
            DateTime=["2026-11-01T00:00:00Z", "2027-01-01T00:00:00+01:00"],
        ),
    )


class Market:
    """The API, and the values that what is asked of it may have."""

    def __init__(self, api: Api, known: Values) -> None:
        self.known = known
        self._api = api

    async def context(self, name: str | None) -> ConnectsContext:
        user = await User.get_or_none(name=name) if name else None
        return ConnectsContext(
            self._api.services, ConnectsCaller(user, None, "somewhere"), "request", []
        )


@seeded
@given(data=st.data())
async def test_queries_give_the_same(market: Market, data: st.DataObject) -> None:
    made = data.draw(asked(schema._schema, market.known))
    context = await market.context(data.draw(st.sampled_from(("Agnes", "Farid", None))))

    await assert_same(plan_of(made), made, context)


@pytest.mark.slow
@seeded
@given(data=st.data())
async def test_failing_reads_give_the_same(
    market: Market, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    made = data.draw(asked(schema._schema, market.known))
    context = await market.context("Agnes")
    seed = data.draw(st.integers(0, 9))
    load = BatchLoader.load

    def fails_at_times(loader: BatchLoader[Any, Any], key: Hashable) -> Any:
        if zlib.crc32(f"{seed} {key}".encode()) % 4 == 0:
            raise LookupError(f"{key}")
        return load(loader, key)

    with monkeypatch.context() as patch:
        patch.setattr(BatchLoader, "load", fails_at_times)
        await assert_same(plan_of(made), made, context)


@pytest.mark.slow
@seeded
@given(data=st.data())
async def test_mutations_give_the_same(market: Market, data: st.DataObject) -> None:
    key = f"key {next(NUMBERS)}"
    known = market.known | values(idempotencyKey=[key], String=["words", "USD"])
    made = data.draw(asked(schema._schema, known, "mutation"))
    context = await market.context(data.draw(st.sampled_from(("Agnes", "Farid", None))))
    plan = plan_of(made)
    # Whatever it does, it is done now: the same keys give the same outcomes from here on.
    result = await plan.execute(made.variables, context)
    if result.data is None and all(error.path is None for error in result.errors or ()):
        # Its arguments are wrong, and it is not carried out. graphql-core finds out too late.
        reject()

    await assert_same(plan, made, context)


# graphql-core leaves some of the coroutines alone that it needs no longer.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@seeded
@given(made=asked(oddities.schema._schema, ODD_VALUES))
async def test_odd_resolvers_give_the_same(made: Asked) -> None:
    await assert_same(plan_of(made, odd_documents), made, someone([]))


@pytest.mark.slow
@seeded
@given(made=asked(oddities.schema._schema, ODD_VALUES, "mutation"))
async def test_mutations_take_their_steps_in_order(made: Asked) -> None:
    plan = plan_of(made, odd_documents)
    steps: list[list[int]] = [[], []]

    wanted = await plan._unplanned(made.variables, someone(steps[0]))
    found = await plan.execute(made.variables, someone(steps[1]))

    assert shown(found) == shown(wanted), made
    assert steps[0] == steps[1]


def someone(services: Any) -> ConnectsContext:
    return ConnectsContext(services, ConnectsCaller(None, None, "somewhere"), "request", [])


def plan_of(made: Asked, documents: Documents = documents) -> Plan:
    """Its plan, which must cover it, unless the variables are wrong or it is too large."""
    try:
        plan = documents.document(made.document).operation(None).plan
    except Rejected:
        reject()
    assert plan._variables is not None
    if isinstance(plan._variables.coerced(made.variables), VariableValues):
        assert plan.covers(made.variables), made.document
    return plan


async def assert_same(plan: Plan, made: Asked, context: Any) -> None:
    wanted = await plan._unplanned(made.variables, context)
    for _ in range(2):
        found = await plan.execute(made.variables, context)
        assert shown(found) == shown(wanted), made


def shown(result: ExecutionResult) -> Any:
    """All of a result, with the order of its keys.

    Where several fields fail in what becomes null by one of them, which of them are reported
    depends on which fails first: then only the place of the null is shown.
    """
    by_place: dict[str, list[Any]] = {}
    for error in result.errors or ():
        place = null_place(result.data, error.path or [])
        original = type(error.original_error)
        by_place.setdefault(str(place), []).append(
            (error.path, error.message, error.locations, original, error.extensions)
        )
    errors = [(place, found) for place, found in sorted(by_place.items()) if len(found) == 1]
    return ordered(result.data), sorted(by_place), errors


def null_place(data: Any, path: list[str | int]) -> list[str | int]:
    """Where the null stands that an error has made."""
    for depth, key in enumerate(path):
        if data is None:
            return path[:depth]
        data = data[key]
    return path


def ordered(data: Any) -> Any:
    if isinstance(data, dict):
        return [(key, ordered(value)) for key, value in data.items()]
    if isinstance(data, list):
        return [ordered(value) for value in data]
    return data
