"""Servers on each kind of database: migrated once, started together, killed and started again."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.processes import (
    Server,
    call,
    environment_of,
    serving,
    starting,
    token,
)

SPENDS = 200
OPEN = """mutation { openAccount(input: {kind: CLIENT, name: "Ada's", idempotencyKey: "open"}) {
    ... on OpenAccountSuccess { account { id } }
} }"""
BUY = """mutation($account: ID!, $package: ID!) { buyConnects(input: {
    accountId: $account, packageId: $package, quantity: 4, idempotencyKey: "buy"
}) { ... on BuyConnectsSuccess { wallet { available } } } }"""
SPEND = """mutation($account: ID!, $key: String!) { postJob(input: {
    accountId: $account, title: "A", description: "B", idempotencyKey: $key
}) { ... on PostJobSuccess { job { id } entry { id } replayed } } }"""
WALLET = "{ viewer { accounts { wallet { available } } } }"


def test_migrating_again_changes_nothing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = environment_of(empty_database_url)

    codes = [call(monkeypatch, environment, "migrate") for _ in range(2)]

    first, second = capsys.readouterr().out.splitlines()
    assert codes == [0, 0]
    assert first.startswith("Applied: 0001_")
    assert second == "The tables are up to date."
    assert call(monkeypatch, environment, "verify", "--quiet") == 0


@pytest.mark.slow
def test_two_servers_start_at_once_on_one_empty_database(
    empty_database_url: str, tmp_path: Path
) -> None:
    environment, ada = environment_of(empty_database_url), token("ada")
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()

    with (
        starting(environment, folders[0], "run", "--demo") as one,
        starting(environment, folders[1], "run", "--demo") as other,
    ):
        for server in (one, other):
            server.wait_until_it_answers()
        account = one.ask(OPEN, ada)["openAccount"]["account"]["id"]
        assert other.ask(OPEN, ada)["openAccount"]["account"]["id"] == account
        for number, server in enumerate((one, other, one, other)):
            server.ask(SPEND, ada, account=account, key=f"{number}")
        assert one.ask(WALLET, ada) == other.ask(WALLET, ada)
        (mine,) = one.ask(WALLET, ada)["viewer"]["accounts"]
        assert mine["wallet"]["available"] == 56
        assert (one.stop(), other.stop()) == (0, 0)


@pytest.mark.slow
def test_a_server_that_is_killed_while_it_works_has_lost_nothing_it_answered(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, ada = environment_of(empty_database_url), token("ada")
    with serving(environment, tmp_path) as server:
        account = server.ask(OPEN, ada)["openAccount"]["account"]["id"]
        packages = server.ask("{ connectsPackages { id connects } }", None)["connectsPackages"]
        server.ask(BUY, ada, account=account, package=packages[4]["id"])

        answered = asyncio.run(spends(server, ada, account, kill_after=20))

    assert call(monkeypatch, environment, "verify", "--quiet", "--limit", "10") == 0
    with serving(environment, tmp_path) as server:
        repeated = asyncio.run(spends(server, ada, account))
        wallet = server.ask(WALLET, ada)["viewer"]["accounts"][0]["wallet"]
        assert server.stop() == 0
    assert 20 <= len(answered) < SPENDS
    for key, answer in answered.items():
        assert repeated[key] == {**answer, "replayed": True}
    assert len({answer["entry"]["id"] for answer in repeated.values()}) == SPENDS
    assert wallet["available"] == 60 + 4 * 80 - SPENDS


async def spends(
    server: Server, bearer: str, account: str, kill_after: int = SPENDS + 1
) -> dict[str, Any]:
    """The answers to SPENDS spends at once, by their keys; those that got one before the end."""
    answered: dict[str, Any] = {}
    headers = {"authorization": f"Bearer {bearer}"}
    async with httpx.AsyncClient(headers=headers, timeout=30) as client:

        async def spend(key: str) -> None:
            request = {"query": SPEND, "variables": {"account": account, "key": key}}
            try:
                answer = await client.post(server.url, json=request)
            except httpx.TransportError:
                return
            answered[key] = answer.json()["data"]["postJob"]
            if len(answered) == kill_after:
                server.process.kill()

        await asyncio.gather(*(spend(f"spend {number}") for number in range(SPENDS)))
    return answered


@pytest.mark.parametrize("command", [("migrate",), ("verify",)])
def test_a_database_that_does_not_exist_is_named(
    postgres_url: str,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server, _, options = postgres_url.partition("?")
    url = f"{server.rpartition('/')[0]}/nosuchdb?{options}"

    code = call(monkeypatch, environment_of(url), *command)

    assert code == 2
    assert capsys.readouterr().err == (
        "CONNECTS_DATABASE_URL can't be opened: "
        'database "nosuchdb" does not exist; create it, or correct the address.\n'
    )
