"""Wallets with a very long history, which is good for reads only."""

import sqlite3
from contextlib import closing
from typing import Final
from uuid import UUID

import asyncpg

from models.rules.history.spending import SpendingBy
from models.store.database import Database, dialect_of, sqlite_path
from models.store.history import spending_sums

EACH: Final = """
    'SPEND', -1, 2000000000 - n, 0,
    CASE WHEN n % 5000 = 0 THEN 'POST_JOB' WHEN n % 3 = 0 THEN 'SUBMIT_PROPOSAL'
        WHEN n % 3 = 1 THEN 'INVITE_FREELANCER' ELSE 'CONTACT_FREELANCER' END"""
_INTO: Final = """INSERT INTO entry (account_id, sequence, kind, connects, available_after,
    held_after, action, subject_id, actor_id, created_at, prev_hash, hash)"""
_ON_SQLITE: Final = f"""
    WITH RECURSIVE numbers (n) AS (
        SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
    {_INTO} SELECT :account, n, {EACH}, printf('0192a001-0000-7000-8000-%012x', n),
        CASE n % 2 WHEN 0 THEN :user ELSE :other END,
        :start + CAST(1.0 * n * :length / :last AS INTEGER), zeroblob(32), zeroblob(32)
    FROM numbers
"""
_ON_POSTGRES: Final = f"""
    {_INTO} SELECT $1::uuid, n, {EACH},
        ('0192a001-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        CASE n % 2 WHEN 0 THEN $4::uuid ELSE $5::uuid END,
        $6::bigint + (1.0 * n * $7::bigint / $3::bigint)::bigint,
        decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
    FROM generate_series($2::bigint, $3::bigint) AS n
"""


async def lengthen(
    url: str, account_id: UUID, users: tuple[UUID, UUID], last: int, start: int, length: int
) -> None:
    """Gives a wallet with one entry `last` entries, spread over `length` microseconds."""
    if dialect_of(url) == "sqlite":
        with closing(sqlite3.connect(sqlite_path(url))) as file:
            names = {"account": account_id, "user": users[0], "other": users[1]}
            texts = {name: str(value) for name, value in names.items()}
            numbers = {"first": 2, "last": last, "start": start, "length": length}
            file.execute("DROP TRIGGER entry_is_not_replaced")
            file.execute(_ON_SQLITE, texts | numbers)
            wallet = "UPDATE wallet SET sequence = ? WHERE account_id = ?"
            file.execute(wallet, (last, str(account_id)))
            file.commit()
            file.execute("ANALYZE")
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_ON_POSTGRES, account_id, 2, last, *users, start, length)
        wallet = "UPDATE wallet SET sequence = $2 WHERE account_id = $1"
        await connection.execute(wallet, account_id, last)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def roll_up(database: Database, account_id: UUID, last: int) -> None:
    """Sums all entries, in each way."""
    for by in SpendingBy:
        while await spending_sums.roll_up(database, account_id, by, last, step=50_000):
            pass
