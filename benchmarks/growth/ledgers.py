"""Ledgers of this server on PostgreSQL: sound ones, and big ones that are only good for reads."""

import asyncio
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from benchmarks import databases, ours
from benchmarks.contestants import Served, served
from benchmarks.processes import connects_server
from benchmarks.wallets import Seeded, seed
from benchmarks.works import Form

ENTRIES: Final = 25
"""Entries of each wallet, unless specified otherwise."""

# Restored by the statements that the catalogue stores: rows load faster without them.
_INDEXES: Final = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = 'entry' AND indexname <> 'entry_pkey'
"""
_LENGTHEN: Final = """
    INSERT INTO entry (account_id, sequence, kind, connects, available_after, held_after, action,
        subject_id, actor_id, created_at, prev_hash, hash)
    SELECT w.account_id, n, 'SPEND', -1, 2000000000 - n, 0, 'POST_JOB',
        ('0192a001-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, m.user_id,
        w.updated_at + n, sha256('before'), sha256('after')
    FROM wallet AS w JOIN membership AS m USING (account_id)
    CROSS JOIN generate_series(w.sequence + 1, $2) AS n
    WHERE w.account_id = ANY($1::uuid[])
"""
_HEADS: Final = "UPDATE wallet SET sequence = $2 WHERE account_id = ANY($1::uuid[])"


class Filled(NamedTuple):
    """A database with wallets, and the secret that signs their owners' tokens."""

    url: str
    seeded: Seeded
    secret: str


@contextmanager
def filled(postgres: str, wallets: int, lots: Sequence[int] = ()) -> Iterator[Filled]:
    """Creates a database with `wallets` wallets on the server at the URL `postgres`."""
    with databases.postgres_on(postgres) as database:
        seeded = seed(database.url, wallets, ENTRIES, lots)
        yield Filled(database.url, seeded, secrets.token_urlsafe(48))


@contextmanager
def served_on(ledger: Filled, forms: Mapping[str, Form] | None = None) -> Iterator[Served]:
    """Starts this server on that database."""
    asked = ours.forms(ledger.seeded, ledger.secret) if forms is None else forms
    with connects_server(ledger.url, ledger.secret) as server:
        yield served(server, ledger.url, asked)


def lengthen(ledger: Filled, lengths: Mapping[int, Sequence[UUID]]) -> None:
    """Extends wallets to `lengths` entries, which are good for reads only."""
    asyncio.run(_lengthen(ledger.url, lengths))


async def _lengthen(url: str, lengths: Mapping[int, Sequence[UUID]]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET synchronous_commit = off")
        indexes = await connection.fetch(_INDEXES)
        for name, _ in indexes:
            await connection.execute(f'DROP INDEX "{name}"')
        for length, accounts in lengths.items():
            await connection.execute(_LENGTHEN, accounts, length)
            await connection.execute(_HEADS, accounts, length)
        for _, definition in indexes:
            await connection.execute(definition)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
