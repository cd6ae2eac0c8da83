"""What a person was told as a request's id is found in the log, with what happened."""

import json
import re
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.server.processes import Server, environment_of, serving, token
from tests.waiting import PATIENCE_SECONDS

SECRET_TEXT = "Schokoladenfabrik"
OPEN = """mutation Opening($name: String!) {
  openAccount(input: {kind: CLIENT, name: $name, idempotencyKey: "open"}) { __typename } }"""
REFUSED = """mutation Posting { postJob(input: {
    accountId: "x", title: "t", description: "d", idempotencyKey: "k"
}) { __typename } }"""
EXPENSIVE = """query Expensive {
  jobs(first: 100) { nodes { account { jobs(first: 100) { nodes { id } } } } } }"""
LINE = re.compile(
    r"request (?P<id>\S+) (?P<kind>\S+) (?P<name>\S+) code=(?P<code>\S+) caller=(?P<caller>\S+) "
    r"ms=(?P<ms>\S+) cost=(?P<cost>\S+)"
)


def lines_of(server: Server) -> dict[str, dict[str, str]]:
    found = [match.groupdict() for match in LINE.finditer(server.errors)]
    lines = {line["id"]: line for line in found}
    assert len(lines) == len(found), "each request has one line"
    return lines


def ask(server: Server, query: str, bearer: str | None = None, **more: object) -> httpx.Response:
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    return httpx.post(server.url, json={"query": query, **more}, headers=headers)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "logs_mutations", "logs_all"),
    [
        ({}, True, True),
        ({"CONNECTS_ENV": "production"}, True, False),
        ({"CONNECTS_ENV": "production", "CONNECTS_LOG_REQUESTS": "all"}, True, True),
        ({"CONNECTS_LOG_REQUESTS": "errors"}, False, False),
    ],
    ids=str,
)
def test_each_request_id_is_found_with_what_happened(
    tmp_path: Path, settings: dict[str, str], logs_mutations: bool, logs_all: bool
) -> None:
    ada = token("ada")
    variables = {"name": SECRET_TEXT}
    with serving(
        environment_of(f"sqlite://{tmp_path / 'connects.sqlite3'}", **settings), tmp_path
    ) as server:
        read = ask(server, "query Me { viewer { name } }", ada)
        opened = ask(server, OPEN, ada, variables=variables)
        failures = {
            "NOT_FOUND,INVALID_INPUT": ask(server, REFUSED, ada),
            "GRAPHQL_VALIDATION_FAILED": ask(server, f"query Bad {{ {SECRET_TEXT} }}", ada),
            "UNAUTHENTICATED": ask(server, "{ viewer { name } }", f"x{ada}"),
            "BAD_REQUEST": httpx.post(server.url, json=[SECRET_TEXT]),
            "INVALID_INPUT": ask(server, f'query Id {{ node(id: "{SECRET_TEXT}") {{ id }} }}'),
            "MAX_COST_EXCEEDED": ask(server, EXPENSIVE, ada, operationName="Expensive"),
        }
        status = httpx.put(server.url)
        assert server.stop() == 0

    lines = lines_of(server)
    for codes, answer in failures.items():
        line = lines[answer.headers["x-request-id"]]
        assert line["code"] in codes.split(","), codes
        for error in answer.json().get("errors", ()):
            assert error["extensions"]["requestId"] == line["id"]
    assert lines[status.headers["x-request-id"]]["code"] == "BAD_REQUEST"
    assert lines[failures["MAX_COST_EXCEEDED"].headers["x-request-id"]]["name"] == "Expensive"

    mutation = lines.get(opened.headers["x-request-id"])
    assert (mutation is not None) == logs_mutations
    if mutation is not None:
        cost = opened.json()["extensions"]["cost"]["actualQueryCost"]
        assert (mutation["kind"], mutation["name"], mutation["code"], mutation["cost"]) == (
            *("mutation", "Opening", "OK", str(cost)),
        )
        assert 0 < float(mutation["ms"]) < 1000 * PATIENCE_SECONDS
        assert re.fullmatch(r"[0-9a-f-]{36}", mutation["caller"])
        assert (
            mutation["caller"]
            == lines[failures["MAX_COST_EXCEEDED"].headers["x-request-id"]]["caller"]
        )
    assert (read.headers["x-request-id"] in lines) == logs_all
    for private in (SECRET_TEXT, ada, *ada.split("."), "viewer {"):
        assert private not in server.errors + server.output


def test_operations_over_websockets_and_event_streams_have_lines_too(tmp_path: Path) -> None:
    ada = token("ada")
    subscription = 'subscription Follow { walletEntryAdded(accountId: "x") { id } }'
    with serving(environment_of(f"sqlite://{tmp_path / 'connects.sqlite3'}"), tmp_path) as server:
        with connect(
            server.url.replace("http", "ws"),
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            additional_headers={"authorization": f"Bearer {ada}"},
            proxy=None,
        ) as socket:
            socket.send('{"type": "connection_init"}')
            socket.recv(PATIENCE_SECONDS)
            ids = []
            for number, query in enumerate(("{ x }", subscription)):
                asked = {"type": "subscribe", "id": str(number), "payload": {"query": query}}
                socket.send(json.dumps(asked))
                payload = json.loads(socket.recv(PATIENCE_SECONDS))["payload"]
                (error,) = payload if isinstance(payload, list) else payload["errors"]
                ids.append(error["extensions"]["requestId"])
        streamed = httpx.post(
            server.url, json={"query": subscription}, headers={"accept": "text/event-stream"}
        )
        assert server.stop() == 0

    lines = lines_of(server)
    assert lines[ids[0]]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert lines[ids[1]]["name"] == "Follow"
    assert lines[streamed.headers["x-request-id"]]["code"] == "UNAUTHENTICATED"
