"""WebSockets byte by byte, for clients that do what no library would do for them."""

import socket
import struct
from typing import Final

CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10
HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
PROTOCOL: Final = b"sec-websocket-protocol: graphql-transport-ws\r\n"
DEFLATE: Final = b"sec-websocket-extensions: permessage-deflate\r\n"


def frame(
    opcode: int, payload: bytes = b"", *, final: bool = True, compressed: bool = False
) -> bytes:
    """A frame as clients send it, with a mask that leaves the payload as it is."""
    first = opcode | (0x80 if final else 0) | (0x40 if compressed else 0)
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 65_536:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + b"\0\0\0\0" + payload


class RawSocket:
    """A connection that has asked for a WebSocket, and reads what it is told to read.

    `room` is for how many unread bytes.
    """

    def __init__(
        self, address: tuple[str, int], headers: bytes = PROTOCOL, room: int | None = None
    ) -> None:
        self.connection = socket.socket()
        if room is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.connection.settimeout(20)
        self._unread = b""
        try:
            self.connection.connect(address)
            self.connection.sendall(HANDSHAKE + headers + b"\r\n")
            self.status = self._head()
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> "RawSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _head(self) -> int:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            received = self.connection.recv(1)
            assert received, head
            head += received
        return int(head.split()[1])

    def send(self, data: bytes) -> bool:
        """Whether the server took all of `data` in time, and did not break the connection off."""
        try:
            self.connection.sendall(data)
        except OSError:
            return False
        return True

    def receive(self) -> tuple[int, bytes] | None:
        """The opcode and payload of the next frame; None where the connection is over."""
        head = self._exactly(2)
        if head is None:
            return None
        length = head[1]
        if length >= 126:
            extended = self._exactly(2 if length == 126 else 8)
            assert extended is not None
            length = int.from_bytes(extended)
        payload = self._exactly(length)
        return None if payload is None else (head[0] & 0x0F, payload)

    def closed(self) -> tuple[int, str] | None:
        """The code and reason that the server closes with; None where it does not say them."""
        while (received := self.receive()) is not None:
            opcode, payload = received
            if opcode == CLOSE:
                return int.from_bytes(payload[:2]), payload[2:].decode()
        return None

    def _exactly(self, length: int) -> bytes | None:
        while len(self._unread) < length:
            try:
                received = self.connection.recv(65_536)
            except ConnectionError:
                return None
            if not received:
                return None
            self._unread += received
        taken, self._unread = self._unread[:length], self._unread[length:]
        return taken
