"""Checkpoints as files: JSON, with a head on each line, written and read a line at a time.

A file has one form only. Each of its lines is compared with what would have been written, so that
no changed byte goes unnoticed.
"""

import errno
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple
from uuid import UUID

import orjson

from models.checkpoints.keys import is_signed, parse_32_bytes
from models.rules.instants import parse_rfc3339, rfc3339
from models.rules.proof.checkpoints import (
    HASH_BYTES,
    VERSION,
    Checkpoint,
    Head,
    statement,
    unpacked,
)
from models.rules.proof.merkle import GrowingTree
from models.store.checkpoints.rows import newest_in, open_heads_of
from models.store.database import Database

CHUNKS_TOGETHER: Final = 32
LONGEST_LINE: Final = 1_000
LARGEST_SEQUENCE: Final = 2**63 - 1
_END: Final = b"]}\n"
_SIGNATURE: Final = re.compile("[0-9a-f]{128}")


class CheckpointFileError(Exception):
    """A file is no checkpoint, or was changed; the message says what is wrong, in one line."""


class FileHeader(NamedTuple):
    """The first line of a file: a checkpoint without what only the database needs."""

    at: int
    size: int
    root: bytes
    previous: bytes
    signature: bytes
    public_key: bytes

    @property
    def statement(self) -> bytes:
        return statement(self.at, self.size, self.root, self.previous)


@contextmanager
def creating(path: Path) -> Iterator[IO[bytes]]:
    """A file that becomes `path` at the end, unless there is an error.

    Raises CheckpointFileError if it cannot be written, and if `path` exists: an earlier checkpoint
    is evidence.
    """
    try:
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except (OSError, ValueError) as error:
        raise CheckpointFileError(f"can't be written: {_reason(error)}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


async def write_newest(database: Database, file: IO[bytes]) -> Checkpoint:
    """Writes the newest checkpoint to `file` and returns it. There must be one."""
    async with database.snapshot(apart=True) as open_statement:
        checkpoint = await newest_in(open_statement)
        assert checkpoint is not None
        file.write(_header_line(_header_of(checkpoint)))
        read_more = await open_heads_of(open_statement, checkpoint)
        written = 0
        while rows := await read_more(CHUNKS_TOGETHER):
            for (stored,) in rows:
                for head in unpacked(stored):
                    written += 1
                    file.write(_head_line(head, written == checkpoint.size))
        file.write(_END)
        return checkpoint


def read_header(path: Path, public_key: bytes | None) -> FileHeader:
    """Reads the whole file and checks it: its form, its root and its signature.

    `public_key` is the key that it must be signed with; None for the one that it names itself.
    Raises CheckpointFileError.
    """
    with _opened(path) as file:
        header = _read_header_line(file)
        if public_key not in (None, header.public_key):
            raise CheckpointFileError(
                f"was signed with the key {header.public_key.hex()}, not with {public_key.hex()}"
            )
        if not is_signed(header.statement, header.signature, header.public_key):
            raise CheckpointFileError(
                "has a signature that does not fit its time, size, root, previous and publicKey"
            )
        tree = GrowingTree()
        for head in _read_heads(file, header.size):
            tree.add(head.leaf)
    if tree.root != header.root:
        raise CheckpointFileError("has heads that do not give its root")
    return header


def read_heads(path: Path, size: int) -> Iterator[Head]:
    """Reads the heads of a file, in order. Raises CheckpointFileError."""
    with _opened(path) as file:
        _read_header_line(file)
        yield from _read_heads(file, size)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise CheckpointFileError(f"can't be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _header_of(checkpoint: Checkpoint) -> FileHeader:
    return FileHeader(*(getattr(checkpoint, name) for name in FileHeader._fields))


def _header_line(header: FileHeader) -> bytes:
    members = {
        "version": VERSION,
        "at": rfc3339(header.at),
        "size": header.size,
        "root": header.root.hex(),
        "previous": header.previous.hex(),
        "signature": header.signature.hex(),
        "publicKey": header.public_key.hex(),
    }
    return orjson.dumps(members)[:-1] + b',"heads":[\n'


def _head_line(head: Head, is_last: bool) -> bytes:
    line = f'["{head.account_id}",{head.sequence},"{head.hash.hex()}"]'
    return f"{line}\n".encode() if is_last else f"{line},\n".encode()


def _line(file: IO[bytes], name: str) -> bytes:
    """Reads a line that ends with a line feed."""
    line = file.readline(LONGEST_LINE)
    if not line:
        raise CheckpointFileError(f"ends before {name}")
    if not line.endswith(b"\n"):
        raise CheckpointFileError(f"is cut off, or no checkpoint, at {name}")
    return line


def _read_header_line(file: IO[bytes]) -> FileHeader:
    line = _line(file, "its first line")
    wrong = CheckpointFileError("does not begin like a checkpoint")
    try:
        members = orjson.loads(line[:-1] + b"]}")
    except orjson.JSONDecodeError:
        raise wrong from None
    if not isinstance(members, dict) or "version" not in members:
        raise wrong
    if members["version"] != VERSION:
        raise CheckpointFileError(
            f"is of a version that is not known here, not of version {VERSION}"
        )
    try:
        header = _header_from(members)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise wrong from None
    if _header_line(header) != line:
        raise wrong
    return header


def _header_from(members: dict[str, Any]) -> FileHeader:
    if type(members["size"]) is not int or not 0 <= members["size"] <= LARGEST_SEQUENCE:
        raise ValueError
    if not _SIGNATURE.fullmatch(members["signature"]):
        raise ValueError
    return FileHeader(
        at=parse_rfc3339(members["at"]),
        size=members["size"],
        root=parse_32_bytes(members["root"]),
        previous=parse_32_bytes(members["previous"]),
        signature=bytes.fromhex(members["signature"]),
        public_key=parse_32_bytes(members["publicKey"]),
    )


def _read_heads(file: IO[bytes], size: int) -> Iterator[Head]:
    """Reads what follows the first line, to the end of the file."""
    last = ""
    for number in range(1, size + 1):
        name = f"head {number:,} of {size:,}"
        line = _line(file, name)
        head = _head_from(line)
        if head is None or _head_line(head, number == size) != line:
            raise CheckpointFileError(f"has a line that is no head, at {name}")
        if str(head.account_id) <= last:
            raise CheckpointFileError(f"has its heads in another order, at {name}")
        last = str(head.account_id)
        yield head
    if _line(file, "its last line") != _END or file.read(1):
        raise CheckpointFileError(f"has more than its {size:,} heads")


def _head_from(line: bytes) -> Head | None:
    try:
        account_id, sequence, hash_text = orjson.loads(line.rstrip(b"\n").removesuffix(b","))
        head = Head(UUID(account_id), sequence, bytes.fromhex(hash_text))
    except (AttributeError, TypeError, ValueError):
        return None
    is_number = type(sequence) is int and 0 <= sequence <= LARGEST_SEQUENCE
    return head if is_number and len(head.hash) == HASH_BYTES else None
