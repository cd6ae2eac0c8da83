"""Detects regressions by counting processor instructions per request.

Valgrind counts them, so that they hardly depend on the machine, or on what else it does. Exits 1
where an answer takes more than TOLERANCE times what the committed baseline of this Python build
says, a request failed or the ledger is wrong; `--write` makes a new baseline. Takes two minutes.
"""

import argparse
import json
import platform
import re
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from benchmarks import databases, ours
from benchmarks.contestants import Served, served
from benchmarks.processes import Server, connects_server
from benchmarks.stopping import run
from benchmarks.wallets import seed
from benchmarks.works import MEANINGS, SPENDS, Work

BASELINE: Final = Path(__file__).with_name("guard.json")
TOLERANCE: Final = 1.1
"""Two counts of one commit differ by up to 2 %, as batches are cut in other places."""
WALLETS: Final = 100
ENTRIES: Final = 30
REQUESTS: Final = 128
TIMES: Final = 3
MOST_SECONDS: Final = 300.0
_TOTALS: Final = re.compile(r"^totals: (\d+)", re.MULTILINE)
_COLUMNS: Final = "{:<25} {:>12} {:>12} {:>6}  {}"


class Counted(NamedTuple):
    """Millions of instructions per request, by work; `problems` describe errors."""

    millions: dict[str, float]
    problems: list[str]


def main() -> int:
    """Counts, then compares or writes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard", description=__doc__)
    parser.add_argument("--write", action="store_true", help="make a new baseline")
    writes = parser.parse_args().write
    if shutil.which("valgrind") is None:
        print("valgrind is not installed (on Debian and Ubuntu: apt install valgrind).")
        return 2
    counted = _count()
    if counted.problems:
        print("\n".join(counted.problems))
        return 1
    baselines = json.loads(BASELINE.read_text())
    build = _build()
    if writes:
        baselines[build] = counted.millions
        BASELINE.write_text(json.dumps(baselines, indent=2) + "\n")
        return 0
    if build not in baselines:
        print(f"There is no baseline of {build}, only of {', '.join(baselines)}.")
        return 2
    return _compare(counted.millions, baselines[build])


def _build() -> str:
    """Describes this Python. Optimised builds take a seventh fewer instructions."""
    version = ".".join(platform.python_version_tuple()[:2])
    options = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return f"Python {version}, {'optimised' if '--enable-optimizations' in options else 'plain'}"


def _count() -> Counted:
    with (
        databases.postgres() as database,
        tempfile.TemporaryDirectory(prefix="connects-bench-") as folder,
    ):
        seeded = seed(database.url, WALLETS, ENTRIES)
        secret = secrets.token_urlsafe(48)
        out = Path(folder) / "out"
        with _counting(database.url, secret, out) as server:
            asked = served(server, database.url, ours.forms(seeded, secret))
            counter = _Counter(asked, out)
            for work in Work:
                counter.count(work)  # warm-up
            millions = {}
            for work in Work:
                print(MEANINGS[work], file=sys.stderr, flush=True)
                millions[str(work)] = round(median(counter.count(work) for _ in range(TIMES)), 3)
            answered = sum(number for work, number in asked.made.items() if work in SPENDS)
            return Counted(millions, counter.problems + asked.problems(answered))


@contextmanager
def _counting(url: str, secret: str, out: Path) -> Iterator[Server]:
    command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}"]
    print("starting the server under Valgrind", file=sys.stderr, flush=True)
    # Makes sets and dicts of strings take the same steps each time.
    with connects_server(url, secret, command, {"PYTHONHASHSEED": "0"}) as server:
        yield server


class _Counter:
    """Counts the instructions of `served`; Valgrind writes its counts beside `out`."""

    def __init__(self, served: Served, out: Path) -> None:
        self.problems: list[str] = []
        self._served = served
        self._out = out
        self._dumps = 0

    def count(self, work: Work) -> float:
        """Returns millions of instructions per request, averaged over REQUESTS."""
        self._dump()
        plan = self._served.plan(work, MOST_SECONDS, requests=REQUESTS)
        result = self._served.carry_out(plan, work)
        if result.failures:
            self.problems.append(f"{work}: {result.failures} failed: {result.first_failure}")
        return self._dump() / REQUESTS / 1e6

    def _dump(self) -> int:
        """Returns the instructions since the last call."""
        pid = str(self._served.server.pid)
        subprocess.run(["callgrind_control", "--dump", pid], check=True, capture_output=True)  # noqa: S607
        self._dumps += 1
        found = _TOTALS.search(Path(f"{self._out}.{self._dumps}").read_text())
        assert found is not None, "Valgrind writes totals"
        return int(found[1])


def _compare(found: dict[str, float], baseline: dict[str, float]) -> int:
    print(_COLUMNS.format("millions of instructions", "now", "baseline", "ratio", ""))
    slower = False
    for work in Work:
        ratio = found[work] / baseline[work]
        slower = slower or ratio > TOLERANCE
        print(
            _COLUMNS.format(
                MEANINGS[work],
                f"{found[work]:.2f}",
                f"{baseline[work]:.2f}",
                f"{ratio:.2f}",
                "slower" if ratio > TOLERANCE else "",
            )
        )
    return 1 if slower else 0


if __name__ == "__main__":
    run(main)
