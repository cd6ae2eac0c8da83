"""The rounds of a run: in each, every contestant does every work for a while, one at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks.contestants import Contender, Contestant, Field
from benchmarks.load import Result
from benchmarks.works import SPENDS, Work

Say = Callable[[str], None]


class Round(NamedTuple):
    """`cpu_us` is the server's processor time per success, in microseconds."""

    contestant: str
    work: Work
    result: Result
    cpu_us: float | None


class Measured(NamedTuple):
    """`problems` describe errors, one sentence each; an empty list means a sound run."""

    rounds: list[Round]
    booked: dict[str, int]
    problems: list[str]


class Course(NamedTuple):
    """The length of a run: rounds, seconds per work in a round, and seconds of warm-up."""

    rounds: int
    seconds: float
    warm_up: float


def measure(
    contestants: Sequence[Contestant], works: Sequence[Work], size: Field, course: Course, say: Say
) -> Measured:
    """Starts the contestants, lets them take turns, checks their ledgers."""
    with ExitStack() as stack:
        contenders: dict[str, Contender] = {}
        for contestant in contestants:
            say(f"{contestant.name}: filling {size.wallets:,} wallets, starting")
            contenders[contestant.name] = stack.enter_context(contestant.start(size))
        say("warming up")
        taking_turns = list(_turns(contestants, works))
        every = [_round(turn, contenders, course.warm_up) for turn in taking_turns]
        warm_ups = len(every)
        for number in range(course.rounds):
            say(f"round {number + 1} of {course.rounds}")
            # Each round begins with another contestant, so that none always follows the same one.
            shift = number % max(1, len(contestants))
            rotated = [*contestants[shift:], *contestants[:shift]]
            every += [_round(turn, contenders, course.seconds) for turn in _turns(rotated, works)]
        say("checking the ledgers")
        problems, booked = _checked(contenders, every)
    return Measured(every[warm_ups:], booked, problems)


def _turns(contestants: Iterable[Contestant], works: Iterable[Work]) -> Iterator[tuple[Work, str]]:
    for work in works:
        for contestant in contestants:
            if work in contestant.works:
                yield work, contestant.name


def _round(turn: tuple[Work, str], contenders: dict[str, Contender], seconds: float) -> Round:
    work, name = turn
    contender = contenders[name]
    before = contender.cpu_seconds()
    result = contender.measure(work, seconds)
    after = contender.cpu_seconds()
    if before is None or after is None or not result.successes:
        return Round(name, work, result, None)
    return Round(name, work, result, (after - before) * 1e6 / result.successes)


def _checked(
    contenders: dict[str, Contender], rounds: list[Round]
) -> tuple[list[str], dict[str, int]]:
    """Returns the problems, and each contender's spends."""
    problems = [
        f"{r.contestant}, {r.work}: {r.result.failures} requests failed; "
        f"the first: {r.result.first_failure}"
        for r in rounds
        if r.result.failures
    ]
    booked = {}
    for name, contender in contenders.items():
        spends = (r for r in rounds if r.contestant == name and r.work in SPENDS)
        booked[name] = sum(r.result.successes for r in spends)
        problems += [f"{name}: {problem}" for problem in contender.problems(booked[name])]
    return problems, booked
