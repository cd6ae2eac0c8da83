"""Spends: from a wallet of many lots, below the peak rate, and through two server processes."""

from contextlib import ExitStack
from statistics import median
from typing import Final

from benchmarks import ours
from benchmarks.contestants import Served
from benchmarks.growth.findings import (
    Extent,
    Finding,
    Findings,
    Side,
    alternate,
    failed,
    times_longer,
)
from benchmarks.growth.ledgers import filled, served_on
from benchmarks.load import Result
from benchmarks.processes import finished, load_process
from benchmarks.works import Form, Work

LOTS: Final = 1000
LOTS_GOAL: Final = 2.0
WALLETS: Final = 2000
SHARE: Final = 0.7
TAIL_GOAL: Final = 5.0


def many_lots(extent: Extent) -> Findings:
    """Compares a wallet with LOTS live lots with one with a single lot."""
    extent.say(f"making a wallet with {LOTS:,} lots")
    with filled(extent.postgres, 1, (1, LOTS)) as ledger:
        freelancers = ledger.seeded.freelancers
        forms = {
            f"lots{place}": ours.spending([owner], freelancers, ledger.secret)
            for place, owner in enumerate(ledger.seeded.lots)
        }
        with served_on(ledger, forms) as served:
            results = alternate([Side(served, name) for name in forms], extent)
            problems = served.problems(sum(served.made.values()))
    found = times_longer(f"a spend with {LOTS:,} live lots, not 1", results, LOTS_GOAL)
    return Findings([found], failed("lots", results) + problems)


def below_the_peak(extent: Extent) -> Findings:
    """Measures the latency of spends on distinct wallets that arrive at SHARE of the peak rate."""
    extent.say("looking for the peak rate")
    with filled(extent.postgres, WALLETS) as ledger, served_on(ledger) as served:
        [peaks] = alternate([Side(served, Work.SPEND)], extent)
        rate = SHARE * median(result.per_second for result in peaks)
        extent.say(f"{rate:,.0f} spends per second")
        paced = [
            served.carry_out(served.plan(Work.SPEND, extent.seconds, rate=rate), Work.SPEND)
            for _ in range(extent.rounds)
        ]
        problems = served.problems(sum(served.made.values()))
    p50 = median(result.p50_ms for result in paced)
    p99 = median(result.p99_ms for result in paced)
    found = Finding(
        f"p99 as a multiple of p50, at {SHARE:.0%} of the peak",
        p99 / p50 if p50 else 0,
        f"{p99:.1f} ms and {p50:.1f} ms at {rate:,.0f} per s",
        TAIL_GOAL,
    )
    return Findings([found], failed("below the peak", [peaks, paced]) + problems)


def two_servers(extent: Extent) -> Findings:
    """Compares two server processes on one database with one; each has its own load."""
    extent.say("starting two servers")
    with filled(extent.postgres, WALLETS) as ledger, ExitStack() as stack:
        whole = ours.forms(ledger.seeded, ledger.secret)[Work.SPEND]
        half = len(whole.templates) // 2
        parts = (whole.templates[:half], whole.templates[half:])
        pair = [
            stack.enter_context(served_on(ledger, {name: Form(part, *whole[1:])}))
            for name, part in zip(("one", "two"), parts, strict=True)
        ]
        _together(pair, extent.seconds / 2)
        alone, both = [], []
        for _ in range(extent.rounds):
            alone.append(sum(r.per_second for r in _together(pair[:1], extent.seconds)))
            both.append(sum(r.per_second for r in _together(pair, extent.seconds)))
        problems = pair[0].problems(sum(sum(served.made.values()) for served in pair))
    one, two = median(alone), median(both)
    made_of = f"{two:,.0f} and {one:,.0f} spends per s"
    return Findings(
        [Finding("spends of two servers, as a multiple of one", two / one, made_of)], problems
    )


def _together(pair: list[Served], seconds: float) -> list[Result]:
    """Returns the results of concurrent loads."""
    with ExitStack() as stack:
        running = []
        for served in pair:
            [name] = served.forms
            plan = served.plan(name, seconds)
            running.append((served, name, plan, stack.enter_context(load_process(plan))))
        results = []
        for served, name, plan, process in running:
            result = finished(process, plan)
            served.made[name] = plan.first + result.made
            results.append(result)
        return results
