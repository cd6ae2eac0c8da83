"""Loaders: one statement reads what requests need in one iteration of the event loop.

They are shared by all requests and know nothing of permissions: `resolvers.access` decides before a
load whether the viewer may see the row. They cache only memberships, which every request needs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

from tortoise.models import Model

from models.rules.facts import Draw, Entry, ListedEntry, Lot, Wallet
from models.rules.prices import Package, PriceList
from models.rules.proof.checkpoints import Inclusion
from models.store import entry_pages, invitees, lots
from models.store.batching import BatchLoader
from models.store.checkpoints import inclusions
from models.store.checkpoints.inclusions import INCLUSIONS_TOGETHER, HeadUpTo
from models.store.database import Database, grouped
from models.store.entry_pages import EntriesBelow
from models.store.history.roll_ups import RollUps
from models.store.invitees import Asked, Invitee
from models.store.ledger_tables import (
    DRAW,
    ENTRY,
    IN_IDS,
    OPEN_HOLDS,
    PACKAGES,
    PRICE_RULES,
    WALLETS,
    OpenHold,
    as_uuid,
    draw_from,
    entry_from,
    open_hold_from,
    package_from,
    price_list_from,
    wallet_from,
)
from models.store.lots import LotAt
from models.store.remembering import RememberingLoader
from models.store.statements import SqlStatement, Table, instance_of, table_of
from models.store.transactions import Row
from models.tables import (
    Account,
    Boost,
    Contact,
    Freelancer,
    Invitation,
    Job,
    Proposal,
    Purchase,
    User,
)

BATCH_LIMIT = 500
SEARCHES: Final = 4
"""How many searches run at a time: a single request can contain a hundred."""
SUMMING: Final = 2
"""How many statements and forecasts are summed at a time: each may read a million entries."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
M = TypeVar("M", bound=Model)

Sequenced = tuple[UUID, int]
"""Names an entry: the wallet's account and the sequence."""


def _of_account(table: Table, column: str, rest: str) -> SqlStatement:
    """Selects rows of `table` whose account and `column` match pairs given as two lists."""
    types = {column.name: column.type for column in table.columns}
    return SqlStatement(
        f"""SELECT {table.selected} FROM {table.name} WHERE (account_id, {column}) IN (
            SELECT a.value, b.value FROM json_each(?1) AS a JOIN json_each(?2) AS b ON a.key = b.key
        ) {rest}""",
        f"""SELECT {table.selected} FROM {table.name} WHERE (account_id, {column}) IN (
            SELECT * FROM unnest($1::uuid[], $2::{types[column]}[])) {rest}""",
    )


_ENTRIES = _of_account(ENTRY, "sequence", "")
_DRAWS = _of_account(DRAW, "sequence", "ORDER BY lot_sequence")
_PAYING_ENTRIES = _of_account(ENTRY, "subject_id", "AND kind IN ('SPEND', 'PURCHASE')")
_RETURNING_ENTRIES = _of_account(ENTRY, "subject_id", "AND kind IN ('RETURN', 'REVERSAL')")
_ACCOUNT = table_of(Account)
_BOOST = table_of(Boost)
_BOOSTS_OF_JOBS = SqlStatement(
    f"SELECT {_BOOST.selected} FROM boost WHERE job_id {IN_IDS.sqlite}",
    f"SELECT {_BOOST.selected} FROM boost WHERE job_id {IN_IDS.postgres}",
)
_OWN_ACCOUNTS = SqlStatement(
    f"""
    SELECT m.user_id, {_ACCOUNT.selected}
    FROM membership AS m JOIN account ON account.id = m.account_id
    WHERE (m.user_id, m.account_id) IN (
        SELECT u.value, a.value FROM json_each(?1) AS u JOIN json_each(?2) AS a ON u.key = a.key)
    """,
    f"""
    SELECT m.user_id, {_ACCOUNT.selected}
    FROM membership AS m JOIN account ON account.id = m.account_id
    WHERE (m.user_id, m.account_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
    """,
)
_ACCOUNTS_OF_USERS = SqlStatement(
    f"""
    SELECT m.user_id, {_ACCOUNT.selected}
    FROM membership AS m JOIN account ON account.id = m.account_id
    WHERE m.user_id {IN_IDS.sqlite} ORDER BY account.id
    """,
    f"""
    SELECT m.user_id, {_ACCOUNT.selected}
    FROM membership AS m JOIN account ON account.id = m.account_id
    WHERE m.user_id {IN_IDS.postgres} ORDER BY account.id
    """,
)
_UNLOCKED = SqlStatement(
    """
    SELECT m.user_id, f.value FROM json_each(?1) AS u JOIN json_each(?2) AS f ON u.key = f.key
    JOIN membership AS m ON m.user_id = u.value
    WHERE m.account_id = f.value
       OR EXISTS (SELECT 1 FROM contact AS c
                  WHERE c.account_id = m.account_id AND c.freelancer_id = f.value)
       OR EXISTS (SELECT 1 FROM invitation AS i
                  WHERE i.freelancer_id = f.value AND i.account_id = m.account_id
                    AND i.status = 'ACCEPTED')
    """,
    """
    SELECT m.user_id, asked.freelancer_id
    FROM unnest($1::uuid[], $2::uuid[]) AS asked (user_id, freelancer_id)
    JOIN membership AS m ON m.user_id = asked.user_id
    WHERE m.account_id = asked.freelancer_id
       OR EXISTS (SELECT 1 FROM contact AS c
                  WHERE c.account_id = m.account_id AND c.freelancer_id = asked.freelancer_id)
       OR EXISTS (SELECT 1 FROM invitation AS i
                  WHERE i.freelancer_id = asked.freelancer_id AND i.account_id = m.account_id
                    AND i.status = 'ACCEPTED')
    """,
)


