"""The processes of a run: the real server, and the load on it.

Each has a session of its own, so that Ctrl-C reaches only the benchmark, which then stops them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.load import Result
from benchmarks.plans import KEY_LENGTH, Plan

ROOT = Path(__file__).parent.parent
STOP_SECONDS = 15
LOAD_SECONDS = 30
"""How much longer than its plan a load may take."""


class ServerFailedError(Exception):
    """The server did not start."""


class Server(NamedTuple):
    pid: int
    port: int

    def cpu_seconds(self) -> float | None:
        """The processor time that the server has used so far; None where only Linux tells."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_server(database_url: str, secret: str) -> Iterator[Server]:
    """One server process, as in production, on a free port of the loopback."""
    inherited = {
        name: text for name, text in os.environ.items() if not name.startswith("CONNECTS_")
    }
    process = subprocess.Popen(
        [sys.executable, "server.py", "run"],
        cwd=ROOT,
        env={
            **inherited,
            "CONNECTS_DATABASE_URL": database_url,
            "CONNECTS_HOST": "127.0.0.1",
            "CONNECTS_PORT": "0",
            "CONNECTS_ENV": "production",
            "CONNECTS_AUTH_SECRET": secret,
            "CONNECTS_LOG_LEVEL": "warning",
        },
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


def run_load(plan: Plan) -> Result:
    """Lets a process of its own put `plan` into effect."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=ROOT,
        input=orjson.dumps({**plan._asdict(), "key_length": KEY_LENGTH}),
        stdout=subprocess.PIPE,
        timeout=plan.seconds + LOAD_SECONDS,
        check=True,
        start_new_session=True,
    )
    return Result(**orjson.loads(finished.stdout))
