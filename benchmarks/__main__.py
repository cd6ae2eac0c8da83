"""Spends and reads per second over HTTP, on both databases. Takes about a minute.

Exits 0 whatever the timings; 1 where a request failed or the ledger disagrees with the answers.
"""

import signal
import sys
import time

from benchmarks import databases, report
from benchmarks.load import CONNECTIONS
from benchmarks.machine import describe
from benchmarks.payers import DISTINCT_PAYERS
from benchmarks.rounds import ROUNDS, Measured, measure


def main() -> int:
    """Runs everything and prints the figures."""
    started = time.monotonic()
    machine = describe()
    runs: list[Measured] = []
    for make in (databases.sqlite, databases.postgres):
        with make() as database:
            runs.append(measure(database, _say))
    lines = [
        *machine,
        *(run.database.version for run in runs),
        f"one server process; {CONNECTIONS} connections; {DISTINCT_PAYERS:,} distinct wallets; "
        f"medians of {ROUNDS} rounds",
        "CPU us: the server's processor time for one answer",
        "",
        *report.table(runs),
        "",
        *map(report.ratio, runs),
        *(line for run in runs for line in report.verdict(run)),
        f"{time.monotonic() - started:.0f} s in all",
    ]
    print("\n".join(lines))
    return 1 if any(run.faults for run in runs) else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _end(_number: int, _frame: object) -> None:
    """Ends like Ctrl-C does: what was started is stopped, what was made is removed."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
