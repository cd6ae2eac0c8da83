"""The figures of a run as a small table."""

from statistics import median

from benchmarks.plans import Kind
from benchmarks.rounds import SECONDS, Measured, Round

_COLUMNS = "{:<11} {:<17} {:>9} {:>15} {:>8} {:>8} {:>10}"


def table(runs: list[Measured]) -> list[str]:
    """One line for each database and kind of round: medians over the rounds."""
    head = _COLUMNS.format(
        "database", "what", "per s", "lowest-highest", "p50 ms", "p99 ms", "CPU us"
    )
    rows = [_row(run, kind) for run in runs for kind in SECONDS]
    return [head, *rows]


def _row(run: Measured, kind: Kind) -> str:
    rounds = _of_kind(run, kind)
    rates = [r.per_second for r in rounds]
    cpu = [r.cpu_us for r in rounds if r.cpu_us is not None]
    return _COLUMNS.format(
        run.database.name,
        kind,
        f"{median(rates):,.0f}",
        f"{min(rates):,.0f}-{max(rates):,.0f}",
        f"{median(r.result.p50_ms for r in rounds):.1f}",
        f"{median(r.result.p99_ms for r in rounds):.1f}",
        f"{median(cpu):,.0f}" if cpu else "-",
    )


def ratio(run: Measured) -> str:
    """How a hot wallet compares with distinct ones, round by round, so that drift cancels out."""
    pairs = zip(_of_kind(run, "one hot wallet"), _of_kind(run, "distinct wallets"), strict=True)
    ratios = [hot.per_second / distinct.per_second for hot, distinct in pairs]
    each = ", ".join(f"{value:.2f}" for value in ratios)
    return f"{run.database.name}: hot / distinct = {median(ratios):.2f} (rounds: {each})"


def verdict(run: Measured) -> list[str]:
    """Whether the ledger agrees with what was answered."""
    if run.faults:
        return [f"{run.database.name}: {fault}" for fault in run.faults]
    return [
        f"{run.database.name}: {run.spends:,} spends answered with success, "
        "each of them in the ledger; all invariants hold"
    ]


def _of_kind(run: Measured, kind: Kind) -> list[Round]:
    return [r for r in run.rounds if r.kind == kind]
