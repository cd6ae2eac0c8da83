"""Heads of wallets, and the statement about all of them that is signed.

Both are text that anybody can write again: lines that end with a line feed, numbers in decimal,
hashes in lower-case hexadecimal, the first line naming the kind and its version.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from models.rules.instants import rfc3339
from models.rules.proof.merkle import leaf_hash, path, root

HASH_BYTES: Final = 32
VERSION: Final = 1
NO_CHECKPOINT: Final = bytes(HASH_BYTES)
"""What the first checkpoint names as the one before."""
CHUNK_LEVELS: Final = 6
CHUNK: Final = 2**CHUNK_LEVELS
"""How many heads are stored in one row."""
_ID_BYTES: Final = 16
_SEQUENCE_BYTES: Final = 8
_WIDTH: Final = _ID_BYTES + _SEQUENCE_BYTES + HASH_BYTES


class Head(NamedTuple):
    """The newest entry of an account's wallet; sequence 0 and GENESIS before the first."""

    account_id: UUID
    sequence: int
    hash: bytes

    @property
    def leaf(self) -> bytes:
        """The hash of this head as a leaf of the tree."""
        text = f"connects head {VERSION}\n{self.account_id}\n{self.sequence}\n{self.hash.hex()}\n"
        return leaf_hash(text.encode())


class Checkpoint(NamedTuple):
    """A signed root over the heads of all wallets, in the order of their accounts.

    Every entry up to these heads was committed before the instant `at`. `previous` is the hash of
    the statement of the checkpoint before. Fields are in column order.
    """

    id: UUID
    number: int
    at: int
    size: int
    root: bytes
    previous: bytes
    signature: bytes
    public_key: bytes

    @property
    def statement(self) -> bytes:
        return statement(self.at, self.size, self.root, self.previous)

    @property
    def hash(self) -> bytes:
        """What the next checkpoint names as its `previous`."""
        return sha256(self.statement).digest()


class Inclusion(NamedTuple):
    """A head that a checkpoint covers, and the hashes that lead from it to the root.

    A step is written L:HASH or R:HASH, for a hash that stands to the left or to the right.
    """

    head: Head
    checkpoint: Checkpoint
    proof: list[str]


def statement(at: int, size: int, root: bytes, previous: bytes) -> bytes:
    """Returns what is signed: the instant, the number of wallets, the root, the one before."""
    return (
        f"connects checkpoint {VERSION}\n{rfc3339(at)}\n{size}\n{root.hex()}\n{previous.hex()}\n"
    ).encode()


def packed(heads: Sequence[Head]) -> bytes:
    """Returns heads as they are stored, each in as many bytes as the others."""
    return b"".join(
        head.account_id.bytes + head.sequence.to_bytes(_SEQUENCE_BYTES, "big") + head.hash
        for head in heads
    )


def unpacked(stored: bytes) -> list[Head]:
    """Returns the heads that `packed` wrote."""
    return [
        Head(
            UUID(bytes=stored[at : at + _ID_BYTES]),
            int.from_bytes(stored[at + _ID_BYTES : at + _WIDTH - HASH_BYTES], "big"),
            stored[at + _WIDTH - HASH_BYTES : at + _WIDTH],
        )
        for at in range(0, len(stored), _WIDTH)
    ]


def position_in(stored: bytes, account_id: UUID) -> int | None:
    """Returns where an account's head stands among packed heads; None if it is not there."""
    wanted = account_id.bytes
    starts = range(0, len(stored), _WIDTH)
    return next((at // _WIDTH for at in starts if stored[at : at + _ID_BYTES] == wanted), None)


def chunk_root(heads: Sequence[Head]) -> bytes:
    """Returns the node of the tree over one chunk of heads."""
    return root([head.leaf for head in heads])


def written_path(heads: Sequence[Head], position: int) -> list[str]:
    """Returns the steps from the head at `position` to the root of its chunk."""
    steps = path([head.leaf for head in heads], position)
    return [written_step(step.is_left, step.hash) for step in steps]


def written_step(is_left: bool, joined: bytes) -> str:
    return f"{'L' if is_left else 'R'}:{joined.hex()}"
