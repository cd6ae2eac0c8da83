"""How this server's figures change with size, time and load, on PostgreSQL.

Takes about half an hour; see --help for less. Exits with 0 whatever the figures, and with 1 if a
request failed or a ledger does not match the responses.
"""

import argparse
import sys
import time
from typing import Final

from benchmarks import databases
from benchmarks.growth import lasting, reads, spends
from benchmarks.growth.findings import Extent, Finding, Findings
from benchmarks.machine import describe
from benchmarks.options import at_least
from benchmarks.stopping import run

PARTS: Final = {
    "start": lasting.start,
    "lots": spends.many_lots,
    "latency": spends.below_the_peak,
    "workers": spends.two_servers,
    "reads": reads.measure,
    "memory": lasting.memory,
}
_SOUND: Final = "every response was a success, and every successful spend is in its ledger"
_COLUMNS: Final = "{:<70} {:>7} {:>6}  {:<7} {}"


def main() -> int:
    """Runs the parts and prints their findings."""
    started = time.monotonic()
    arguments = _options()
    machine = describe()
    every: list[Findings] = []
    with databases.postgres_server() as server, databases.postgres_on(server) as postgres:
        extent = Extent(
            server,
            arguments.seconds,
            arguments.rounds,
            arguments.entries,
            arguments.long,
            arguments.requests,
            _say,
        )
        every += [PARTS[name](extent) for name in arguments.only or PARTS]
    problems = [problem for findings in every for problem in findings.problems]
    lines = [
        *machine,
        postgres.version,
        "",
        _COLUMNS.format("measurement", "figure", "goal", "", "computed from"),
        *(_row(finding) for findings in every for finding in findings.found),
        "",
        *(problems or [_SOUND]),
        f"{time.monotonic() - started:.0f} s in total",
    ]
    print("\n".join(lines))
    return 1 if problems else 0


def _row(finding: Finding) -> str:
    goal, met = "-", ""
    if finding.goal is not None:
        goal = f"{finding.goal:.1f}"
        met = "met" if finding.figure <= finding.goal else "missed"
    return _COLUMNS.format(finding.what, f"{finding.figure:.2f}", goal, met, finding.made_of)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    for name, least, default, meaning in (
        ("--rounds", 1, 5, "rounds of each figure"),
        ("--entries", 10_000, 10_000_000, "entries in the big ledger"),
        ("--long", 2_000, 1_000_000, "entries of its longest wallet"),
        ("--requests", 100, 1_000_000, "requests while memory is watched"),
    ):
        parser.add_argument(name, type=at_least(least, int), default=default, help=meaning)
    parser.add_argument("--seconds", type=at_least(0.5, float), default=4.0, help="of each round")
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="PART,...",
        help=", ".join(PARTS),
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(PARTS):
        parser.error(f"--only: there is no {', '.join(sorted(unknown))}")
    return arguments


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(main)
