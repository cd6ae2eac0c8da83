"""Encodes large data as JSON in pieces: ten megabytes at once take up to 50 ms."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import orjson

BYTES_AT_ONCE: Final = 250_000
_TOGETHER: Final = 100
"""How many values of flat objects form a piece."""
_HOLDERS: Final = frozenset({dict, list})


class TooLargeError(Exception):
    """The JSON text exceeds the limit."""


class Encoded:
    """JSON text that stands for a value."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content


async def encoded(value: Any, most: int) -> Encoded:
    """Encodes `value` as JSON, yielding to other tasks in between.

    Raises TooLargeError if it is longer than `most` bytes.
    """
    parts: list[bytes] = []
    length = since = 0
    for piece in _pieces(value):
        parts.append(piece)
        length += len(piece)
        since += len(piece)
        if length > most:
            raise TooLargeError
        if since > BYTES_AT_ONCE:
            since = 0
            await asyncio.sleep(0)
    return Encoded(b"".join(parts))


def _pieces(value: Any) -> Iterator[bytes]:
    if type(value) is dict and not _is_flat(value):
        before = b"{"
        for key, part in value.items():
            yield before + orjson.dumps(key) + b":"
            yield from _pieces(part)
            before = b","
        yield b"}"
    elif type(value) is list and value:
        yield from _pieces_of_list(value)
    else:
        yield orjson.dumps(value)


def _pieces_of_list(items: list[Any]) -> Iterator[bytes]:
    before = b"["
    if all(map(_is_flat, items)):
        fields = max(len(item) if type(item) is dict else 1 for item in items)
        size = max(1, _TOGETHER // max(1, fields))
        for start in range(0, len(items), size):
            yield before + orjson.dumps(items[start : start + size])[1:-1]
            before = b","
    else:
        for item in items:
            yield before
            yield from _pieces(item)
            before = b","
    yield b"]"


def _is_flat(value: Any) -> bool:
    """Whether it contains no nested containers."""
    if type(value) is list:
        return False
    return type(value) is not dict or _HOLDERS.isdisjoint(map(type, value.values()))
