"""The contestants: each is a separate process with its own database."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from benchmarks import databases, ours, pgbench
from benchmarks.load import Result
from benchmarks.plans import Plan, run_name
from benchmarks.processes import ROOT, Server, connects_server, run_load, serving
from benchmarks.wallets import seed
from benchmarks.works import SPENDS, Form, Work

MERCURIUS: Final = Path(__file__).with_name("mercurius")
NODE: Final = 20
FIRST_SECONDS: Final = 120.0
"""How long the first requests of all users may take."""


class Field(NamedTuple):
    """Shared by all contestants: the PostgreSQL server's URL, and the size of their ledgers."""

    postgres: str
    wallets: int
    entries: int


class Contender(Protocol):
    """A contestant that is ready."""

    def measure(self, work: Work, seconds: float) -> Result:
        """Keeps it busy with `work`."""

    def cpu_seconds(self) -> float | None:
        """Returns the processor time of its server so far."""

    def problems(self, answered: int) -> list[str]:
        """Describes errors in its ledger, which must hold `answered` spends, one sentence each."""


Start = Callable[[Field], AbstractContextManager[Contender]]


class Contestant(NamedTuple):
    """`missing` returns what it lacks to run on this machine, if anything."""

    name: str
    meaning: str
    works: tuple[Work, ...]
    start: Start
    missing: Callable[[], str] = lambda: ""


@dataclass
class Served:
    """A contender with an HTTP server on the database at `url`, which held `before` spends.

    Every request of a run is unique.
    """

    server: Server
    url: str
    forms: Mapping[str, Form]
    before: int
    made: dict[str, int] = field(default_factory=dict)

    def plan(self, work: str, seconds: float, *, rate: float = 0, requests: int = 0) -> Plan:
        """Returns the next requests of `work`."""
        first = self.made.get(work, 0)
        form = self.forms[work]
        return Plan(
            self.server.port, seconds, run_name(work), first, *form, rate=rate, requests=requests
        )

    def carry_out(self, plan: Plan, work: str) -> Result:
        """Executes a plan of `work`."""
        result = run_load(plan)
        self.made[work] = plan.first + result.made
        return result

    def measure(self, work: str, seconds: float) -> Result:
        return self.carry_out(self.plan(work, seconds), work)

    def cpu_seconds(self) -> float | None:
        return self.server.cpu_seconds()

    def problems(self, answered: int) -> list[str]:
        return ours.problems(self.url, self.before, answered)


def served(server: Server, url: str, forms: Mapping[str, Form]) -> Served:
    """Starts a server on the database at `url`."""
    return Served(server, url, forms, ours.spends_in(url))


Serve = Callable[[str, str], AbstractContextManager[Server]]
"""Starts a server on the database at a URL, with the secret for signing tokens."""


@contextmanager
def _filled(
    serve: Serve, make: AbstractContextManager[databases.MeasuredDatabase], size: Field
) -> Iterator[Served]:
    secret = secrets.token_urlsafe(48)
    with make as database:
        seeded = seed(database.url, size.wallets, size.entries)
        with serve(database.url, secret) as server:
            ready = served(server, database.url, ours.forms(seeded, secret))
            # Every user sends a request first: servers may cache the users of tokens.
            first = ready.plan(Work.BALANCE, FIRST_SECONDS, requests=size.wallets)
            ready.carry_out(first, Work.BALANCE)
            yield ready


def _on_postgres(serve: Serve) -> Start:
    return lambda size: _filled(serve, databases.postgres_on(size.postgres), size)


def _on_sqlite(serve: Serve) -> Start:
    return lambda size: _filled(serve, databases.sqlite(), size)


def _textbook(url: str, secret: str) -> AbstractContextManager[Server]:
    command = [sys.executable, "-m", "benchmarks.textbook", url]
    return serving(command, {**os.environ, "AUTH_SECRET": secret})


def _mercurius(url: str, secret: str, *options: str) -> AbstractContextManager[Server]:
    command = ["node", "server.js", url, *options]
    return serving(command, {**os.environ, "AUTH_SECRET": secret}, MERCURIUS)


def _mercurius_pipelined(url: str, secret: str) -> AbstractContextManager[Server]:
    return _mercurius(url, secret, "--pipeline")


@contextmanager
def _plain_postgres(size: Field) -> Iterator[Contender]:
    with databases.postgres_on(size.postgres) as database:
        yield pgbench.Pgbench(database.url, seed(database.url, size.wallets, size.entries))


def _lacks(package: str) -> str:
    """Returns what Node or a package of Mercurius's folder lacks, if anything."""
    node = shutil.which("node")
    if node is None:
        return "Node.js is not installed"
    asked = f"require({json.dumps(package)}); process.stdout.write(process.versions.node)"
    found = subprocess.run(
        [node, "-e", asked], cwd=MERCURIUS, capture_output=True, text=True, check=False
    )
    if found.returncode:
        return f"the package {package} is not installed in {MERCURIUS.relative_to(ROOT)}"
    if int(found.stdout.partition(".")[0]) < NODE:
        return f"Node.js {NODE} or newer is needed, and this is {found.stdout}"
    return ""


CONTESTANTS: Final = (
    Contestant("connects", "this server on PostgreSQL", tuple(Work), _on_postgres(connects_server)),
    Contestant(
        "textbook", "Strawberry and Tortoise as documented", tuple(Work), _on_postgres(_textbook)
    ),
    Contestant(
        "mercurius",
        "Mercurius with JIT, and pg",
        tuple(Work),
        _on_postgres(_mercurius),
        lambda: _lacks("mercurius"),
    ),
    Contestant(
        "mercurius-piped",
        "the same, with pg's pipeline",
        SPENDS,
        _on_postgres(_mercurius_pipelined),
        lambda: _lacks("mercurius"),
    ),
    Contestant("pgbench", "the spend's SQL alone", SPENDS, _plain_postgres, pgbench.missing),
    Contestant(
        "connects-sqlite", "this server on SQLite", (Work.SPEND,), _on_sqlite(connects_server)
    ),
    Contestant(
        "mercurius-sqlite",
        "Mercurius with JIT, and better-sqlite3",
        (Work.SPEND,),
        _on_sqlite(_mercurius),
        lambda: _lacks("mercurius") or _lacks("better-sqlite3"),
    ),
)
