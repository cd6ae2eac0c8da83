"""Heads of wallets, and the signed checkpoints that cover them."""

from typing import Final

import strawberry

from models.rules import facts
from models.rules.proof.checkpoints import Inclusion
from resolvers.history import heads
from schema.context import Info
from schema.types.scalars import Instant
from serving.execution.attributes import attribute
from serving.operations.costs import costs, holds

CHECKPOINT_COST: Final = 10
"""In points: it reads 64 heads and hashes them."""
LEVELS: Final = 20
"""How many steps a proof has among a million wallets."""


@strawberry.type(
    description="A signed statement about the newest entries of all wallets, and the proof that "
    "this wallet is among them. Nothing up to these entries can be changed or removed unnoticed. "
    "docs/proof.md says how to check it."
)
class Checkpoint:
    row: strawberry.Private[Inclusion]

    at: Instant = strawberry.field(
        resolver=attribute("row.checkpoint.at"), description="When the checkpoint was made."
    )
    sequence: int = strawberry.field(
        resolver=attribute("row.head.sequence"),
        description="The number of this wallet's newest entry at that time.",
    )

    @strawberry.field(description="The hash of that entry, in hexadecimal.")
    def hash(self) -> str:
        return self.row.head.hash.hex()

    size: int = strawberry.field(
        resolver=attribute("row.checkpoint.size"), description="The number of wallets."
    )

    @strawberry.field(description="The root of the Merkle tree over all wallets, in hexadecimal.")
    def root(self) -> str:
        return self.row.checkpoint.root.hex()

    @strawberry.field(
        description="The SHA-256 of the previous checkpoint's statement, in hexadecimal. Zeros in "
        "the first checkpoint."
    )
    def previous(self) -> str:
        return self.row.checkpoint.previous.hex()

    @strawberry.field(
        description="The Ed25519 signature of the statement that consists of `at`, `size`, `root` "
        "and `previous`, in hexadecimal."
    )
    def signature(self) -> str:
        return self.row.checkpoint.signature.hex()

    @strawberry.field(
        description="The hashes that lead from this wallet to the root, in order: `L:` or `R:`, "
        "for the left or the right side, then the hash in hexadecimal.",
        metadata=holds(LEVELS),
    )
    def proof(self) -> list[str]:
        return self.row.proof


@strawberry.type(description="The newest entry of a wallet. Its hash covers all entries up to it.")
class LedgerHead:
    row: strawberry.Private[facts.Wallet]

    sequence: int = strawberry.field(
        resolver=attribute("row.sequence"),
        description="The number of the newest entry. 0 if there is none.",
    )

    @strawberry.field(
        description="The SHA-256 of the newest entry and of the hash of the one before it, in "
        "hexadecimal. Zeros if there is no entry."
    )
    def hash(self) -> str:
        return self.row.head_hash.hex()

    @strawberry.field(
        description="The newest checkpoint that covers the wallet. It may prove an older entry "
        "than the newest one. Null if there is none yet.",
        metadata=costs(CHECKPOINT_COST),
    )
    async def checkpoint(self, info: Info) -> Checkpoint | None:
        found = await heads.inclusion(info.context.services, self.row)
        return Checkpoint(row=found) if found else None
