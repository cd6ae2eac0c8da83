"""The results of the parts of this benchmark."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.contestants import Served
from benchmarks.load import Result

Say = Callable[[str], None]


class Extent(NamedTuple):
    """How much is measured.

    `postgres` is the URL of the server; `seconds` and `rounds` apply to each figure; `entries` are
    in the big ledger, `long` of them in one wallet; `requests` are made while memory is measured.
    """

    postgres: str
    seconds: float
    rounds: int
    entries: int
    long: int
    requests: int
    say: Say


class Finding(NamedTuple):
    """A figure and what it was computed from; `goal` is its maximum, if any."""

    what: str
    figure: float
    made_of: str
    goal: float | None = None


class Findings(NamedTuple):
    """`problems` describe errors, one sentence each."""

    found: list[Finding]
    problems: list[str]


class Side(NamedTuple):
    """One side of a comparison: a server and its requests."""

    served: Served
    work: str


def alternate(sides: Sequence[Side], extent: Extent) -> list[list[Result]]:
    """Returns the results of each side's rounds. The sides take turns after a warm-up."""
    for side in sides:
        side.served.measure(side.work, extent.seconds / 2)
    results: list[list[Result]] = [[] for _ in sides]
    for number in range(extent.rounds):
        places = range(len(sides))
        for place in reversed(places) if number % 2 else places:
            results[place].append(sides[place].served.measure(sides[place].work, extent.seconds))
    return results


def times_longer(what: str, results: Sequence[Sequence[Result]], goal: float) -> Finding:
    """Returns how many times as long the second side takes as the first."""
    first, second = (median(result.per_second for result in side) for side in results)
    return Finding(
        what, first / second if second else 0, f"{first:,.0f} and {second:,.0f} per s", goal
    )


def failed(what: str, results: Sequence[Sequence[Result]]) -> list[str]:
    """Describes failed requests, one sentence each."""
    return [
        f"{what}: {result.failures} requests failed; the first: {result.first_failure}"
        for side in results
        for result in side
        if result.failures
    ]
