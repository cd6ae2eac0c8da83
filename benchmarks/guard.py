"""Whether this server has become slower: its processor time beside the textbook's, in one run.

Both run on the same Python, so that the ratio of what they take for an answer hardly depends on
the machine, or on what else it does. Exits 1 where a ratio is more than TOLERANCE times that of
the committed baseline, or a request failed or a ledger is wrong; `--write` makes a new baseline.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import databases
from benchmarks.contestants import CONTESTANTS, Field
from benchmarks.options import ENTRIES, at_least
from benchmarks.rounds import Course, Measured, measure
from benchmarks.stopping import run
from benchmarks.works import MEANINGS, Work

BASELINE: Final = Path(__file__).with_name("guard.json")
TOLERANCE: Final = 1.2
WALLETS: Final = 1000
_COLUMNS: Final = "{:<25} {:>8} {:>8} {:>7} {:>9}  {}"


def main() -> int:
    """Measures, then compares or writes."""
    arguments = _options()
    contestants = [c for c in CONTESTANTS if c.name in ("connects", "textbook")]
    course = Course(arguments.rounds, arguments.seconds, arguments.seconds)
    with databases.postgres_server() as server:
        size = Field(server, WALLETS, ENTRIES)
        measured = measure(contestants, list(Work), size, course, _say)
    if measured.faults:
        print("\n".join(measured.faults))
        return 1
    found = {
        work: (_cpu_us(measured, work, "connects"), _cpu_us(measured, work, "textbook"))
        for work in Work
    }
    if not all(theirs for _, theirs in found.values()):
        print("The processor time of a process is known on Linux only: nothing is compared.")
        return 0
    if arguments.write:
        ratios = {str(work): round(ours / theirs, 3) for work, (ours, theirs) in found.items()}
        BASELINE.write_text(json.dumps(ratios, indent=2) + "\n")
        print(f"Wrote {BASELINE.name}: {ratios}")
        return 0
    return _compare(found)


def _compare(found: dict[Work, tuple[float, float]]) -> int:
    baseline: dict[str, float] = json.loads(BASELINE.read_text())
    print(_COLUMNS.format("CPU us for one answer", "connects", "textbook", "ratio", "baseline", ""))
    slower = 0
    for work, (ours, theirs) in found.items():
        ratio, before = ours / theirs, baseline[work]
        is_slower = ratio > before * TOLERANCE
        slower += is_slower
        print(
            _COLUMNS.format(
                MEANINGS[work],
                f"{ours:,.0f}",
                f"{theirs:,.0f}",
                f"{ratio:.3f}",
                f"{before:.3f}",
                "slower" if is_slower else "",
            )
        )
    if slower:
        print(f"Slower is more than {TOLERANCE} times the baseline's ratio.")
    return 1 if slower else 0


def _cpu_us(measured: Measured, work: Work, name: str) -> float:
    """The median of the rounds, 0 where it is not known."""
    taken = [
        r.cpu_us
        for r in measured.rounds
        if r.work is work and r.contestant == name and r.cpu_us is not None
    ]
    return median(taken) if taken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard", description=__doc__)
    parser.add_argument("--rounds", type=at_least(1, int), default=5, help="rounds")
    parser.add_argument("--seconds", type=at_least(0.5, float), default=2.0, help="of each work")
    parser.add_argument("--write", action="store_true", help="make a new baseline")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(main)
