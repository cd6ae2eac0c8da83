"""Following a wallet with real clients, over connections that break."""

from uuid import uuid4

import pytest

from tests.clients.network import network
from tests.clients.node import client
from tests.server.processes import Server, token

FOLLOWING = """
subscription ($accountId: ID!, $after: Int) {
  walletEntryAdded(accountId: $accountId, after: $after) { sequence connects }
}
"""
OPENING = """
mutation ($key: String!) {
  openAccount(input: {kind: CLIENT, name: "Clara's Kiosk", idempotencyKey: $key}) {
    ... on OpenAccountSuccess { account { id } }
  }
}
"""
SPENDING = """
mutation ($accountId: ID!, $key: String!) {
  postJob(input: {accountId: $accountId, title: "t", description: "d", idempotencyKey: $key}) {
    ... on PostJobSuccess { entry { sequence } }
  }
}
"""
TRANSPORTS = [
    pytest.param("apollo.js", None, id="apollo-over-graphql-ws"),
    pytest.param("apollo.js", "multipart", id="apollo-over-http-in-parts"),
    pytest.param("resuming.js", None, id="graphql-ws-with-a-getter"),
    pytest.param("urql.js", "graphql-ws", id="urql-over-graphql-ws"),
    pytest.param("urql.js", "graphql-sse", id="urql-over-graphql-sse"),
    pytest.param("urql.js", None, id="urql-over-its-own-event-stream"),
]


@pytest.fixture
def account(server: Server) -> str:
    """A new one of Clara's. Its wallet has one entry: the monthly grant."""
    opened = server.ask(OPENING, token("demo-client"), key=uuid4().hex)
    account: str = opened["openAccount"]["account"]["id"]
    return account


def spend(server: Server, account: str) -> int:
    """The sequence of the new entry."""
    spent = server.ask(SPENDING, token("demo-client"), accountId=account, key=uuid4().hex)
    sequence: int = spent["postJob"]["entry"]["sequence"]
    return sequence


@pytest.mark.slow
@pytest.mark.parametrize(("script", "transport"), TRANSPORTS)
async def test_whoever_comes_back_after_the_last_entry_misses_nothing(
    server: Server, account: str, script: str, transport: str | None
) -> None:
    async with (
        network(server.url) as between,
        client(script, between.url, token("demo-client"), transport) as follower,
    ):
        follower.follow(FOLLOWING, account, 0)
        came = [await follower.read()]
        spend(server, account)
        came.append(await follower.read())

        await between.go_down()
        spend(server, account)
        spend(server, account)
        between.come_up()
        came += [await follower.read(), await follower.read()]
        spend(server, account)
        came.append(await follower.read())

    entries = [(got["entry"]["sequence"], got["entry"]["connects"]) for got in came]
    assert entries == [(1, 60), (2, -1), (3, -1), (4, -1), (5, -1)]
    assert between.opened == 2, "once at first, and once after it broke"


@pytest.mark.slow
@pytest.mark.parametrize(("script", "transport"), TRANSPORTS)
async def test_whoever_is_no_member_is_told_so(
    server: Server, account: str, script: str, transport: str | None
) -> None:
    async with client(script, server.url, token("demo-freelancer"), transport) as follower:
        follower.follow(FOLLOWING, account, 0)
        got = await follower.read()

    assert "refused" in got, got
