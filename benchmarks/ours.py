"""The requests that every contestant receives, and checks of its ledger afterwards.

All ledgers use this server's tables, whoever writes them, and are checked by its `verify`.
"""

import asyncio
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from benchmarks.plans import request
from benchmarks.wallets import Owner, Seeded
from benchmarks.works import BALANCE, MARKERS, NEWEST, Form, Work, invitation, of_wallet
from models.rules.instants import FOREVER
from models.store.database import open_database
from models.store.statements import both
from models.verify import verify
from resolvers.people.tokens import issue_token
from schema.ids import global_id

PROBLEMS: Final = 10
_SPENDS: Final = both("SELECT COUNT(*) FROM entry WHERE kind = 'SPEND'")


def forms(seeded: Seeded, secret: str) -> dict[str, Form]:
    """Returns the requests of every work, each with a token of the wallet's owner."""
    balances = [read(owner, secret, BALANCE) for owner in seeded.distinct]
    newest = [read(owner, secret, NEWEST) for owner in seeded.distinct]
    return {
        Work.SPEND: spending(seeded.distinct, seeded.freelancers, secret),
        Work.HOT: spending([seeded.hot], seeded.freelancers, secret),
        Work.BALANCE: Form(balances, [], *MARKERS[Work.BALANCE]),
        Work.NEWEST: Form(newest, [], *MARKERS[Work.NEWEST]),
    }


def spending(owners: Iterable[Owner], freelancers: Iterable[UUID], secret: str) -> Form:
    """Returns invitations of the freelancers to each of the owners' jobs."""
    picks = [str(global_id("Freelancer", id)) for id in freelancers]
    width = len(picks[0])
    spends = [_spend(owner, job, secret, width) for owner in owners for job in owner.jobs]
    return Form(spends, picks, *MARKERS[Work.SPEND])


def read(owner: Owner, secret: str, query: str) -> str:
    """Returns a request of `query` for the owner's wallet."""
    body = of_wallet(query, global_id("Wallet", owner.account_id))
    return request(body, token=_token(owner, secret))


def _spend(owner: Owner, job: UUID, secret: str, pick_length: int) -> str:
    body = invitation(global_id("Job", job))
    return request(body, pick_length=pick_length, token=_token(owner, secret))


def _token(owner: Owner, secret: str) -> str:
    return issue_token(secret, owner.subject, FOREVER)


def spends_in(database_url: str) -> int:
    """Counts the spends in the ledger."""

    async def run() -> int:
        database = await open_database(database_url)
        try:
            [[spends]] = await database.fetch(_SPENDS)
            return int(spends)
        finally:
            await database.close()

    return asyncio.run(run())


def problems(database_url: str, before: int, answered: int) -> list[str]:
    """Describes errors in a ledger that held `before` spends before `answered` more succeeded."""
    booked = spends_in(database_url) - before
    wrong = (
        [] if booked == answered else [f"{answered} spends succeeded, but the ledger has {booked}."]
    )
    return wrong + unsound(database_url)


def unsound(database_url: str) -> list[str]:
    """Describes violated invariants of the ledger, one sentence each."""

    async def run() -> list[str]:
        database = await open_database(database_url)
        try:
            problems = await verify(database, limit=PROBLEMS)
        finally:
            await database.close()
        return [f"Invariant {f.invariant}: {f.where}: {f.message}" for f in problems]

    return asyncio.run(run())
