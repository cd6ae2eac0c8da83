"""The figures of a run as small tables."""

from statistics import median

from benchmarks.goals import GOALS, Goal
from benchmarks.rounds import Measured, Round
from benchmarks.works import MEANINGS, Work

_COLUMNS = "{:<25} {:<17} {:>8} {:>15} {:>7} {:>7} {:>7} {:>8}"
_GOALS = "{:<25} {:<35} {:>6} {:>13} {:>6}  {}"


def table(measured: Measured) -> list[str]:
    """One line per work and contestant: medians over the rounds."""
    head = _COLUMNS.format(
        "what", "who", "per s", "lowest-highest", "p50 ms", "p99 ms", "CPU us", "load us"
    )
    order = list(dict.fromkeys(r.contestant for r in measured.rounds))
    order.sort(key=list(measured.booked).index)
    rows = [
        _row(work, name, found)
        for work in Work
        for name in order
        if (found := _rounds(measured, work, name))
    ]
    return [head, *rows]


def _row(work: Work, name: str, rounds: list[Round]) -> str:
    rates = [r.result.per_second for r in rounds]
    cpu = [r.cpu_us for r in rounds if r.cpu_us is not None]
    load = [r.result.cpu_seconds * 1e6 / max(1, r.result.successes) for r in rounds]
    p99 = median(r.result.p99_ms for r in rounds)
    return _COLUMNS.format(
        MEANINGS[work],
        name,
        f"{median(rates):,.0f}",
        f"{min(rates):,.0f}-{max(rates):,.0f}",
        f"{median(r.result.p50_ms for r in rounds):.1f}" if p99 else "-",
        f"{p99:.1f}" if p99 else "-",
        f"{median(cpu):,.0f}" if cpu else "-",
        f"{median(load):,.0f}",
    )


def goals(measured: Measured) -> list[str]:
    """One line per goal whose contestants took part."""
    head = _GOALS.format("goal", "who", "goal", "each round", "ratio", "")
    rows = [row for goal in GOALS if (row := _goal(measured, goal))]
    return [head, *rows] if rows else []


def _goal(measured: Measured, goal: Goal) -> str:
    ours = [r.result.per_second for r in _rounds(measured, goal.work, goal.contestant)]
    theirs = [r.result.per_second for r in _rounds(measured, goal.work, goal.other)]
    if not ours or not theirs or not median(theirs):
        return ""
    ratio = median(ours) / median(theirs)
    # Compared round by round, so that other load on the machine cancels out.
    each = [mine / other for mine, other in zip(ours, theirs, strict=True) if other]
    return _GOALS.format(
        MEANINGS[goal.work],
        f"{goal.contestant} / {goal.other}",
        f"{goal.ratio:.1f}",
        f"{min(each):.2f}-{max(each):.2f}",
        f"{ratio:.2f}",
        "met" if ratio >= goal.ratio else "missed",
    )


def verdict(measured: Measured) -> list[str]:
    """Whether the ledgers match the responses."""
    if measured.problems:
        return measured.problems
    booked = ", ".join(f"{name} {spends:,}" for name, spends in measured.booked.items())
    return [
        "every response was a success, and every successful spend is in its ledger, with warm-up:",
        f"{booked}",
        "all invariants hold",
    ]


def _rounds(measured: Measured, work: Work, name: str) -> list[Round]:
    return [r for r in measured.rounds if r.work is work and r.contestant == name]
