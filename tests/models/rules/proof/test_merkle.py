"""Trees of heads: every path leads to the root, and nothing else does."""

from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.proof.checkpoints import (
    CHUNK,
    Head,
    chunk_root,
    packed,
    position_in,
    statement,
    unpacked,
)
from models.rules.proof.merkle import (
    EMPTY_ROOT,
    GrowingTree,
    PathStep,
    leaf_hash,
    neighbours,
    path,
    root,
    root_of,
)

SIZES = (0, 1, 2, 3, 7, 8, 9, 100)
LEAVES = st.lists(st.binary(max_size=40), min_size=1, max_size=40)


def naive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def numbered(size: int) -> list[bytes]:
    return [str(number).encode() for number in range(size)]


@pytest.mark.parametrize("size", SIZES)
def test_a_root_is_that_of_the_rfc(size: int) -> None:
    leaves = numbered(size)

    assert root([leaf_hash(leaf) for leaf in leaves]) == naive_root(leaves)


def test_known_roots_of_certificate_transparency() -> None:
    """The test vectors of Google's certificate-transparency repository."""
    leaves = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
    known = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    }

    for size, expected in known.items():
        assert root([leaf_hash(leaf) for leaf in leaves[:size]]).hex() == expected


@settings(max_examples=40)
@given(LEAVES)
def test_every_path_leads_to_the_root_and_a_growing_tree_has_the_same(leaves: list[bytes]) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    growing = GrowingTree()
    for leaf in hashes:
        growing.add(leaf)

    expected = naive_root(leaves)
    assert growing.root == root(hashes) == expected
    for position, leaf in enumerate(hashes):
        steps = path(hashes, position)
        assert root_of(leaf, steps) == expected
        assert len(steps) == len(neighbours(position, len(hashes)))


@pytest.mark.parametrize("size", SIZES)
def test_a_growing_tree_has_the_root_of_each_size(size: int) -> None:
    growing = GrowingTree()
    for leaf in numbered(size):
        growing.add(leaf_hash(leaf))

    assert (growing.size, growing.root) == (size, naive_root(numbered(size)))
    assert growing.root == EMPTY_ROOT or size


@given(LEAVES, st.data())
def test_a_changed_byte_leads_elsewhere(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    position = data.draw(st.integers(0, len(hashes) - 1))
    steps = path(hashes, position)
    flipped = data.draw(st.integers(1, 255))
    byte = data.draw(st.integers(0, 31))
    place = data.draw(st.integers(-1, len(steps) - 1))

    def changed(given: bytes) -> bytes:
        return given[:byte] + bytes([given[byte] ^ flipped]) + given[byte + 1 :]

    leaf = changed(hashes[position]) if place < 0 else hashes[position]
    if place >= 0:
        steps[place] = steps[place]._replace(hash=changed(steps[place].hash))

    assert root_of(leaf, steps) != root(hashes)


@pytest.mark.parametrize("size", [size for size in SIZES if size > 1])
def test_the_path_of_another_position_leads_elsewhere(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in numbered(size)]
    expected = root(hashes)

    for position, leaf in enumerate(hashes):
        for other in range(size):
            reached = root_of(leaf, path(hashes, other))
            assert (reached == expected) == (other == position)


@pytest.mark.parametrize("size", [size for size in SIZES if size > 1])
def test_a_path_with_a_side_changed_a_step_left_out_or_added_leads_elsewhere(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in numbered(size)]
    expected = root(hashes)

    for position, leaf in enumerate(hashes):
        steps = path(hashes, position)
        for at, step in enumerate(steps):
            turned = [*steps[:at], PathStep(not step.is_left, step.hash), *steps[at + 1 :]]
            shorter = steps[:at] + steps[at + 1 :]
            assert expected not in (root_of(leaf, turned), root_of(leaf, shorter))
        assert root_of(leaf, [*steps, PathStep(True, leaf)]) != expected


def heads(size: int) -> list[Head]:
    return [Head(UUID(int=n * 7 + 1), n, bytes([n % 256]) * 32) for n in range(size)]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
def test_the_roots_of_chunks_are_nodes_of_the_tree(size: int) -> None:
    all_heads = heads(size)
    chunks = [all_heads[at : at + CHUNK] for at in range(0, size, CHUNK)]

    assert root([chunk_root(chunk) for chunk in chunks]) == root([head.leaf for head in all_heads])


def test_heads_are_stored_and_found_again() -> None:
    all_heads = heads(CHUNK)
    stored = packed(all_heads)

    assert unpacked(stored) == all_heads
    assert [position_in(stored, head.account_id) for head in all_heads] == list(range(CHUNK))
    assert position_in(stored, UUID(int=3)) is None


def test_a_leaf_names_all_of_its_head_and_is_written_as_documented() -> None:
    head = Head(UUID(int=1), 5, bytes(31) + b"\x01")
    text = f"connects head 1\n{UUID(int=1)}\n5\n{'00' * 31}01\n".encode()

    assert head.leaf == sha256(b"\x00" + text).digest()
    others = [
        head._replace(account_id=UUID(int=2)),
        head._replace(sequence=6),
        head._replace(hash=bytes(32)),
    ]
    assert head.leaf not in [other.leaf for other in others]


def test_a_statement_is_written_as_documented() -> None:
    expected = "connects checkpoint 1\n1970-01-01T00:00:00.000001Z\n3\n" + "01" * 32 + "\n"

    assert statement(1, 3, b"\x01" * 32, bytes(32)) == (expected + "00" * 32 + "\n").encode()
