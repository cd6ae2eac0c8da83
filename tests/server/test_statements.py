"""Statements from the server as a process, by the addresses that its API gives."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.server.processes import Server, environment_of, serving, token

OPEN = """mutation { openAccount(input: {kind: CLIENT, name: "Ada's", idempotencyKey: "open"}) {
    ... on OpenAccountSuccess { account { id } } } }"""
STATEMENT = """query($id: ID!, $from: DateTime!, $to: DateTime!) { node(id: $id) { ... on Account {
    wallet { statement(from: $from, to: $to) { granted csvUrl printUrl } } } } }"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("statements")
    environment = environment_of(f"sqlite://{folder / 'connects.sqlite3'}")
    with serving(environment, folder) as server:
        yield server


def ask(server: Server, query: str, **variables: object) -> Any:
    body = {"query": query, "variables": variables}
    headers = {"authorization": f"Bearer {token('ada')}"}
    answer = httpx.post(server.url, json=body, headers=headers).json()
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_addresses_of_a_statement_open_without_a_token(server: Server, encoding: str) -> None:
    id = ask(server, OPEN)["openAccount"]["account"]["id"]
    now = datetime.now(UTC)
    start = (now - timedelta(days=1)).isoformat()
    shown = ask(server, STATEMENT, id=id, **{"from": start, "to": now.isoformat()})
    statement = shown["node"]["wallet"]["statement"]
    base = server.url.removesuffix("/graphql")
    headers = {"accept-encoding": encoding}

    file = httpx.get(base + statement["csvUrl"], headers=headers)
    page = httpx.get(base + statement["printUrl"], headers=headers)
    changed = httpx.get(base + statement["csvUrl"][:-1])

    assert statement["granted"] == 60
    (row,) = csv.DictReader(io.StringIO(file.text))
    assert (row["kind"], row["connects"]) == ("GRANT", "60")
    assert "Statement of Ada&#x27;s" in page.text
    assert changed.status_code == 403
    assert changed.headers["content-type"].startswith("text/plain")


def test_the_log_has_no_keys_of_addresses(server: Server) -> None:
    base = server.url.removesuffix("/graphql")
    httpx.get(f"{base}/statements/csv?key=a-key-that-is-secret")

    server.printed("GET /statements/csv", 1)
    assert "a-key-that-is-secret" not in server.output + server.errors
