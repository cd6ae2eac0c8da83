"""The tables of checkpoints.

The heads that a checkpoint covers are stored in chunks, with the nodes of the tree above the
chunks, before the checkpoint itself: nobody sees them until its row is there.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from models.rules.proof.checkpoints import Checkpoint, Head
from models.store.database import Database, NextRows, Open
from models.store.ledger_tables import as_uuid
from models.store.statements import Column, SqlStatement, Table, both
from models.store.transactions import Row, Transaction

CHECKPOINT: Final = Table(
    "checkpoint",
    (
        Column("id", "uuid"),
        Column("number", "bigint"),
        Column("at", "bigint"),
        Column("size", "bigint"),
        Column("root", "bytea"),
        Column("previous", "bytea"),
        Column("signature", "bytea"),
        Column("public_key", "bytea"),
    ),
)
CHECKPOINT_HEADS: Final = Table(
    "checkpoint_heads",
    (
        Column("checkpoint_id", "uuid"),
        Column("first_account_id", "uuid"),
        Column("position", "bigint"),
        Column("heads", "bytea"),
    ),
    key_size=2,
)
CHECKPOINT_NODE: Final = Table(
    "checkpoint_node",
    (
        Column("checkpoint_id", "uuid"),
        Column("level", "integer"),
        Column("position", "bigint"),
        Column("hash", "bytea"),
    ),
    key_size=3,
)
KEPT: Final = 2
"""Of how many checkpoints the heads are kept: the newest, and the one before it for operations that
read their wallet before the newest was made. 100,000 wallets take 6 MB each time."""

HEADS: Final = both("SELECT account_id, sequence, head_hash FROM wallet ORDER BY account_id")
NEWEST: Final = both(f"SELECT {CHECKPOINT.selected} FROM checkpoint ORDER BY number DESC LIMIT 1")
_COLUMNS: Final = ", ".join(column.name for column in CHECKPOINT.columns)
_PARAMETERS: Final = ", ".join(f"${number}" for number in range(1, len(CHECKPOINT.columns) + 1))
_INSERT: Final = both(
    f"""
    INSERT INTO checkpoint ({_COLUMNS}) VALUES ({_PARAMETERS})
    ON CONFLICT (number) DO NOTHING RETURNING number
    """
)
_OUTDATED: Final = tuple(
    both(
        f"""
        DELETE FROM {table.name} WHERE checkpoint_id NOT IN (
            SELECT id FROM checkpoint ORDER BY number DESC LIMIT {KEPT})
        """
    )
    for table in (CHECKPOINT_HEADS, CHECKPOINT_NODE)
)
_OF_CHECKPOINT: Final = tuple(
    both(f"DELETE FROM {table.name} WHERE checkpoint_id = $1")
    for table in (CHECKPOINT_HEADS, CHECKPOINT_NODE)
)


def checkpoint_from(row: Row) -> Checkpoint:
    return Checkpoint(as_uuid(row[0]), *row[1:])


def head_from(row: Row) -> Head:
    """Builds a head from a row of HEADS."""
    return Head(as_uuid(row[0]), row[1], row[2])


async def newest_checkpoint(database: Database) -> Checkpoint | None:
    rows = await database.fetch(NEWEST)
    return checkpoint_from(rows[0]) if rows else None


async def newest_in(open_statement: Open) -> Checkpoint | None:
    """Returns the newest checkpoint of a snapshot."""
    rows = await (await open_statement(NEWEST))(1)
    return checkpoint_from(rows[0]) if rows else None


async def open_heads_of(open_statement: Open, checkpoint: Checkpoint) -> NextRows:
    """Opens the chunks of a checkpoint in a snapshot, in order, one row of packed heads each."""
    # The snapshot's statements have no parameters; a UUID is safe in the text of one.
    statement = both(
        f"SELECT heads FROM checkpoint_heads WHERE checkpoint_id = '{UUID(str(checkpoint.id))}'"
        " ORDER BY position"
    )
    return await open_statement(statement)


async def insert_parts(database: Database, table: Table, rows: Sequence[Row]) -> None:
    """Inserts chunks or nodes of a checkpoint that is being made."""
    async with database.transaction() as transaction:
        await transaction.insert(table, rows)


async def publish(transaction: Transaction, checkpoint: Checkpoint) -> bool:
    """Inserts the checkpoint and deletes the heads of old ones.

    Returns False, having changed nothing, if there is one with its number.
    """
    inserted = await transaction.fetch(_INSERT, *checkpoint)
    if not inserted:
        return False
    for statement in _OUTDATED:
        await transaction.fetch(statement)
    return True


async def discard(database: Database, checkpoint_id: UUID) -> None:
    """Deletes the parts of a checkpoint that was not published."""
    async with database.transaction() as transaction:
        for statement in _OF_CHECKPOINT:
            await transaction.fetch(statement, checkpoint_id)


CHUNKS_OF_ACCOUNTS: Final = SqlStatement(
    f"""
    SELECT wanted.value, {CHECKPOINT.selected}, chunk.position, chunk.heads
    FROM json_each(?1) AS wanted
    CROSS JOIN (SELECT * FROM checkpoint ORDER BY number DESC LIMIT {KEPT}) AS checkpoint
    JOIN checkpoint_heads AS chunk ON chunk.checkpoint_id = checkpoint.id
        AND chunk.first_account_id = (
            SELECT first_account_id FROM checkpoint_heads
            WHERE checkpoint_id = checkpoint.id AND first_account_id <= wanted.value
            ORDER BY first_account_id DESC LIMIT 1)
    ORDER BY checkpoint.number DESC
    """,
    f"""
    SELECT wanted.id, {CHECKPOINT.selected}, chunk.position, chunk.heads
    FROM unnest($1::uuid[]) AS wanted (id)
    CROSS JOIN (SELECT * FROM checkpoint ORDER BY number DESC LIMIT {KEPT}) AS checkpoint
    CROSS JOIN LATERAL (
        SELECT position, heads FROM checkpoint_heads
        WHERE checkpoint_id = checkpoint.id AND first_account_id <= wanted.id
        ORDER BY first_account_id DESC LIMIT 1) AS chunk
    ORDER BY checkpoint.number DESC
    """,
)
"""For each account the newest checkpoints, with the chunk in which its head stands, if anywhere."""
NODES: Final = SqlStatement(
    f"""
    SELECT {CHECKPOINT_NODE.selected} FROM checkpoint_node
    WHERE (checkpoint_id, level, position) IN (
        SELECT c.value, l.value, p.value FROM json_each(?1) AS c
        JOIN json_each(?2) AS l ON l.key = c.key JOIN json_each(?3) AS p ON p.key = c.key)
    """,
    f"""
    SELECT {CHECKPOINT_NODE.selected} FROM checkpoint_node
    WHERE (checkpoint_id, level, position) IN (
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::bigint[]))
    """,
)
