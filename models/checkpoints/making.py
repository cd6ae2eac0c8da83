"""Makes checkpoints: reads the head of each wallet from one snapshot, stores and signs them.

The ledger is only read. What is read is written page by page in transactions of its own, so that
spends never wait for long, and becomes visible with the checkpoint's row.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from models.checkpoints.keys import CheckpointKey
from models.clock import Clock
from models.identifiers import new_id
from models.rules.proof.checkpoints import (
    CHUNK,
    NO_CHECKPOINT,
    Checkpoint,
    Head,
    chunk_root,
    packed,
    statement,
)
from models.rules.proof.merkle import EMPTY_ROOT, levels
from models.store.checkpoints import rows
from models.store.checkpoints.rows import CHECKPOINT_HEADS, CHECKPOINT_NODE, HEADS
from models.store.database import Database, NextRows, Open
from models.store.transactions import Row

CHUNKS_TOGETHER: Final = 8
"""How many chunks are read and hashed at a time: 2 ms of the event loop."""
ROWS_TOGETHER: Final = 128
"""How many chunks or nodes are written in one transaction: half a megabyte."""
PAGE_SECONDS: Final = 10


class StoppedError(Exception):
    """Making a checkpoint was stopped; nothing of it is left."""


def _always() -> bool:
    return True


async def make_checkpoint(
    database: Database,
    clock: Clock,
    key: CheckpointKey,
    goes_on: Callable[[], bool] = _always,
    *,
    least_age: int = 0,
) -> Checkpoint:
    """Makes a checkpoint over all wallets and returns it.

    Returns that of another process if it was made meanwhile: two at once make one. Returns the
    newest one if it is less than `least_age` microseconds old. Books nothing that is due. Raises
    StoppedError soon after `goes_on` returns False. Must not be cancelled. Memory: a hash for each
    64 wallets.
    """
    checkpoint_id = new_id(clock())
    try:
        async with database.snapshot(apart=True) as open_statement:
            previous = await rows.newest_in(open_statement)
            if previous is not None and clock() < previous.at + least_age:
                return previous
            # After the snapshot was taken: no entry in it is younger.
            at = max(clock(), previous.at) if previous else clock()
            size, top = await _copy(database, open_statement, checkpoint_id, goes_on)
        checkpoint = _signed(checkpoint_id, previous, at, size, top, key)
        async with database.transaction() as transaction:
            is_published = await rows.publish(transaction, checkpoint)
    except BaseException:
        # What is left over otherwise is deleted when the next one is published.
        with suppress(Exception):
            await rows.discard(database, checkpoint_id)
        raise
    if is_published:
        return checkpoint
    await rows.discard(database, checkpoint_id)
    newest = await rows.newest_checkpoint(database)
    assert newest is not None, "another one has its number"
    return newest


def _signed(
    checkpoint_id: UUID,
    previous: Checkpoint | None,
    at: int,
    size: int,
    root: bytes,
    key: CheckpointKey,
) -> Checkpoint:
    before = previous.hash if previous else NO_CHECKPOINT
    return Checkpoint(
        id=checkpoint_id,
        number=previous.number + 1 if previous else 1,
        at=at,
        size=size,
        root=root,
        previous=before,
        signature=key.sign(statement(at, size, root, before)),
        public_key=key.public,
    )


async def _copy(
    database: Database, open_statement: Open, checkpoint_id: UUID, goes_on: Callable[[], bool]
) -> tuple[int, bytes]:
    """Copies the heads of all wallets and the tree above them; returns their number and root."""
    read_more = await open_statement(HEADS)
    roots: list[bytes] = []
    waiting: list[Row] = []
    size = 0
    while page := await _page(read_more):
        heads = [rows.head_from(row) for row in page]
        size += len(heads)
        for start in range(0, len(heads), CHUNK):
            chunk = heads[start : start + CHUNK]
            waiting.append(_row(checkpoint_id, len(roots), chunk))
            roots.append(chunk_root(chunk))
        if len(waiting) >= ROWS_TOGETHER:
            await rows.insert_parts(database, CHECKPOINT_HEADS, waiting)
            waiting = []
        if not goes_on():
            raise StoppedError
    await rows.insert_parts(database, CHECKPOINT_HEADS, waiting)
    top = await _copy_nodes(database, checkpoint_id, roots) if roots else EMPTY_ROOT
    return size, top


async def _page(read_more: NextRows) -> Sequence[Row]:
    async with asyncio.timeout(PAGE_SECONDS):
        return await read_more(CHUNK * CHUNKS_TOGETHER)


def _row(checkpoint_id: UUID, position: int, heads: list[Head]) -> Row:
    return checkpoint_id, heads[0].account_id, position, packed(heads)


async def _copy_nodes(database: Database, checkpoint_id: UUID, roots: list[bytes]) -> bytes:
    *below, (top,) = levels(roots)
    nodes = [
        (checkpoint_id, level, position, node)
        for level, hashes in enumerate(below)
        for position, node in enumerate(hashes)
    ]
    for start in range(0, len(nodes), ROWS_TOGETHER):
        part = nodes[start : start + ROWS_TOGETHER]
        await rows.insert_parts(database, CHECKPOINT_NODE, part)
    return top
