"""More is asked for than can be done: what is taken is answered in time, the rest is refused.

Times are measured by processes of their own, as callers see them, and the bounds are those that
callers are promised: a busy machine makes fewer requests fit, not later answers.
"""

import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.store.database import open_database
from models.store.statements import both
from models.verify import verify
from tests.needs import missing
from tests.processes import ROOT
from tests.server.processes import Server, environment_of, serving, token
from tests.server.raw_http import resident_megabytes

CALLERS = 50
CONNECTIONS = 1_000
MANY = 6_000
QUIET_SECONDS = 3
OVERLOAD_SECONDS = 10
TIMES = 3
P99_SECONDS = 3.0
HEALTH_SECONDS = 1.0
MEMORY_MEGABYTES = 300

OPEN = """mutation($key: String!) { openAccount(input: {
    kind: CLIENT, name: "A", idempotencyKey: $key
}) { ... on OpenAccountSuccess { account { id } } } }"""
BUY = """mutation($account: ID!, $package: ID!, $key: String!) { buyConnects(input: {
    accountId: $account, packageId: $package, quantity: 20, idempotencyKey: $key
}) { ... on BuyConnectsSuccess { wallet { available } } } }"""
SPEND = """mutation($a: ID!, $k: String!) { postJob(input: {
    accountId: $a, title: "A", description: "B", idempotencyKey: $k
}) { ... on PostJobSuccess { entry { sequence } } } }"""
SPENT = both("SELECT COUNT(*) FROM entry WHERE kind = 'SPEND'")


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    environment = environment_of(
        database_url,
        CONNECTS_THROTTLE="off",
        CONNECTS_LOG_LEVEL="warning",
        CONNECTS_ENV="production",
        CONNECTS_PAYMENTS="sandbox",
        CONNECTS_CONNECTIONS=str(MANY + 500),
    )
    with serving(environment, tmp_path) as server:
        yield server
        assert "Traceback" not in server.errors


def callers(server: Server) -> list[tuple[str, str]]:
    """Accounts with enough Connects for the test, each with a token of its owner."""
    found = []
    for number in range(CALLERS):
        bearer = token(f"caller-{number}")
        opened = server.ask(OPEN, bearer, key="open")["openAccount"]["account"]["id"]
        packages = "{ connectsPackages(accountKind: CLIENT) { id } }"
        package = server.ask(packages, bearer)["connectsPackages"][-1]["id"]
        server.ask(BUY, bearer, account=opened, package=package, key="buy")
        found.append((opened, bearer))
    return found


@contextmanager
def started(plan: dict[str, Any]) -> Iterator["subprocess.Popen[str]"]:
    """A process that puts the plan into effect."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.open_loop"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(plan))
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()


def outcome(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.read())
    return found


def load(server: Server, accounts: list[tuple[str, str]], **changes: Any) -> dict[str, Any]:
    """What comes of spends, and beside them of health checks, under `health`."""
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    plan = {
        "port": port,
        "connections": CONNECTIONS,
        "seconds": OVERLOAD_SECONDS,
        "rate": 0.0,
        "callers": accounts,
        "body": json.dumps({"query": SPEND, "variables": {"a": "ACCOUNT", "k": "KEY"}}),
        "success": '"sequence"',
        **changes,
    }
    with started(plan) as spending:
        assert spending.stdout is not None
        assert spending.stdout.readline() == "open\n"
        with started({"port": port, "seconds": plan["seconds"]}) as checking:
            found = outcome(spending)
            found["health"] = outcome(checking)
    return found


async def spent_and_faults(database_url: str) -> tuple[int, list[object]]:
    database = await open_database(database_url)
    try:
        [[spent]] = await database.fetch(SPENT)
        return int(spent), list(await verify(database, limit=5))
    finally:
        await database.close()


@pytest.mark.alone
@pytest.mark.slow
def test_what_is_taken_at_three_times_the_rate_is_answered_in_time(
    server: Server, database_url: str
) -> None:
    accounts = callers(server)
    quiet = load(server, accounts, run="quiet", connections=64, seconds=QUIET_SECONDS)
    sustainable = quiet["answered"] / QUIET_SECONDS

    found = load(server, accounts, run="much", rate=sustainable * TIMES)
    memory = resident_megabytes(server)
    after = load(server, accounts, run="after", connections=64, seconds=QUIET_SECONDS)

    assert found["p99"] < P99_SECONDS
    assert set(found["statuses"]) <= {"200", "503", "unanswered"}, found["statuses"]
    assert found["statuses"]["unanswered"] == found["without_retry_after"] == 0
    assert memory < MEMORY_MEGABYTES
    assert set(after["statuses"]) == {"200", "unanswered"}
    assert after["p99"] < max(10 * quiet["p99"], 1.0)
    answered = sum(one["answered"] for one in (quiet, found, after))
    assert asyncio.run(spent_and_faults(database_url)) == (answered, [])


@pytest.mark.alone
@pytest.mark.slow
def test_health_is_answered_while_thousands_of_connections_are_busy(server: Server) -> None:
    with many_files(MANY + 500):
        accounts = callers(server)
        load(server, accounts, run="first", connections=64, seconds=QUIET_SECONDS)

        found = load(server, accounts, run="many", connections=MANY)

    health = found["health"]
    assert set(health["statuses"]) == {"200"}
    assert health["p90"] < HEALTH_SECONDS
    assert set(found["statuses"]) <= {"200", "503", "unanswered"}, found["statuses"]
    assert found["statuses"]["unanswered"] == found["without_retry_after"] == 0
    assert resident_megabytes(server) < MEMORY_MEGABYTES


@contextmanager
def many_files(wanted: int) -> Iterator[None]:
    """Lets this process and those that it starts open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        missing(f"A process may open {hard} files here; the test needs {wanted} (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
