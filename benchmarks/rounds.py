"""The rounds of a run on one database, and what its ledger says of them."""

import asyncio
import secrets
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from benchmarks.databases import MeasuredDatabase
from benchmarks.load import Result
from benchmarks.payers import Payers, make_payers
from benchmarks.plans import Kind, plan
from benchmarks.processes import Server, run_load, running_server
from models.database import open_database
from models.statements import both
from models.verify import verify

ROUNDS = 4
SECONDS: dict[Kind, float] = {"distinct wallets": 2.5, "one hot wallet": 2.5, "balance reads": 1.5}
WARM_UP_SECONDS = 1.0

_SPENDS = both("SELECT COUNT(*) FROM entry WHERE kind = 'SPEND'")

Say = Callable[[str], None]


class Round(NamedTuple):
    """`cpu_us` is the server's processor time for one success, in microseconds."""

    kind: Kind
    result: Result
    cpu_us: float | None

    @property
    def per_second(self) -> float:
        return self.result.successes / self.result.seconds


class Measured(NamedTuple):
    """`faults` are sentences about what must not be: an empty list is a sound run."""

    database: MeasuredDatabase
    rounds: list[Round]
    spends: int
    faults: list[str]


def measure(database: MeasuredDatabase, say: Say) -> Measured:
    """Fills wallets, loads the server in turn with each kind of round, checks the ledger."""
    secret = secrets.token_urlsafe(48)
    say(f"{database.name}: opening accounts and buying Connects")
    payers = make_payers(database.url, secret)
    runs = (f"run{number:03}-" for number in count())
    with running_server(database.url, secret) as server:
        say(f"{database.name}: warming up")
        warm_ups = [_round(kind, server, payers, next(runs), WARM_UP_SECONDS) for kind in SECONDS]
        rounds = []
        for number in range(1, ROUNDS + 1):
            say(f"{database.name}: round {number} of {ROUNDS}")
            rounds += [
                _round(kind, server, payers, next(runs), seconds)
                for kind, seconds in SECONDS.items()
            ]
    say(f"{database.name}: checking the ledger")
    return _checked(database, warm_ups, rounds)


def _round(kind: Kind, server: Server, payers: Payers, run: str, seconds: float) -> Round:
    asked = plan(kind, payers, port=server.port, seconds=seconds, run=run)
    before = server.cpu_seconds()
    result = run_load(asked)
    after = server.cpu_seconds()
    if before is None or after is None or not result.successes:
        return Round(kind, result, None)
    return Round(kind, result, (after - before) * 1e6 / result.successes)


def _checked(database: MeasuredDatabase, warm_ups: list[Round], rounds: list[Round]) -> Measured:
    every = [*warm_ups, *rounds]
    answered = sum(r.result.successes for r in every if r.kind != "balance reads")
    faults = [
        f"{r.result.failures} answers were no success; the first: {r.result.first_failure}"
        for r in every
        if r.result.failures
    ]
    booked, unsound = asyncio.run(_audit(database.url))
    if booked != answered:
        faults.append(f"{answered} spends were answered, and {booked} are in the ledger.")
    return Measured(database, rounds, booked, faults + unsound)


async def _audit(database_url: str) -> tuple[int, list[str]]:
    """How many spends the ledger holds, and what is wrong with it."""
    database = await open_database(database_url)
    try:
        [[spends]] = await database.fetch(_SPENDS)
        faults = await verify(database, limit=10)
    finally:
        await database.close()
    return spends, [f"Invariant {f.invariant}: {f.where}: {f.message}" for f in faults]
