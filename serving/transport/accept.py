"""The header Accept: which ways to answer a client takes, and which it likes best.

Weights and precedence are those of RFC 9110, 12.5.1: the most specific range that fits counts, and
what has the weight 0 is not taken. Streams and pages have to be named, event streams at least as
`text/*`: `*/*` is JSON, and so is a query or a mutation unless event streams are named in full.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

JSON: Final = b"application/json"
GRAPHQL_JSON: Final = b"application/graphql-response+json"
EVENT_STREAM: Final = b"text/event-stream"
MULTIPART: Final = b"multipart/mixed"
_PAGE: Final = b"text/html"
_READ_BYTES: Final = 4_000
_REMEMBERED: Final = 256
"""So many values are remembered, of at most _REMEMBERED_BYTES each."""
_REMEMBERED_BYTES: Final = 300
_RANGE: Final = re.compile(rb'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PARAMETER: Final = re.compile(rb'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+')
_WEIGHT: Final = re.compile(rb"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_SUBSCRIPTIONS: Final = (b"subscriptionspec", b"1.0")
"""The parameter by which Apollo's clients ask for a subscription in parts."""


class Accepted(NamedTuple):
    """How a client is answered."""

    json: bytes
    """The media type of an answer that is one JSON text."""
    stream: bytes | None
    """That of the answers to a subscription; None where the client takes no stream."""
    likes_events: bool
    """Whether a query and a mutation, too, are answered by events."""
    page: bool
    """Whether it is a browser that wants to show a page."""


class _Range(NamedTuple):
    media_type: bytes
    weight: float
    parameters: frozenset[tuple[bytes, bytes]]


def accepted(value: bytes) -> Accepted:
    """How a client with this value of the header is answered; `b""` where it has none."""
    if len(value) > _REMEMBERED_BYTES:
        return _accepted(value[:_READ_BYTES])
    return _remembered(value)


def _accepted(value: bytes) -> Accepted:
    ranges = list(_ranges(value))
    json = _weight(ranges, JSON, b"application/*", b"*/*")
    graphql_json = _weight(ranges, GRAPHQL_JSON)
    events = _weight(ranges, EVENT_STREAM)
    any_text = _weight(ranges, EVENT_STREAM, b"text/*")
    parts = max((one.weight for one in ranges if _asks_for_parts(one)), default=0.0)
    best = max(json, graphql_json)
    streams = {EVENT_STREAM: any_text, MULTIPART: parts}
    stream = max(streams, key=lambda kind: streams[kind])
    page = _weight(ranges, _PAGE)
    return Accepted(
        json=GRAPHQL_JSON if 0 < graphql_json >= json else JSON,
        stream=stream if streams[stream] else None,
        likes_events=events > best,
        page=page > 0 and page >= best,
    )


_remembered = lru_cache(_REMEMBERED)(_accepted)


def _asks_for_parts(one: _Range) -> bool:
    return one.media_type == MULTIPART and _SUBSCRIPTIONS in one.parameters


def _weight(ranges: list[_Range], *kinds: bytes) -> float:
    """That of the first of `kinds` that is named; 0 where none is."""
    for kind in kinds:
        weights = [one.weight for one in ranges if one.media_type == kind]
        if weights:
            return max(weights)
    return 0.0


def _ranges(value: bytes) -> Iterator[_Range]:
    """Those that can be read; what is none is left out."""
    for text in _RANGE.findall(value):
        media_type, *parameters = (part.strip() for part in _PARAMETER.findall(text))
        named = dict(_named(parameter) for parameter in parameters)
        weight = named.pop(b"q", b"1")
        if _WEIGHT.fullmatch(weight):
            yield _Range(media_type.lower(), float(weight), frozenset(named.items()))


def _named(parameter: bytes) -> tuple[bytes, bytes]:
    name, _, value = parameter.partition(b"=")
    return name.strip().lower(), value.strip().strip(b'"')
