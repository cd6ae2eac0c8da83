"""A page of a hundred takes as many database statements as a page of ten."""

import re
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from models.store.readers import Readers
from models.store.statements import both
from models.store.transactions import PostgresTransaction, SqliteTransaction
from resolvers.demo.freelancers import people
from schema.ids import global_id
from tests.schema.callers import Api, Member
from tests.schema.search.searches import insert

WAYS = 2
"""How many ways each of these queries has to one table, at most."""
INVITATIONS = """
    query ($id: ID!, $first: Int) { node(id: $id) { ... on Job {
        invitations(first: $first) { nodes {
            job { title account { name } }
            freelancer { title account { name } contactDetails { email } }
            entry { sequence }
        } }
    } } }
"""
ENTRIES = """
    query ($id: ID!, $first: Int) { node(id: $id) { ... on Account { wallet {
        list: entries(first: $first) { nodes {
            subject { __typename ... on Job { title account { name } } ... on Invitation {
                job { title } freelancer { title }
            } }
            draws { lot { id source } connects }
            actor { name }
        } }
    } } } }
"""
FREELANCERS = """
    query ($first: Int) { freelancers(first: $first) { nodes {
        title account { name } contactDetails { email }
    } } }
"""


@contextmanager
def counted(api: Api, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that run inside, by hand and by Tortoise's reader, whatever their limit."""
    statements: list[str] = []

    def counting(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def run(*arguments: Any, **named: Any) -> Awaitable[Any]:
            statements.append(re.sub(r"LIMIT \d+", "LIMIT", str(arguments[1])))
            answer: Awaitable[Any] = original(*arguments, **named)
            return answer

        inside.setattr(owner, name, run)

    with patch.context() as inside:
        counting(SqliteTransaction, "fetch")
        counting(PostgresTransaction, "fetch")
        counting(Readers, "fetch")
        for name in ("execute_query", "execute_query_dict"):
            counting(type(api.services.database.reader), name)
        yield statements


async def assert_constant(
    api: Api, patch: pytest.MonkeyPatch, member: Member, document: str, **variables: object
) -> None:
    counts = []
    await member.ask(document, first=1, **variables)
    for first in (10, 100):
        with counted(api, patch) as statements:
            data = await member.ask(document, first=first, **variables)
        assert str(data).count("title") + str(data).count("draws") >= first
        counts.append(Counter(statements))

    # Two ways of a query to one table share a statement only if both come to it in one tick, which
    # depends on whose answer the database gave first: the same statements, each once for each way.
    ten, hundred = counts
    assert ten.keys() == hundred.keys()
    assert max(*ten.values(), *hundred.values()) <= WAYS, hundred
    assert hundred.total() <= 20


async def test_a_hundred_invitations_take_as_many_statements_as_ten(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara, job = await client_with_invitations(api)

    await assert_constant(api, monkeypatch, clara, INVITATIONS, id=job)


async def test_a_hundred_entries_take_as_many_statements_as_ten(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara, _ = await client_with_invitations(api)
    for _ in range(5):
        await clara.new_job()

    await assert_constant(api, monkeypatch, clara, ENTRIES, id=clara.account_id)


async def test_a_hundred_freelancers_take_as_many_statements_as_ten(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await insert(api.services.database, people()[:100])

    await assert_constant(api, monkeypatch, await api.client(), FREELANCERS)


async def client_with_invitations(api: Api) -> tuple[Member, str]:
    """Somebody with a job to which a hundred freelancers are invited."""
    await insert(api.services.database, people()[:100])
    clara = await api.client()
    for _ in range(2):
        await clara.buy(60)
    job = await clara.new_job()
    for (id,) in await api.services.database.fetch(both("SELECT account_id FROM freelancer")):
        sent = await clara.mutate(
            "inviteFreelancer", jobId=job, freelancerId=global_id("Freelancer", id), connects=1
        )
        assert sent["__typename"] == "InviteFreelancerSuccess", sent
    return clara, job
