"""`server.py migrate` in processes that are killed, stopped or interrupted where a test says so.

One helper process imports the server once and forks for each run, so that a run takes a tenth of
a second. `python -m tests.models.migration_forks` is the helper; tests use `Forks`.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, NoReturn
from unittest.mock import patch

import models.migrate
import server
from models.migration_steps import Session
from models.store.transactions import Row
from tests.processes import PATIENCE_SECONDS, ROOT
from tests.server.processes import environment_of

SLEEP = "SELECT pg_sleep(600)"


@dataclass(frozen=True)
class Fault:
    """What befalls a run.

    `signal` comes before command number `before` of the connection that migrates, counted from
    0; or `seconds` after the start, or after that connection has the lock where `locked`.
    `sleeps` has PostgreSQL sleep in command `before` instead.
    """

    signal: int = signal.SIGKILL
    before: int | None = None
    seconds: float | None = None
    locked: bool = False
    sleeps: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code, or the signal as a negative number; and after how long.

    `locked_after` is None where it never got the lock. A run that was stopped is still there.
    """

    pid: int
    code: int
    seconds: float
    locked_after: float | None


class Forks:
    """Runs `server.py migrate` in forks of one process."""

    def __init__(self, helper: "subprocess.Popen[str]") -> None:
        self._helper = helper

    def run(self, url: str, fault: Fault | None = None) -> Outcome:
        self.begin(url, fault)
        return self.end()

    def begin(self, url: str, fault: Fault | None = None) -> None:
        assert self._helper.stdin is not None
        order = {"url": url, "fault": asdict(fault or Fault())}
        print(json.dumps(order), file=self._helper.stdin, flush=True)

    def end(self, patience: float = PATIENCE_SECONDS) -> Outcome:
        """Raises TimeoutError where the run goes on for longer than `patience` in seconds."""
        assert self._helper.stdout is not None
        if not select.select([self._helper.stdout], [], [], patience)[0]:
            raise TimeoutError
        return Outcome(**json.loads(self._helper.stdout.readline()))


@contextmanager
def forks() -> Iterator[Forks]:
    """A helper process to run migrations in, which ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.models.migration_forks"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as helper:
        yield Forks(helper)


def _serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        outcome = _run(order["url"], Fault(**order["fault"]))
        print(json.dumps(asdict(outcome)), flush=True)  # noqa: T201 - how the processes talk


def _run(url: str, fault: Fault) -> Outcome:
    reading, writing = os.pipe()
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _migrate(url, fault, writing)
    os.close(writing)
    if fault.seconds is not None and not fault.locked:
        time.sleep(fault.seconds)
        os.kill(pid, fault.signal)
    locked_after = time.monotonic() - started if os.read(reading, 1) else None
    if fault.seconds is not None and fault.locked and locked_after is not None:
        time.sleep(fault.seconds)
        os.kill(pid, fault.signal)
    os.close(reading)
    _, status = os.waitpid(pid, os.WUNTRACED)
    code = -signal.SIGSTOP if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)
    return Outcome(pid, code, time.monotonic() - started, locked_after)


def _migrate(url: str, fault: Fault, writing: int) -> NoReturn:
    """What a fork does: nothing of the helper's is left to run after it."""

    def session(dialect: Any, fetch: Any) -> Session:
        os.write(writing, b"!")
        number = -1

        async def meeting_the_fault(sql: str) -> Sequence[Row]:
            nonlocal number
            number += 1
            if number == fault.before and fault.sleeps:
                await fetch(SLEEP)
            elif number == fault.before:
                os.kill(os.getpid(), fault.signal)
            rows: Sequence[Row] = await fetch(sql)
            return rows

        return Session(dialect, meeting_the_fault)

    code = 1
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, sys.stdout.fileno())
        os.environ.update(environment_of(url))
        sys.argv = ["server.py", "migrate"]
        with patch.object(models.migrate, "Session", session):
            code = server.main()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
