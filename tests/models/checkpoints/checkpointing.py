"""Wallets with random histories, and checkpoints of them as files."""

import asyncio
import random
from pathlib import Path

from models.checkpoints.files import creating, write_newest
from models.checkpoints.keys import CheckpointKey
from models.checkpoints.making import make_checkpoint
from models.clock import Clock
from models.ledger.ledger import Ledger
from models.rules.kinds import AccountKind
from models.rules.proof.checkpoints import Checkpoint
from models.store.database import Database
from tests.models.builders import Holder, buying, opening, somebody, spending

KEY = CheckpointKey(bytes(range(32)))


async def many_opened(ledger: Ledger, number: int) -> list[Holder]:
    """The holders of new accounts of all kinds."""
    kinds = list(AccountKind)
    holders = [somebody(kinds[n % len(kinds)]) for n in range(number)]
    await asyncio.gather(*(ledger.post(opening(holder)) for holder in holders))
    return holders


async def post_at_random(ledger: Ledger, holders: list[Holder], number: int, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    for _ in range(number):
        holder = draw.choice(holders)
        command = buying(holder, 10) if draw.random() < 0.3 else spending(holder, 1)
        await asyncio.gather(ledger.post(command), return_exceptions=True)


async def checkpoint_in(database: Database, clock: Clock, path: Path) -> Checkpoint:
    """Makes a checkpoint and writes it to `path`."""
    await make_checkpoint(database, clock, KEY)
    with creating(path) as file:
        return await write_newest(database, file)
