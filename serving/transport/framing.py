"""How a stream of answers is written: as server-sent events, or as parts of one response."""

from collections.abc import Callable
from typing import Final, NamedTuple

from serving.transport import accept


class Framing(NamedTuple):
    """`content_type` is the header's; `around` gives the bytes of one answer, with its id."""

    content_type: str
    opening: bytes
    around: Callable[[bytes, str | None], bytes]
    alive: bytes
    """Sent where there was nothing else for a while."""
    alive_seconds: float
    complete: bytes


def _event(content: bytes, event_id: str | None) -> bytes:
    named = b"" if event_id is None else b"id: %b\n" % event_id.encode()
    return b"event: next\n%bdata: %b\n\n" % (named, content)


def _part(content: bytes, _event_id: str | None) -> bytes:
    # With the boundary behind it, so that it is read before the next one comes.
    return b'%b{"payload":%b}%b' % (_PART_HEAD, content, _BOUNDARY)


_BOUNDARY: Final = b"\r\n--graphql"
_PART_HEAD: Final = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"

EVENTS: Final = Framing(
    content_type="text/event-stream; charset=utf-8",
    opening=b"",
    around=_event,
    alive=b":\n\n",
    alive_seconds=12.0,
    complete=b"event: complete\ndata: \n\n",
)
"""The "distinct connections mode" of GraphQL over SSE. Without `complete`, the client comes again.

An event has an id where the application gives it one; clients send it as Last-Event-ID.
"""
PARTS: Final = Framing(
    content_type='multipart/mixed; boundary="graphql"; subscriptionSpec=1.0',
    opening=_BOUNDARY,
    around=_part,
    alive=b"%b{}%b" % (_PART_HEAD, _BOUNDARY),
    alive_seconds=5.0,
    complete=b"--\r\n",
)
"""Apollo's protocol for subscriptions over HTTP."""
FRAMINGS: Final = {accept.EVENT_STREAM: EVENTS, accept.MULTIPART: PARTS}
