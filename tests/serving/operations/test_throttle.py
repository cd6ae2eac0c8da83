"""How much callers may ask for in a time: a leaky bucket for each of them."""

import json
from dataclasses import replace

import pytest
from graphql import get_introspection_query
from hypothesis import given
from hypothesis import strategies as st

from models.rules.instants import SECOND
from schema.context import ConnectsCaller, ConnectsContext
from schema.schema import schema
from serving.operations import operations, throttle
from serving.operations.throttle import Rate, Throttle
from serving.transport.bodies import GraphQLRequest
from tests.clocks import ManualClock
from tests.schema.callers import Api, operations_on
from tests.schema.graphql_texts import MUTATIONS

RATE = Rate(maximum=100, restored=10)


def test_points_go_and_come_back_with_time(clock: ManualClock) -> None:
    bucket = Throttle(RATE, clock)

    assert bucket.charge("ada", 60) == (40, 0)
    assert bucket.charge("ada", 60) == (40, 2.0)
    assert bucket.charge("bob", 60) == (40, 0)
    clock.advance(2 * SECOND - 1)
    assert bucket.charge("ada", 60).wait > 0
    clock.advance(1)
    assert bucket.charge("ada", 60) == (0, 0)
    clock.advance(3600 * SECOND)
    assert bucket.charge("ada", 1) == (99, 0)


def test_what_was_charged_too_much_comes_back(clock: ManualClock) -> None:
    bucket = Throttle(RATE, clock)
    bucket.charge("ada", 60)

    assert bucket.settle("ada", -50) == 90
    assert bucket.settle("ada", -50) == 100


def test_who_owes_points_waits_for_them(clock: ManualClock) -> None:
    bucket = Throttle(RATE, clock)

    assert bucket.settle("ada", 150) == -50
    assert bucket.wait("ada") == 5.0
    assert bucket.charge("ada", 10) == (-50, 6.0)
    clock.advance(6 * SECOND)
    assert bucket.charge("ada", 10) == (0, 0)
    assert bucket.wait("ada") == 0


def test_what_nobody_can_have_costs_all_there_is(clock: ManualClock) -> None:
    bucket = Throttle(RATE, clock)

    assert bucket.charge("ada", 5_000) == (0, 0)
    assert bucket.charge("ada", 5_000) == (0, 10.0)


def test_a_clock_that_goes_back_takes_nothing(clock: ManualClock) -> None:
    bucket = Throttle(RATE, clock)
    bucket.charge("ada", 60)

    clock.advance(-5 * SECOND)

    assert bucket.charge("ada", 40) == (0, 0)


def test_only_so_many_callers_are_remembered(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "BUCKETS", 2)
    bucket = Throttle(RATE, clock)
    for caller in ("ada", "bob", "ada", "eve"):
        bucket.charge(caller, 30)

    assert bucket.charge("ada", 30).available == 10
    assert bucket.charge("bob", 30).available == 70


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(0, 20 * SECOND), st.integers(0, 40)),
        max_size=30,
    )
)
def test_nobody_gets_more_than_the_rate_permits(calls: list[tuple[int, int, int]]) -> None:
    now = 0
    bucket = Throttle(RATE, lambda: now)
    taken = 0

    for points, pause, unused in calls:
        now += pause
        charge = bucket.charge("ada", points)
        assert 0 <= charge.available <= RATE.maximum
        if not charge.wait:
            cost = min(points, RATE.maximum)
            back = min(unused, cost)
            bucket.settle("ada", -back)
            taken += cost - back
        else:
            now += int(charge.wait * SECOND) + 1
            assert bucket.charge("ada", points).wait == 0
            taken += min(points, RATE.maximum)
        assert taken <= RATE.maximum + now * RATE.restored / SECOND


