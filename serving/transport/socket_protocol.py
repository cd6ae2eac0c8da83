"""uvicorn's WebSockets, with limits on what a client may send and leave unread.

uvicorn parses all frames of a read at once, answers pings however much is unsent, and has no
timeout for a handshake that it does not understand or for fragments of a message.
"""

import asyncio
from typing import Any, Final

from websockets.frames import CloseCode
from websockets.protocol import State

from serving.internals.uvicorn import ClientDisconnected, WebSocketsSansIOProtocol
from serving.internals.websockets import frames_received

FRAMES: Final = 300
"""How many frames of any kind a connection may send at once.

A client that reconnects subscribes to everything at once: 100 operations and some more frames.
"""
FRAMES_RESTORED: Final = 100
"""How many more frames it may send each second."""
BYTES_PER_FRAME: Final = 8_192
"""Bytes of payload, after decompression, that count as one more frame."""
FRAGMENTS: Final = 1_000
"""How many frames a message may have."""
MESSAGE_SECONDS: Final = 8.0
"""How long a message may take from its first frame to its last."""
PIECE_BYTES: Final = 1_024
"""How much is parsed before frames are counted: up to 170 of the shortest frames."""
STALLED_SECONDS: Final = 10.0
"""How long a client may read nothing while more is unsent than the connection buffers."""
CLOSING_SECONDS: Final = 2.0
"""How long a client may take to complete the closing handshake."""
LINGERING_SECONDS: Final = 3.0
"""When the connection is aborted after that, whatever is unsent."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that is closed with 1008 if its client sends too much.

    Reading is paused while more is unsent than the connection buffers.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.close_timeout = CLOSING_SECONDS
        self._frames_left = float(FRAMES)
        self._counted_at = self.loop.time()
        self._message_began: float | None = None
        self._is_refused = False
        self._unsent = 0
        self._stalled: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._stalled, self._lingering):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:
            self._begin(data)
            return
        for start in range(0, len(data), PIECE_BYTES):
            if self._is_refused or self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE_BYTES])

    def handle_events(self) -> None:
        sizes = [len(frame.data) for frame in frames_received(self.conn)]
        if not self._may_send(sum(1 + size // BYTES_PER_FRAME for size in sizes)):
            self.conn.events_received()
            self._refuse(CloseCode.POLICY_VIOLATION, "Too many messages in a short time.")
            return
        super().handle_events()
        self._look_at_fragments()

    def handle_ping(self) -> None:
        if not self._is_refused:
            super().handle_ping()

    def send_receive_event_to_app(self) -> None:
        self._message_began = None
        if self.curr_msg_data_type == "text" and not _is_utf_8(b"".join(self.frames)):
            self.frames = []
            self._refuse(CloseCode.INVALID_DATA, "Text must be UTF-8.")
            return
        super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.transport.is_closing():
            return
        self._stop_reading()
        self._unsent = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self._look_at_progress)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        if not (self.read_paused or self._is_refused or self.transport.is_closing()):
            self.transport.resume_reading()

    async def receive(self) -> Any:
        message = await super().receive()
        if self._is_refused or not self.writable.is_set():
            self._stop_reading()
        return message

    async def send(self, message: Any) -> None:
        await self.writable.wait()
        if self._is_refused:
            # The application is about to be notified.
            return
        if self.close_sent:
            # By uvicorn, for a client that violates the protocol.
            raise ClientDisconnected
        await super().send(message)

    async def run_asgi(self) -> None:
        await super().run_asgi()
        if not self.disconnected:
            self._lingering = self.loop.call_later(LINGERING_SECONDS, self.transport.abort)

    def _begin(self, head: bytes) -> None:
        """Starts with the complete head of the request."""
        super().data_received(head)
        if not self.handshake_initiated:
            # Too many headers, or too long ones; the parser has prepared the response.
            self.close_sent = self.handshake_complete = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def _may_send(self, frames: int) -> bool:
        now = self.loop.time()
        restored = (now - self._counted_at) * FRAMES_RESTORED
        self._counted_at = now
        self._frames_left = min(FRAMES, self._frames_left + restored) - frames
        return self._frames_left >= 0

    def _look_at_fragments(self) -> None:
        """Refuses a message that has too many fragments or takes too long to complete."""
        if not self.frames:
            return
        now = self.loop.time()
        if self._message_began is None:
            self._message_began = now
        if len(self.frames) > FRAGMENTS:
            self._refuse(CloseCode.POLICY_VIOLATION, "The message has too many fragments.")
        elif now - self._message_began > MESSAGE_SECONDS:
            message = f"The message was not complete in {MESSAGE_SECONDS:g} s."
            self._refuse(CloseCode.POLICY_VIOLATION, message)

    def _look_at_progress(self) -> None:
        """Aborts the connection if nothing was sent since the last check."""
        unsent = self.transport.get_write_buffer_size()
        if unsent >= self._unsent:
            self.transport.abort()
            return
        self._unsent = unsent
        self._stalled = self.loop.call_later(STALLED_SECONDS, self._look_at_progress)

    def _refuse(self, code: CloseCode, reason: str) -> None:
        """Closes the connection and notifies the application, or aborts it if already closing.

        If it were closed immediately with data unread, the client might never see why.
        """
        if self.close_sent or self.conn.state is not State.OPEN:
            self.transport.abort()
            return
        self._is_refused = self.close_sent = True
        self.conn.fail(code, reason)
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._stop_reading()
        self.close_timer = self.loop.call_later(CLOSING_SECONDS, self.transport.abort)

    def _stop_reading(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
