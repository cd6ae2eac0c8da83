"""The server as a process of the operating system, on loopback and a free port."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.clock import system_clock
from models.rules.instants import DAY
from resolvers.people.tokens import issue_token
from server import main

COMMAND = (sys.executable, str(Path(__file__).parents[2] / "server.py"))
SECRET = "a secret of the tests, long enough for HS256"
PATIENCE_SECONDS = 30
Environment = dict[str, str]


def environment_of(database_url: str, **settings: str) -> Environment:
    """The environment for a server on that database, without any settings of this process."""
    inherited = {n: value for n, value in os.environ.items() if not n.startswith("CONNECTS_")}
    return {
        **inherited,
        "CONNECTS_DATABASE_URL": database_url,
        "CONNECTS_PORT": "0",
        "CONNECTS_AUTH_SECRET": SECRET,
        **settings,
    }


def run(environment: Environment, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs one of the server's commands to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def call(monkeypatch: pytest.MonkeyPatch, environment: Environment, *arguments: str) -> int:
    """Runs a command in this process, which is quicker than in one of its own."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["server.py", *arguments])
    return main()


def token(subject: str) -> str:
    return issue_token(SECRET, subject, system_clock() + DAY)


class Server:
    """A running server. Its output goes to files, so that it never waits to be read."""

    def __init__(self, environment: Environment, folder: Path, *arguments: str) -> None:
        self._out, self._err = folder / "stdout", folder / "stderr"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments], env=environment, stdout=out, stderr=err
            )
        self.url = ""

    def wait_until_it_answers(self) -> None:
        (self.url,) = self.printed(r"http://\S+/graphql", 1)

    def printed(self, pattern: str, count: int) -> list[str]:
        """The first `count` matches of `pattern` in what the server prints, once they are there."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := re.findall(pattern, self.output)) < count:
            assert self.process.poll() is None, self.errors
            assert time.monotonic() < deadline, self.errors
            time.sleep(0.02)
        return found[:count]

    @property
    def output(self) -> str:
        return self._out.read_text()

    @property
    def errors(self) -> str:
        return self._err.read_text()

    def ask(self, document: str, bearer: str | None, **variables: object) -> Any:
        """The data of an answer without errors."""
        headers = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
        request = {"query": document, "variables": variables}
        body = httpx.post(self.url, json=request, headers=headers, timeout=10).json()
        assert "errors" not in body, body
        return body["data"]

    def stop(self) -> int:
        """Interrupts the server as Ctrl-C does, and gives its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=10)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def starting(environment: Environment, folder: Path, *arguments: str) -> Iterator[Server]:
    """A server that was started and may not answer yet; it is killed if it is still running."""
    server = Server(environment, folder, *arguments)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def serving(environment: Environment, folder: Path, *arguments: str) -> Iterator[Server]:
    with starting(environment, folder, *arguments) as server:
        server.wait_until_it_answers()
        yield server
