"""Files of checkpoints: read back as they were written, and refused where anything was changed."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from models.checkpoints.files import (
    CheckpointFileError,
    creating,
    read_header,
    read_heads,
)
from models.checkpoints.keys import CheckpointKey
from models.ledger.ledger import Ledger
from models.rules.proof.checkpoints import CHUNK
from models.store.database import Database
from models.store.loaders import Loaders
from tests.clocks import ManualClock
from tests.models.checkpoints.checkpointing import KEY, checkpoint_in, many_opened, post_at_random

OTHER_KEY = CheckpointKey(bytes(32))
FLIPS = 300


@pytest.fixture
async def file(database: Database, ledger: Ledger, clock: ManualClock, tmp_path: Path) -> Path:
    """A checkpoint of five wallets."""
    holders = await many_opened(ledger, 5)
    await post_at_random(ledger, holders, 10, seed=5)
    path = tmp_path / "checkpoint.json"
    await checkpoint_in(database, clock, path)
    return path


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def refused(path: Path, public_key: bytes | None = None) -> str:
    with pytest.raises(CheckpointFileError) as refusal:
        read_header(path, public_key)
    message = str(refusal.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("wallets", [0, 1, CHUNK, 2 * CHUNK + 3])
async def test_a_file_has_all_heads_and_is_json(
    database: Database, ledger: Ledger, clock: ManualClock, tmp_path: Path, wallets: int
) -> None:
    holders = await many_opened(ledger, wallets)
    path = tmp_path / "checkpoint.json"

    checkpoint = await checkpoint_in(database, clock, path)

    header = read_header(path, KEY.public)
    assert header == checkpoint[2:]
    heads = list(read_heads(path, header.size))
    found = await Loaders(database).wallets.load_many([holder.account_id for holder in holders])
    expected = [(w.account_id, w.sequence, w.head_hash) for w in found if w is not None]
    assert heads == sorted(expected)
    members = json.loads(content_of(path))
    assert len(members["heads"]) == members["size"] == wallets
    assert members["publicKey"] == KEY.public.hex()


async def test_any_changed_byte_is_noticed(file: Path) -> None:
    content = content_of(file)
    draw = random.Random(1)  # noqa: S311
    places = [*range(len(content[: content.index(b"\n")]) + 1)]
    places += draw.sample(range(len(places), len(content)), FLIPS)

    for place in places:
        changed = bytes([content[place] ^ draw.randrange(1, 256)])
        put(file, content[:place] + changed + content[place + 1 :])

        assert refused(file)
        assert refused(file, KEY.public)


async def test_a_file_cut_off_anywhere_is_noticed(file: Path) -> None:
    content = content_of(file)

    for length in range(0, len(content), 7):
        put(file, content[:length])

        assert refused(file, KEY.public)


def without_a_line(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join([*lines[:2], *lines[3:]])


def with_two_lines_swapped(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join([lines[0], lines[2], lines[1], *lines[3:]])


CHANGES: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("ends before its first line", lambda _: b""),
    ("no checkpoint", lambda _: b"\xff" * 5_000),
    ("no checkpoint", lambda _: b"[" * 100_000),
    ("does not begin like a checkpoint", lambda _: b"{}\n"),
    ("does not begin like a checkpoint", lambda _: b'{"version":1,"heads":[\n]}\n'),
    ("a version that is not known", lambda old: old.replace(b'"version":1', b'"version":2')),
    (
        "does not begin like a checkpoint",
        lambda old: old.replace(b'"version":1', b'"version":true'),
    ),
    ("a signature that does not fit", lambda old: old.replace(b'"size":5', b'"size":4')),
    ("no head, at head 4 of 5", without_a_line),
    ("in another order", with_two_lines_swapped),
    ("more than its 5 heads", lambda old: old + b"\n"),
    ("at its last line", lambda old: old[:-1]),
    ("no head, at head 1 of 5", lambda old: old.replace(b"\n[", b"\n [", 1)),
    ("no head, at head 1 of 5", lambda old: old.replace(b",\n", b", \n", 1)),
]


@pytest.mark.parametrize(("message", "change"), CHANGES)
async def test_what_is_wrong_is_said(
    file: Path, message: str, change: Callable[[bytes], bytes]
) -> None:
    put(file, change(content_of(file)))

    assert message in refused(file)


async def test_a_forged_head_does_not_give_the_root(file: Path) -> None:
    content = content_of(file)
    sequence = json.loads(content)["heads"][0][1]
    put(file, content.replace(b",%d," % sequence, b",%d," % (sequence + 1), 1))

    assert refused(file, KEY.public) == "has heads that do not give its root"


async def test_the_key_of_somebody_else_is_named(file: Path) -> None:
    message = refused(file, OTHER_KEY.public)

    assert message == (
        f"was signed with the key {KEY.public.hex()}, not with {OTHER_KEY.public.hex()}"
    )


async def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.json") == "can't be read: No such file or directory"
    assert refused(tmp_path) == "can't be read: Is a directory"

    for path in (tmp_path, tmp_path / "none" / "checkpoint.json"):
        with pytest.raises(CheckpointFileError, match="can't be written"), creating(path):
            pass


def test_a_file_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), creating(tmp_path / "checkpoint.json") as file:
        file.write(b"new")
        raise RuntimeError

    assert list(tmp_path.iterdir()) == []


def test_an_earlier_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    path.write_text("old")

    with pytest.raises(CheckpointFileError, match="File exists"), creating(path):
        pass

    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {path.name: "old"}
