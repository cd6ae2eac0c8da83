"""One HTTP request and its response, directly on ASGI.

Starlette's Request, Response and Route serve everything else. For a small query, they took as long
as looking up the user and the operation together.
"""

import asyncio
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from serving.transport.accept import Accepted, accepted
from serving.transport.sending import try_send_whole, whole_body

Headers = tuple[tuple[bytes, bytes], ...]
PIECE_BYTES: Final = 65_536
_NONE: Final[Headers] = ()
_HEAD: Final = (
    b"content-length: %d\r\n"
    b"content-type: %b; charset=utf-8\r\n"
    b"vary: Accept, Authorization\r\n"
    b"x-request-id: %b\r\n"
    b"%b"
)


class DisconnectedError(Exception):
    """The client disconnected before it had sent the entire request."""


class HttpRequest:
    """A request. Header names are in lower case, as in ASGI."""

    __slots__ = (
        "_headers",
        "_receive",
        "accepted",
        "client_address",
        "is_head",
        "method",
        "query_string",
    )

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._headers: dict[bytes, bytes] = scope.get("named_headers") or dict(scope["headers"])
        if len(self._headers) != len(scope["headers"]):
            # A list in several headers is one list.
            accepts = [value for name, value in scope["headers"] if name == b"accept"]
            self._headers[b"accept"] = b",".join(accepts)
        self.accepted: Accepted = accepted(self._headers.get(b"accept", b""))
        """How the client wants to be answered."""
        self._receive = receive
        self.method: str = scope["method"]
        self.is_head = self.method == "HEAD"
        if self.is_head:
            # The server leaves the body out.
            self.method = "GET"
        self.query_string: bytes = scope["query_string"]
        client = scope.get("client")
        self.client_address: str | None = client[0] if client else None

    def header(self, name: bytes) -> str | None:
        """Returns the value of a header; the last one if it is repeated."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    def parameters(self, most: int) -> dict[str, str]:
        """Returns the parameters of the query string; the last one if a name is repeated.

        Raises ValueError if there are more than `most`.
        """
        text = self.query_string.decode("latin-1")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=most))

    def whole_body(self) -> bytes | None:
        """Returns the body once if it has arrived completely; otherwise it comes in chunks."""
        return whole_body(self._receive)

    async def chunk(self) -> tuple[bytes, bool]:
        """Returns the next part of the body, and whether more follows. Raises DisconnectedError."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        return message.get("body", b""), message.get("more_body", False)


class Reply(NamedTuple):
    """A JSON response, as an ASGI application. `media_type` has no parameters."""

    request_id: str
    status: int
    content: bytes
    media_type: bytes
    headers: Headers = _NONE

    def try_send(self, send: Send) -> bool:
        """Sends it immediately. If this returns False, call the reply as an application."""
        return try_send_whole(send, self.status, self._head(), self.content)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        lines = [line.partition(b": ") for line in self._head().split(b"\r\n")[:-1]]
        headers = [(name, value) for name, _, value in lines]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        # Compression processes it in pieces and yields to other tasks in between.
        for start in range(PIECE_BYTES, len(self.content), PIECE_BYTES):
            piece = self.content[start - PIECE_BYTES : start]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)
        rest = (len(self.content) - 1) // PIECE_BYTES * PIECE_BYTES
        await send({"type": "http.response.body", "body": self.content[max(0, rest) :]})

    def _head(self) -> bytes:
        """Returns its header lines."""
        return _HEAD % (
            len(self.content),
            self.media_type,
            self.request_id.encode(),
            b"".join([b"%b: %b\r\n" % header for header in self.headers]),
        )
