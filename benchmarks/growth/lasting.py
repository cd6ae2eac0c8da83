"""The server over time: its memory after many requests, and its startup time."""

import time
from statistics import median
from typing import Final

from benchmarks.growth.findings import Extent, Finding, Findings, failed
from benchmarks.growth.ledgers import filled, served_on
from benchmarks.processes import connects_server
from benchmarks.works import Work

WALLETS: Final = 2000
SHARES: Final = {Work.SPEND: 0.1, Work.BALANCE: 0.45, Work.NEWEST: 0.45}
STEPS: Final = 20
MOST_SECONDS: Final = 3600.0
MEBIBYTE: Final = 2**20


def memory(extent: Extent) -> Findings:
    """Returns the memory after all requests, as a multiple of that after the first half."""
    extent.say(f"making {extent.requests:,} requests")
    with filled(extent.postgres, WALLETS) as ledger, served_on(ledger) as served:
        held = [served.server.resident_bytes() or 0]
        results = []
        for step in range(STEPS):
            for work, share in SHARES.items():
                requests = max(1, round(extent.requests * share / STEPS))
                plan = served.plan(work, MOST_SECONDS, requests=requests)
                results.append(served.carry_out(plan, work))
            held.append(served.server.resident_bytes() or 0)
            extent.say(f"{step + 1} of {STEPS}: {held[-1] / MEBIBYTE:.1f} MiB")
        problems = served.problems(served.made[Work.SPEND])
    if not all(held):
        return Findings([], [*failed("memory", [results]), *problems])
    start, half, end = (size / MEBIBYTE for size in (held[0], held[STEPS // 2], held[-1]))
    made_of = f"{end:.1f} MiB; {half:.1f} at half, {start:.1f} at the start"
    what = f"memory after {extent.requests:,} requests, as a multiple of that at half"
    return Findings([Finding(what, end / half, made_of)], [*failed("memory", [results]), *problems])


def start(extent: Extent) -> Findings:
    """Returns the seconds until a new process is ready on an existing database."""
    extent.say("starting the server a few times")
    taken = []
    with filled(extent.postgres, WALLETS) as ledger:
        for _ in range(extent.rounds):
            began = time.perf_counter()
            with connects_server(ledger.url, ledger.secret):
                taken.append(time.perf_counter() - began)
    made_of = f"{min(taken):.2f} to {max(taken):.2f}"
    return Findings([Finding("seconds until the server is ready", median(taken), made_of)], [])