class Loaders:
    """One per process and event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.searching = asyncio.Semaphore(SEARCHES)
        self.summing = asyncio.Semaphore(SUMMING)
        self.roll_ups = RollUps(database)
        self.users = self._rows(User)
        self.accounts = self._rows(Account)
        self.freelancers = self._rows(Freelancer)
        self.jobs = self._rows(Job)
        self.proposals = self._rows(Proposal)
        self.invitations = self._rows(Invitation)
        self.contacts = self._rows(Contact)
        self.purchases = self._rows(Purchase)
        # Nearly every request needs these. SQLite would read the halves in sequence.
        in_halves = database.dialect == "postgres"
        wallets = _in_order(self._wallets)
        self.wallets: BatchLoader[UUID, Wallet | None] = BatchLoader(
            wallets, BATCH_LIMIT, in_halves=in_halves
        )
        self.entries: BatchLoader[Sequenced, Entry | None] = _loader(self._entries)
        self.lots: BatchLoader[LotAt, Lot | None] = _loader(partial(lots.read, database))
        self.draws: BatchLoader[Sequenced, list[Draw]] = _loader(self._draws)
        self.paying_entries: BatchLoader[tuple[UUID, UUID], Entry | None] = _loader(
            self._paying_entries
        )
        self.returning_entries: BatchLoader[tuple[UUID, UUID], Entry | None] = _loader(
            self._returning_entries
        )
        own_accounts = _in_order(self._own_accounts)
        self.own_accounts: RememberingLoader[tuple[UUID, UUID], Account | None] = RememberingLoader(
            own_accounts, BATCH_LIMIT
        )
        self.newest_entries: BatchLoader[EntriesBelow, list[ListedEntry]] = BatchLoader(
            partial(entry_pages.read, database), BATCH_LIMIT, in_halves=in_halves
        )
        self.accounts_of_users: BatchLoader[UUID, list[Account] | None] = _loader(
            self._accounts_of_users
        )
        self.invitees: BatchLoader[Asked, Invitee] = _loader(partial(invitees.read, database))
        self.open_holds: BatchLoader[UUID, list[OpenHold]] = _loader(self._open_holds)
        self.boosts_of_jobs: BatchLoader[UUID, list[Boost]] = _loader(self._boosts_of_jobs)
        self.unlocked: BatchLoader[tuple[UUID, UUID], bool] = _loader(self._unlocked)
        self._price_lists: BatchLoader[None, PriceList] = BatchLoader(
            self._read_prices, BATCH_LIMIT
        )
        self.inclusions: BatchLoader[HeadUpTo, Inclusion | None] = BatchLoader(
            _in_order(partial(inclusions.read, database)), INCLUSIONS_TOGETHER
        )

    async def has_ended_hold(self, account_id: UUID, now: int) -> bool:
        """Returns whether a hold of the account's wallet is due to be captured or released."""
        return any(hold.is_ended(now) for hold in await self.open_holds.load(account_id))

    def prices(self) -> "asyncio.Future[PriceList]":
        """Returns a future of the entire current price list."""
        return self._price_lists.load(None)

    async def packages(self) -> list[Package]:
        """Returns all packages, including past and future ones."""
        return [package_from(row) for row in await self._database.fetch(PACKAGES)]

    def _rows(self, model: type[M]) -> BatchLoader[UUID, M | None]:
        """Reads rows by id, with one statement for any number of them.

        They are the subjects of a wallet's entries, so a page of entries reads up to five kinds of
        them. A Tortoise query has different text for each number of ids and takes 170 to 200 µs
        more of this process (decision 5).
        """
        table = table_of(model)
        select = f'SELECT {table.selected} FROM "{table.name}" WHERE {table.columns[0].name}'
        statement = SqlStatement(f"{select} {IN_IDS.sqlite}", f"{select} {IN_IDS.postgres}")

        async def by_id(ids: Sequence[UUID]) -> dict[UUID, M]:
            rows = await self._database.fetch(statement, list(set(ids)))
            return {row.pk: row for row in (instance_of(model, row) for row in rows)}

        return _loader(by_id)

    async def _read_prices(self, asked: Sequence[None]) -> list[PriceList]:
        """Reads the price list once for all who ask at the same time: a list's jobs do."""
        return [price_list_from(await self._database.fetch(PRICE_RULES))] * len(asked)

    async def _wallets(self, ids: Sequence[UUID]) -> dict[UUID, Wallet]:
        rows = await self._database.fetch(WALLETS, list(set(ids)))
        return {wallet.account_id: wallet for wallet in map(wallet_from, rows)}

    async def _entries(self, names: Sequence[Sequenced]) -> dict[Sequenced, Entry]:
        rows = await self._database.fetch(_ENTRIES, *_columns(names))
        return {(entry.account_id, entry.sequence): entry for entry in map(entry_from, rows)}

    async def _draws(self, names: Sequence[Sequenced]) -> dict[Sequenced, list[Draw]]:
        rows = await self._database.fetch(_DRAWS, *_columns(names))
        found = grouped(map(draw_from, rows), width=2)
        return {name: found.get(name, []) for name in names}  # type: ignore[misc]

    async def _paying_entries(
        self, names: Sequence[tuple[UUID, UUID]]
    ) -> dict[tuple[UUID, UUID], Entry]:
        """Returns the entry that paid for a subject, or credited it."""
        return _by_subject(await self._database.fetch(_PAYING_ENTRIES, *_columns(names)))

    async def _returning_entries(
        self, names: Sequence[tuple[UUID, UUID]]
    ) -> dict[tuple[UUID, UUID], Entry]:
        """Returns the entry that returned Connects spent on a subject."""
        return _by_subject(await self._database.fetch(_RETURNING_ENTRIES, *_columns(names)))

    async def _own_accounts(
        self, pairs: Sequence[tuple[UUID, UUID]]
    ) -> dict[tuple[UUID, UUID], Account]:
        """Returns an account by (user, account) if the user is a member of it."""
        rows = await self._database.fetch(_OWN_ACCOUNTS, *_columns(pairs))
        found: dict[tuple[UUID, UUID], Account] = {}
        for user_id, *row in rows:
            account = instance_of(Account, row)
            found[as_uuid(user_id), account.id] = account
        return found

    async def _accounts_of_users(self, user_ids: Sequence[UUID]) -> dict[UUID, list[Account]]:
        """Returns the accounts that each user is a member of, oldest first."""
        found: dict[UUID, list[Account]] = {}
        for user_id, *row in await self._database.fetch(_ACCOUNTS_OF_USERS, list(set(user_ids))):
            found.setdefault(as_uuid(user_id), []).append(instance_of(Account, row))
        return found

    async def _open_holds(self, account_ids: Sequence[UUID]) -> dict[UUID, list[OpenHold]]:
        """The boosts for which each account holds Connects."""
        found: dict[UUID, list[OpenHold]] = {account_id: [] for account_id in account_ids}
        for row in await self._database.fetch(OPEN_HOLDS, list(set(account_ids))):
            hold = open_hold_from(row)
            found[hold.boost.account_id].append(hold)
        return found

    async def _boosts_of_jobs(self, job_ids: Sequence[UUID]) -> dict[UUID, list[Boost]]:
        """All boosts of each job, in no order."""
        found: dict[UUID, list[Boost]] = {job_id: [] for job_id in job_ids}
        for row in await self._database.fetch(_BOOSTS_OF_JOBS, list(set(job_ids))):
            boost = instance_of(Boost, row)
            found[boost.job_id].append(boost)
        return found

    async def _unlocked(self, pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], bool]:
        """Whether a user may see a freelancer's contact details, by (user, freelancer)."""
        rows = await self._database.fetch(_UNLOCKED, *_columns(pairs))
        unlocked = {(as_uuid(user), as_uuid(freelancer)) for user, freelancer in rows}
        return {pair: pair in unlocked for pair in pairs}


def _columns(pairs: Sequence[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """Transposes distinct `pairs` into two lists of equal length."""
    distinct = list(dict.fromkeys(pairs))
    return [first for first, _ in distinct], [second for _, second in distinct]


def _by_subject(rows: Sequence[Row]) -> dict[tuple[UUID, UUID], Entry]:
    return {
        (entry.account_id, entry.subject_id): entry
        for entry in map(entry_from, rows)
        if entry.subject_id is not None
    }


def _loader(
    fetch: Callable[[Sequence[K]], Awaitable[dict[K, V]]],
) -> "BatchLoader[K, Any]":
    return BatchLoader(_in_order(fetch), BATCH_LIMIT)


def _in_order(
    fetch: Callable[[Sequence[K]], Awaitable[dict[K, V]]],
) -> Callable[[list[K]], Awaitable[Sequence[V | None]]]:
    async def in_order(keys: list[K]) -> list[V | None]:
        found = await fetch(keys)
        return [found.get(key) for key in keys]

    return in_order