async def test_who_asks_too_much_is_told_when_to_come_again(api: Api, clock: ManualClock) -> None:
    throttled = api.with_operations(throttle=Throttle(RATE, clock))
    clara = await throttled.client()
    document = "{ connectsPackages { connects price { formatted } } }"

    answers = [await clara.send(document) for _ in range(12)]
    last = answers[-1]

    assert {answer.status_code for answer in answers} == {200}
    assert "errors" not in answers[0].json()
    (error,) = last.json()["errors"]
    assert last.json()["data"] is None
    assert error["extensions"]["code"] == "THROTTLED"
    wait = error["extensions"]["retryAfter"]
    assert 0 < wait <= 2.1
    assert last.headers["retry-after"] == str(-int(-wait // 1))
    cost = last.json()["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 21
    assert cost["actualQueryCost"] is None
    assert cost["throttleStatus"]["maximumAvailable"] == 100
    assert cost["throttleStatus"]["restoreRate"] == 10
    assert 0 <= cost["throttleStatus"]["currentlyAvailable"] < 21

    clock.advance(int(wait * SECOND) + 1)
    assert "errors" not in (await clara.send(document)).json()


async def test_a_throttled_mutation_changes_nothing(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    rate = Rate(maximum=120, restored=100)
    throttled = api.with_operations(throttle=Throttle(rate, clock))
    clara = replace(clara, http=throttled.http)
    await clara.send("{" + "viewer { name } " * 40 + "}")
    job = {"accountId": clara.account_id, "title": "A", "description": "B"}

    async with api.unchanged():
        answer = await clara.send(
            MUTATIONS["postJob"], {"input": {**job, "idempotencyKey": "throttled"}}
        )

    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    clock.advance(60 * SECOND)
    assert (await clara.post_job(idempotencyKey="throttled"))["__typename"] == "PostJobSuccess"


async def test_those_without_a_token_are_counted_by_their_address(
    api: Api, clock: ManualClock
) -> None:
    throttled = api.with_operations(throttle=Throttle(Rate(5, 1), clock))
    nobody, ada = throttled.nobody, throttled.somebody("Ada")

    await nobody.send("{ __typename }")
    clock.advance(10 * SECOND)
    answers = [await nobody.send("{ __typename }") for _ in range(6)]

    assert ["errors" in answer.json() for answer in answers] == [False] * 5 + [True]
    assert "errors" not in (await ada.send("{ __typename }")).json()


async def test_a_document_is_charged_for_by_its_length_until_it_is_known(
    api: Api, clock: ManualClock
) -> None:
    throttled = api.with_operations(throttle=Throttle(Rate(1_000, 1), clock))
    nobody = throttled.nobody
    wrong = "{ x }" + " " * 3_995

    answers = [await nobody.send(wrong) for _ in range(3)]
    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    clock.advance(1_000 * SECOND)
    known = "{ __typename }" + " " * 3_986
    available = [
        (await nobody.send(known)).json()["extensions"]["cost"]["throttleStatus"] for _ in range(3)
    ]

    assert codes == ["GRAPHQL_VALIDATION_FAILED"] * 2 + ["THROTTLED"]
    assert [status["currentlyAvailable"] for status in available] == [599, 598, 597]


async def test_a_long_answer_is_charged_for_afterwards(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    for _ in range(20):
        await clara.post_job(description="x" * 20_000)
    throttled = api.with_operations(throttle=Throttle(Rate(400, 100), clock))

    first, second = [
        await throttled.nobody.send("{ jobs { nodes { description } } }") for _ in range(2)
    ]

    assert len(first.content) > 400_000
    assert second.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert 0 < second.json()["errors"][0]["extensions"]["retryAfter"] < 1


async def test_an_answer_that_is_too_long_is_not_sent(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "ANSWER_BYTES", 10_000)
    clara = await api.client()
    await clara.post_job(description="x" * 20_000)

    answer = await api.nobody.send("{ jobs { nodes { description } } }")

    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert answer.json()["errors"][0]["extensions"]["code"] == "ANSWER_TOO_LARGE"
    assert len(answer.content) < 1_000


@pytest.mark.slow
async def test_a_whole_office_may_have_the_schema_told(api: Api) -> None:
    # Not over HTTP, where the tests look for what sounds like a name inside the server.
    office = operations_on(schema._schema, throttle=Throttle(Rate(10_000, 1), api.services.clock))
    context = ConnectsContext(api.services, ConnectsCaller(None, None, "one address"), "", [])
    asked = GraphQLRequest(get_introspection_query(input_value_deprecation=True), {}, None)

    for _ in range(30):
        answer = await office.execute(await office.find(asked, context), {}, context)
        assert "errors" not in json.loads(office.to_json(answer, context))
        assert answer.body["extensions"]["cost"]["actualQueryCost"] == 100


async def test_whoever_asks_for_the_schema_many_times_in_one_operation_pays_for_each(
    api: Api,
) -> None:
    times = " ".join(f"a{n}: __schema {{ types {{ ...T }} }}" for n in range(20))
    twice = "fragment T on __Type { b: fields { name } c: fields { name } }"

    answer = await api.nobody.send(f"{{ {times} }} {twice}")

    assert answer.json()["errors"][0]["extensions"]["cost"] == (1 + 20 * 3) * 100
