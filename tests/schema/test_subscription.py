"""The subscription walletEntryAdded: what it gives, and to whom."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from graphql import ExecutionResult, GraphQLError, parse, subscribe

from models.ledger.entry_feed import EntryFeed
from models.rules.instants import FOREVER
from models.rules.refusals import InvalidInput, LimitExceeded, NotFound, TryAgain
from models.tables import User
from resolvers.people.tokens import Claims
from resolvers.people.users import signed_in
from schema.context import ConnectsCaller, ConnectsContext
from schema.ids import global_id
from schema.schema import schema
from tests.clocks import ManualClock
from tests.schema.callers import Api, Json

FOLLOW = """
    subscription($accountId: ID!, $after: Int) {
        walletEntryAdded(accountId: $accountId, after: $after) {
            sequence kind connects availableAfter action createdAt
            subject { ... on Job { title } } draws { connects lot { granted } } actor { name }
        }
    }
"""
SOON = 5.0

Results = AsyncGenerator[ExecutionResult, None]


async def user_named(api: Api, name: str) -> User:
    return await signed_in(api.services, Claims(name, name, None, FOREVER))


async def subscribed(api: Api, user: User | None, **variables: object) -> Results | ExecutionResult:
    found: Any = subscribe(
        schema._schema,
        parse(FOLLOW),
        context_value=ConnectsContext(api.services, ConnectsCaller(user, None, "test"), "test", []),
        variable_values=variables,
    )
    answered: Results | ExecutionResult = await found
    return answered


@asynccontextmanager
async def following(api: Api, name: str, account_id: str, **after: int) -> AsyncIterator[Results]:
    results = await subscribed(api, await user_named(api, name), accountId=account_id, **after)
    assert isinstance(results, AsyncGenerator), results
    yield results
    await results.aclose()


async def take(results: Results, entries: int) -> list[Json]:
    """So many next entries."""
    async with asyncio.timeout(SOON):
        given = [await anext(results) for _ in range(entries)]
    assert [result.errors for result in given] == [None] * entries
    return [result.data["walletEntryAdded"] for result in given if result.data]


async def refused(api: Api, user: User | None, **variables: object) -> GraphQLError:
    """The only error of a subscription that does not begin."""
    result = await subscribed(api, user, **variables)
    assert isinstance(result, ExecutionResult)
    assert result.data is None
    assert result.errors is not None
    (error,) = result.errors
    assert error.path == ["walletEntryAdded"]
    return error


async def test_entries_arrive_as_they_are_committed_with_all_that_belongs_to_them(
    api: Api,
) -> None:
    clara = await api.client()

    async with following(api, "Clara", clara.account_id) as results:
        await clara.post_job(title="A website")
        (spent,) = await take(results, 1)
        await clara.buy(10)
        (bought,) = await take(results, 1)

    assert spent == {
        "sequence": 2,
        "kind": "SPEND",
        "connects": -1,
        "availableAfter": 59,
        "action": "POST_JOB",
        "createdAt": "2026-11-22T09:30:00.000000Z",
        "subject": {"title": "A website"},
        "draws": [{"connects": 1, "lot": {"granted": 60}}],
        "actor": {"name": "Clara"},
    }
    assert (bought["sequence"], bought["kind"], bought["connects"]) == (3, "PURCHASE", 10)


async def test_entries_arrive_in_order_without_gaps_or_doubles_while_many_spend(api: Api) -> None:
    clara = await api.client()
    async with following(api, "Clara", clara.account_id, after=0) as results:
        taking = asyncio.create_task(take(results, 41))

        await asyncio.gather(*(clara.new_job() for _ in range(40)))

        entries = await taking
    assert [entry["sequence"] for entry in entries] == list(range(1, 42))
    assert [entry["availableAfter"] for entry in entries] == list(range(60, 19, -1))


async def test_who_comes_back_with_the_last_sequence_misses_nothing(api: Api) -> None:
    clara = await api.client()
    async with following(api, "Clara", clara.account_id) as results:
        await clara.new_job()
        (last,) = await take(results, 1)
    for _ in range(3):
        await clara.new_job()

    async with following(api, "Clara", clara.account_id, after=last["sequence"]) as results:
        await clara.new_job()
        missed = await take(results, 4)

    assert [entry["sequence"] for entry in missed] == [3, 4, 5, 6]


async def test_a_grant_arrives_when_it_falls_due(api: Api, clock: ManualClock) -> None:
    clara = await api.client()

    async with following(api, "Clara", clara.account_id) as results:
        taking = asyncio.create_task(take(results, 1))
        await asyncio.sleep(0.1)
        assert not taking.done()
        clock.move_to("2026-12-01T00:00:00+00:00")
        (grant,) = await taking

    assert (grant["kind"], grant["connects"]) == ("GRANT", 60)
    assert grant["createdAt"] == "2026-12-01T00:00:00.000000Z"
    assert grant["actor"] is grant["subject"] is None


async def test_nobody_follows_anything_without_a_token(api: Api) -> None:
    clara = await api.client()

    error = await refused(api, None, accountId=clara.account_id)

    assert error.extensions == {"code": "UNAUTHENTICATED"}


async def test_a_wallet_of_others_is_refused_like_one_that_does_not_exist(api: Api) -> None:
    clara = await api.client()
    otto = await user_named(api, "Otto")

    of_others = await refused(api, otto, accountId=clara.account_id)
    of_nobody = await refused(api, otto, accountId=global_id("Account", uuid4()))
    from_the_future = await refused(api, otto, accountId=clara.account_id, after=100)

    assert type(of_others.original_error) is NotFound
    assert of_others.message == of_nobody.message == from_the_future.message


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (-1, "after: must be 0 or more, not -1"),
        (2, "after: is beyond the wallet's last entry, 1"),
    ],
)
async def test_a_sequence_that_the_wallet_does_not_have_is_refused(
    api: Api, after: int, message: str
) -> None:
    clara = await api.client()

    error = await refused(
        api, await user_named(api, "Clara"), accountId=clara.account_id, after=after
    )

    assert type(error.original_error) is InvalidInput
    assert error.message == message


async def test_what_is_no_account_is_refused(api: Api) -> None:
    clara = await api.client()
    wallet = await clara.wallet("id")

    error = await refused(api, await user_named(api, "Clara"), accountId=wallet["id"])

    assert error.message == "accountId: must be an id of type Account, not Wallet"


async def test_past_the_limit_a_subscription_is_refused(
    api: Api, feed: EntryFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client()
    monkeypatch.setattr(feed, "_limit", 0)

    error = await refused(api, await user_named(api, "Clara"), accountId=clara.account_id)

    assert type(error.original_error) is LimitExceeded


async def test_closing_the_feed_ends_the_stream_and_refuses_new_ones(
    api: Api, feed: EntryFeed
) -> None:
    clara = await api.client()
    async with following(api, "Clara", clara.account_id) as results:
        taking = asyncio.create_task(_rest(results))
        await asyncio.sleep(0.05)

        async with asyncio.timeout(1):
            await feed.close()
            assert await taking == []

    error = await refused(api, await user_named(api, "Clara"), accountId=clara.account_id)
    assert type(error.original_error) is TryAgain


async def _rest(results: Results) -> list[ExecutionResult]:
    return [result async for result in results]


async def test_a_stream_that_is_closed_or_cancelled_leaves_nothing(
    api: Api, feed: EntryFeed
) -> None:
    clara = await api.client()
    async with following(api, "Clara", clara.account_id, after=0) as results:
        await take(results, 1)
        assert feed.subscribers == 1
    assert feed.subscribers == 0

    async with following(api, "Clara", clara.account_id) as results:
        taking = asyncio.create_task(take(results, 1))
        await asyncio.sleep(0.05)
        assert feed.subscribers == 1
        taking.cancel()
        await asyncio.wait({taking})
        assert feed.subscribers == 0
