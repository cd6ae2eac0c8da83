"""The processes of a run: servers, and their load.

Each has its own session, so that Ctrl-C reaches only the benchmark, which then stops them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.load import Result
from benchmarks.plans import Plan

ROOT = Path(__file__).parent.parent
STOP_SECONDS = 15
LOAD_SECONDS = 60
"""How much longer than its plan a load may take."""


class ServerFailedError(Exception):
    """The server did not start."""


class Server(NamedTuple):
    """A server process that listens on `port` of the loopback interface."""

    pid: int
    port: int

    def cpu_seconds(self) -> float | None:
        """The server's processor time so far; None except on Linux."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int | None:
        """The server's resident memory; None except on Linux."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        except FileNotFoundError:
            return None
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> Iterator[Server]:
    """Starts a process that prints its address once it listens, and stops it with SIGTERM."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield Server(process.pid, _announced_port(process))
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _announced_port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise ServerFailedError(f"The server ended with status {process.wait()}.")
    return int(line.rpartition(":")[2].partition("/")[0])


@contextmanager
def connects_server(
    database_url: str,
    secret: str,
    under: Sequence[str] = (),
    further: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Starts this server as in production: one process, on a free port of the loopback interface.

    `under` is a command to run it under, if any; `further` is added to its environment.
    """
    inherited = {
        name: text for name, text in os.environ.items() if not name.startswith("CONNECTS_")
    }
    environment = {
        **inherited,
        **(further or {}),
        "CONNECTS_DATABASE_URL": database_url,
        "CONNECTS_HOST": "127.0.0.1",
        "CONNECTS_PORT": "0",
        "CONNECTS_ENV": "production",
        "CONNECTS_AUTH_SECRET": secret,
        "CONNECTS_LOG_LEVEL": "warning",
        "CONNECTS_THROTTLE": "off",
        "CONNECTS_NEW_USERS": "off",
    }
    with serving([*under, sys.executable, "server.py", "run"], environment) as server:
        yield server


@contextmanager
def load_process(plan: Plan) -> Iterator["subprocess.Popen[bytes]"]:
    """Starts a load with `plan`; `finished` waits for it."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(orjson.dumps(plan._asdict()))
        process.stdin.close()
        process.stdin = None
        try:
            yield process
        finally:
            process.kill()


def finished(process: "subprocess.Popen[bytes]", plan: Plan) -> Result:
    """Returns the load's result. Raises if it failed or took far longer than planned."""
    output, _ = process.communicate(timeout=plan.seconds + LOAD_SECONDS)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Result(**orjson.loads(output))


def run_load(plan: Plan) -> Result:
    """Executes `plan` in a separate process."""
    with load_process(plan) as process:
        return finished(process, plan)
