"""The options of `python -m benchmarks`."""

import argparse
from collections.abc import Callable
from typing import Final, NamedTuple

from benchmarks.contestants import CONTESTANTS, Contestant
from benchmarks.rounds import Course
from benchmarks.works import Work

SECONDS: Final = 4.0
ROUNDS: Final = 5
WALLETS: Final = 10_000
ENTRIES: Final = 30
WARM_UP: Final = 0.5
"""As a fraction of a round's seconds."""


class Options(NamedTuple):
    """What to measure, and for how long."""

    contestants: list[Contestant]
    works: list[Work]
    wallets: int
    course: Course


def read() -> Options:
    """Parses the command line."""
    names = [contestant.name for contestant in CONTESTANTS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--seconds", type=at_least(0.5, float), default=SECONDS, help="of each work in a round"
    )
    parser.add_argument("--rounds", type=at_least(1, int), default=ROUNDS, help="rounds")
    parser.add_argument("--wallets", type=at_least(1, int), default=WALLETS, help="wallets of each")
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="NAME,...",
        help=f"works ({', '.join(Work)}) and contestants ({', '.join(names)}); all if not named",
    )
    arguments = parser.parse_args()
    unknown = set(arguments.only) - set(names) - set(Work)
    if unknown:
        parser.error(f"--only: there is no {', '.join(sorted(unknown))}")
    works = [work for work in Work if work in arguments.only] or list(Work)
    contestants = [c for c in CONTESTANTS if c.name in arguments.only] or list(CONTESTANTS)
    course = Course(arguments.rounds, arguments.seconds, arguments.seconds * WARM_UP)
    return Options(contestants, works, arguments.wallets, course)


def at_least(least: float, kind: Callable[[str], float]) -> Callable[[str], float]:
    """Returns a parser of numbers of that kind; argparse names the option if it is too small."""

    def read_number(text: str) -> float:
        number = kind(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"must be {least} or more")
        return number

    return read_number
