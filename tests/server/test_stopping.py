"""Servers that are told to stop: at rest, at work, and while their database is frozen."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.store.database import sqlite_path
from tests.databases import PostgresServer
from tests.faults.freezing import Freezer, freezer
from tests.server.processes import Server, environment_of, run, serving, token
from tests.server.test_databases import OPEN, SPEND, WALLET

STOPPING_SECONDS = 10
DEADLINE_SECONDS = 15
REFUSED = SPEND.replace("{ ... on", "{ ... on UserError { code retryable } ... on", 1)


@pytest.fixture
def frozen(postgres: PostgresServer) -> Iterator[Freezer]:
    """A way to an empty database of PostgreSQL that can be frozen."""
    with postgres.empty() as url, freezer(url) as way:
        yield way


def test_it_ends_well_when_it_is_told_to_terminate(tmp_path: Path) -> None:
    environment = environment_of(f"sqlite://{tmp_path / 'connects.sqlite3'}")

    with serving(environment, tmp_path) as server:
        server.ask(OPEN, token("ada"))
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(STOPPING_SECONDS) == 0
    assert "Traceback" not in server.errors
    assert not list(tmp_path.glob("*-wal"))


@pytest.mark.alone
@pytest.mark.slow
def test_what_is_under_way_is_to_be_tried_again_when_the_database_is_frozen(
    frozen: Freezer, tmp_path: Path
) -> None:
    environment, ada = environment_of(frozen.url), token("ada")
    with serving(environment, tmp_path) as server:
        account = server.ask(OPEN, ada)["openAccount"]["account"]["id"]

        answers = asyncio.run(while_stopping(server, frozen.freeze, account))

    check_all_are_to_be_tried_again(answers)
    frozen.thaw()
    with serving(environment, tmp_path) as server:
        assert server.ask(SPEND, ada, account=account, key="0")["postJob"]["job"]
        assert server.stop() == 0
    assert "sound" in run(environment, "verify", "--quiet").stdout


@pytest.mark.alone
@pytest.mark.slow
def test_what_is_under_way_is_to_be_tried_again_when_the_database_is_locked(
    tmp_path: Path,
) -> None:
    url = f"sqlite://{tmp_path / 'connects.sqlite3'}"
    with serving(environment_of(url), tmp_path) as server:
        account = server.ask(OPEN, token("ada"))["openAccount"]["account"]["id"]
        with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as other:

            def lock() -> None:
                other.execute("BEGIN IMMEDIATE")

            answers = asyncio.run(while_stopping(server, lock, account))

    check_all_are_to_be_tried_again(answers[:2])


@pytest.mark.alone
@pytest.mark.slow
def test_a_frozen_database_is_told_of_in_time_and_needs_no_restart(
    frozen: Freezer, tmp_path: Path
) -> None:
    ada = token("ada")
    with serving(environment_of(frozen.url), tmp_path) as server:
        account = server.ask(OPEN, ada)["openAccount"]["account"]["id"]
        frozen.freeze()

        began = time.monotonic()
        answers = asyncio.run(asked_together(server, account))
        took = time.monotonic() - began
        frozen.thaw()

        check_all_are_to_be_tried_again(answers)
        assert took < DEADLINE_SECONDS
        for key in ("0", "1"):
            assert server.ask(SPEND, ada, account=account, key=key)["postJob"]["job"]
        (mine,) = server.ask(WALLET, ada)["viewer"]["accounts"]
        assert mine["wallet"]["available"] == 58
        assert server.ask(WALLET, token("bob"))["viewer"] == {"accounts": []}
        assert server.stop() == 0


async def while_stopping(server: Server, break_down: Any, account: str) -> list[httpx.Response]:
    """The answers to what was under way, after which the server must have ended in time."""
    break_down()
    asked = asyncio.create_task(asked_together(server, account))
    await asyncio.sleep(1)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)

    answers = await asked
    assert await asyncio.to_thread(server.process.wait, DEADLINE_SECONDS) == 0
    assert time.monotonic() - began < STOPPING_SECONDS
    return answers


async def asked_together(server: Server, account: str) -> list[httpx.Response]:
    """The answers to two spends, a query, and the first request of somebody else."""

    async def ask(subject: str, document: str, **variables: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {token(subject)}"}
        request = {"query": document, "variables": variables}
        async with httpx.AsyncClient(headers=headers, timeout=60) as client:
            return await client.post(server.url, json=request)

    spends = [ask("ada", REFUSED, account=account, key=f"{number}") for number in range(2)]
    return await asyncio.gather(*spends, ask("ada", WALLET), ask("bob", WALLET))


def check_all_are_to_be_tried_again(answers: list[httpx.Response]) -> None:
    for answer in answers:
        body = answer.json()
        if answer.status_code == 503:
            assert answer.headers["retry-after"] == "1"
        else:
            assert answer.status_code == 200, answer.text
        refused = (body.get("data") or {}).get("postJob")
        told = [refused] if refused else [error["extensions"] for error in body["errors"]]
        assert {(one["code"], one["retryable"]) for one in told} == {("TRY_AGAIN", True)}
