"""HTTP as uvicorn speaks it, with less work for each request, and an end to all waiting.

uvicorn sets a timer after each answer and takes it back with the next request. One for each
connection, which looks now and then, takes 1 µs less of each request, and sees to more.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from schema.sending import GatheringTransport

HEAD_SECONDS: Final = 8.0
"""How long the head of a request may take."""
HEAD_BYTES: Final = 65_536
"""How long it may be, give or take what comes in one piece."""


class HttpProtocol(HttpToolsProtocol):
    """A connection, on a transport that gathers what it writes; WebSockets get the one below it.

    uvicorn waits for good for a connection's first request, for the rest of a head, and where it
    hands on what is no beginning of a WebSocket; none of them could be closed when the server
    stops. Here the first two are given HEAD_SECONDS, and the last is refused. It also takes heads
    of any length, and the body of a request that asks for another protocol for the next request.
    """

    _waits_until: float | None = None
    """When the connection is closed, by the loop's clock; None while a request is answered."""

    _head_length: int | None = None
    """How much has come of a head that is not complete."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(GatheringTransport(transport, self.loop))  # type: ignore[arg-type]
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_length is not None:
            self._head_length += len(data)
            if self._head_length > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_length = 0
        if self._waits_until is not None:
            self._wait(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        self._waits_until = self._head_length = None
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._wait(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._waits_until is None:
            return
        left = self._waits_until - self.loop.time()
        if left > 0:
            self._look_after(left)
        else:
            super().timeout_keep_alive_handler()

    def handle_websocket_upgrade(self) -> None:
        before: RequestResponseCycle | None = self.cycle
        if self._has_body() or self.scope["method"] != "GET":
            self.send_400_response("A WebSocket begins with a GET that has no body.")
        elif before is not None and not before.response_complete:
            self.send_400_response("A WebSocket begins when all requests before it are answered.")
        else:
            assert isinstance(self.transport, GatheringTransport)
            self.transport = self.transport.below
            self._stop_waiting()
            super().handle_websocket_upgrade()
            if self.flow.write_paused:
                # The transport says so once, and said it to this protocol.
                self.transport.get_protocol().pause_writing()

    def _unsupported_upgrade_warning(self) -> None:
        """Answers over HTTP/1.1, once: the parser no longer tells a body from what follows."""
        if self._has_body():
            self.send_400_response("Only WebSockets can be upgraded to. Leave Upgrade out.")
        else:
            self.cycle.keep_alive = False

    def _has_body(self) -> bool:
        headers = dict(self.headers)
        return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"

    def _wait(self, seconds: float) -> None:
        self._waits_until = self.loop.time() + seconds
        if self.timeout_keep_alive_task is None:
            self._look_after(seconds)

    def _look_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            min(seconds, self.timeout_keep_alive), self.timeout_keep_alive_handler
        )

    def _unset_keepalive_if_required(self) -> None:
        """Nothing: what comes puts off the end of the waiting, and the timer sees that."""

    def _stop_waiting(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
