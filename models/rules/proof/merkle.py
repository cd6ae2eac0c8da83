"""Merkle trees as in RFC 6962, section 2.1.

A leaf's hash is SHA-256 of a zero byte and the leaf, a node's that of a one byte and its two
children, so that no node passes for a leaf. Level by level, neighbours are joined in pairs; the
last one of an odd number goes up as it is. That gives the tree of the RFC.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

EMPTY_ROOT: Final = sha256(b"").digest()
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


class PathStep(NamedTuple):
    """One step from a leaf to the root: the hash to join with, and whether it is on the left."""

    is_left: bool
    hash: bytes


class Neighbour(NamedTuple):
    """Where the hash of a step stands: its level, from 0, and its position in the level."""

    level: int
    position: int
    is_left: bool


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


def levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Returns the levels over `hashes`, at least one: these first, then up to the root."""
    found = [list(hashes)]
    while len(found[-1]) > 1:
        below = found[-1]
        above = [node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)]
        found.append(above + below[len(above) * 2 :])
    return found


def root(hashes: Sequence[bytes]) -> bytes:
    """Returns the root over the hashes of the leaves; EMPTY_ROOT if there are none."""
    return levels(hashes)[-1][0] if hashes else EMPTY_ROOT


def neighbours(position: int, size: int) -> list[Neighbour]:
    """Returns where the hashes of the path of one of `size` leaves stand, from the leaf up."""
    found = []
    level = 0
    while size > 1:
        beside = position ^ 1
        if beside < size:
            found.append(Neighbour(level, beside, beside < position))
        position, size, level = position // 2, (size + 1) // 2, level + 1
    return found


def path(hashes: Sequence[bytes], position: int) -> list[PathStep]:
    """Returns the steps from the leaf at `position` to the root over `hashes`."""
    found = levels(hashes)
    return [
        PathStep(beside.is_left, found[beside.level][beside.position])
        for beside in neighbours(position, len(hashes))
    ]


def root_of(leaf: bytes, steps: Sequence[PathStep]) -> bytes:
    """Returns the root that `steps` lead to from the hash of a leaf."""
    reached = leaf
    for step in steps:
        reached = node_hash(step.hash, reached) if step.is_left else node_hash(reached, step.hash)
    return reached


class GrowingTree:
    """The root over leaves that come one after the other; keeps one hash for each level."""

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[bytes] = []
        """The roots of the complete trees so far, the largest first."""

    def add(self, leaf: bytes) -> None:
        """Adds the hash of the next leaf."""
        joined, self.size = leaf, self.size + 1
        size = self.size
        while size % 2 == 0:
            joined = node_hash(self._complete.pop(), joined)
            size //= 2
        self._complete.append(joined)

    @property
    def root(self) -> bytes:
        if not self._complete:
            return EMPTY_ROOT
        *others, joined = self._complete
        for left in reversed(others):
            joined = node_hash(left, joined)
        return joined
