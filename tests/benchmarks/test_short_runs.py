"""Short runs of the benchmarks: every answer a success, every ledger sound."""

import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks import databases
from benchmarks.contestants import CONTESTANTS, Contestant, Field, Served
from benchmarks.load import Requests
from benchmarks.works import Work

ROOT = Path(__file__).parents[2]
SHORT = {
    "benchmarks": ["--seconds", "0.5", "--rounds", "1", "--wallets", "100"],
    "benchmarks.growth": [
        *("--seconds", "0.5", "--rounds", "1", "--entries", "20000", "--long", "2000"),
        *("--requests", "400"),
    ],
}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("module", SHORT)
def test_a_short_run_finds_nothing_wrong(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module, *SHORT[module]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "every successful spend is in its ledger" in ended.stdout


@pytest.mark.parametrize(
    "contestant",
    [c for c in CONTESTANTS if c.name != "pgbench"],
    ids=lambda contestant: contestant.name,
)
def test_a_repeated_spend_is_charged_once(contestant: Contestant) -> None:
    if missing := contestant.missing():
        pytest.skip(missing)
    with (
        databases.postgres_server() as server,
        contestant.start(Field(server, wallets=1, entries=3)) as ready,
    ):
        assert isinstance(ready, Served)
        request = Requests(ready.plan(Work.SPEND, 1)).next()
        first, second = (post(ready.server.port, request) for _ in range(2))

        assert b'"replayed":false' in first.replace(b" ", b"")
        assert second.replace(b" ", b"") == first.replace(b" ", b"").replace(
            b'"replayed":false', b'"replayed":true'
        )
        assert ready.problems(answered=1) == []


def post(port: int, request: bytes) -> bytes:
    """The body of the answer to a whole HTTP request."""
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    connection = HTTPConnection("127.0.0.1", port)
    try:
        connection.request("POST", "/graphql", body, headers)
        return connection.getresponse().read()
    finally:
        connection.close()
