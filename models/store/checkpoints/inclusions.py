"""Proofs that wallets are covered by a checkpoint: two statements for any number of wallets."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from models.rules.proof.checkpoints import (
    CHUNK,
    Checkpoint,
    Head,
    Inclusion,
    position_in,
    unpacked,
    written_path,
    written_step,
)
from models.rules.proof.merkle import Neighbour, neighbours
from models.store.checkpoints.rows import CHUNKS_OF_ACCOUNTS, NODES, checkpoint_from
from models.store.database import Database, grouped
from models.store.ledger_tables import as_uuid
from models.store.transactions import Row

INCLUSIONS_TOGETHER: Final = 20
"""How many wallets are read at a time. Each takes half a millisecond of the event loop."""

_NodeKey = tuple[UUID, int, int]


class HeadUpTo(NamedTuple):
    """Names the newest head of a wallet that is in a checkpoint and at most at `sequence`."""

    account_id: UUID
    sequence: int


class _HeadPlace(NamedTuple):
    """Where a head stands in a checkpoint: in which chunk, and where in it."""

    checkpoint: Checkpoint
    chunk: int
    heads: list[Head]
    position: int

    @property
    def neighbours(self) -> list[Neighbour]:
        """The nodes beside the way from the chunk to the root."""
        return neighbours(self.chunk, -(-self.checkpoint.size // CHUNK))


async def read(database: Database, wanted: Sequence[HeadUpTo]) -> dict[HeadUpTo, Inclusion | None]:
    """Returns the proof of each head; None or nothing if no kept checkpoint covers it."""
    accounts = list({head.account_id for head in wanted})
    rows = grouped(await database.fetch(CHUNKS_OF_ACCOUNTS, accounts))
    by_account = {as_uuid(account_id): found for account_id, found in rows.items()}
    places = {
        head: place
        for head in wanted
        if (place := _place_of(head, by_account.get(head.account_id, []))) is not None
    }
    nodes = await _nodes(database, list(places.values()))
    return {head: _inclusion(place, nodes) for head, place in places.items()}


def _place_of(wanted: HeadUpTo, rows: Sequence[Row]) -> _HeadPlace | None:
    """`rows` begin with the newest checkpoint."""
    for _, *row in rows:
        *columns, chunk, stored = row
        position = position_in(stored, wanted.account_id)
        if position is None:
            continue
        heads = unpacked(stored)
        if heads[position].sequence <= wanted.sequence:
            return _HeadPlace(checkpoint_from(columns), chunk, heads, position)
    return None


async def _nodes(database: Database, places: Sequence[_HeadPlace]) -> dict[_NodeKey, bytes]:
    keys = {
        (place.checkpoint.id, beside.level, beside.position): None
        for place in places
        for beside in place.neighbours
    }
    if not keys:
        return {}
    columns = [list(column) for column in zip(*keys, strict=True)]
    rows = await database.fetch(NODES, *columns)
    return {(as_uuid(row[0]), row[1], row[2]): row[3] for row in rows}


def _inclusion(place: _HeadPlace, nodes: dict[_NodeKey, bytes]) -> Inclusion | None:
    """None if the nodes were deleted between the two statements."""
    steps = written_path(place.heads, place.position)
    for beside in place.neighbours:
        node = nodes.get((place.checkpoint.id, beside.level, beside.position))
        if node is None:
            return None
        steps.append(written_step(beside.is_left, node))
    return Inclusion(place.heads[place.position], place.checkpoint, steps)
