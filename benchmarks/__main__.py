"""Compares this server with others that do the same work: spends and reads per second over HTTP.

Takes about ten minutes; see --help for less. Exits with 0 whatever the timings, and with 1 if a
request failed or a ledger does not match the responses.
"""

import sys
import time

from benchmarks import databases, options, report
from benchmarks.contestants import Field
from benchmarks.load import CONNECTIONS
from benchmarks.machine import describe
from benchmarks.rounds import measure
from benchmarks.stopping import run


def main() -> int:
    """Runs everything and prints the figures."""
    started = time.monotonic()
    chosen = options.read()
    machine = describe()
    missing = {contestant.name: contestant.missing() for contestant in chosen.contestants}
    present = [contestant for contestant in chosen.contestants if not missing[contestant.name]]
    with databases.postgres_server() as server, databases.postgres_on(server) as postgres:
        size = Field(server, chosen.wallets, options.ENTRIES)
        measured = measure(present, chosen.works, size, chosen.course, _say)
    course = chosen.course
    lines = [
        *machine,
        postgres.version,
        databases.SQLITE_VERSION,
        *(f"{contestant.name}: {contestant.meaning}" for contestant in present),
        *(f"{name} is skipped: {why}" for name, why in missing.items() if why),
        f"one server process each; {CONNECTIONS} connections; {chosen.wallets:,} wallets of "
        f"{options.ENTRIES} entries; medians of {course.rounds} rounds of {course.seconds:g} s",
        "CPU us: the server's processor time for one answer, its database's not included; "
        "load us: the load's",
        "",
        *report.table(measured),
        "",
        *report.goals(measured),
        "",
        *report.verdict(measured),
        f"{time.monotonic() - started:.0f} s in total",
    ]
    print("\n".join(lines))
    return 1 if measured.problems else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(main)
