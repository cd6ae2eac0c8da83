"""Just enough of an HTTP/1.1 client to keep this server busy.

It works on bytes and shares one event loop, because it runs on the machine that it measures: what
it costs, the server lacks.
"""

import asyncio
import time
from itertools import cycle
from typing import Any

_LENGTH = b"content-length: "


class Requests:
    """Gives one request after the other until the time is up, each with a key of its own."""

    def __init__(self, templates: list[list[bytes]], run: str, key_length: int) -> None:
        self._templates = cycle(templates)
        self._run = run
        self._digits = key_length - len(run)
        self._made = 0
        self.deadline = 0.0

    def next(self) -> bytes | None:
        if time.perf_counter() >= self.deadline:
            return None
        self._made += 1
        return f"{self._run}{self._made:0{self._digits}}".encode().join(next(self._templates))


class Tally:
    """The answers of all connections: how long each success took, and what was none."""

    def __init__(self, success: bytes) -> None:
        self._success = success
        self.latencies: list[float] = []
        self.failures: list[bytes] = []

    def count(self, answer: bytes, seconds: float) -> None:
        if answer.startswith(b"HTTP/1.1 200 ") and self._success in answer:
            self.latencies.append(seconds)
        else:
            self.failures.append(answer)


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered; sets `end` once it is closed."""

    def __init__(self, requests: Requests, tally: Tally, end: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._tally = tally
        self._end = end
        self._transport: Any = None
        self._received = bytearray()
        self._answer_length = 0
        self._sent_at: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def send(self) -> None:
        """Sends the next request, or closes where there is none."""
        request = self._requests.next()
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._answer_length:
            self._answer_length = _answer_length(self._received)
        if self._answer_length and len(self._received) >= self._answer_length:
            assert self._sent_at is not None, "every answer has a request"
            self._tally.count(bytes(self._received), time.perf_counter() - self._sent_at)
            self._received.clear()
            self._answer_length = 0
            self._sent_at = None
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._sent_at is not None:
            self._tally.count(f"The connection was lost: {exc}".encode(), 0)
        self._end.set_result(None)


def _answer_length(received: bytearray) -> int:
    """The length of the whole answer, head and body; 0 while the head is not all there."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    start = received.index(_LENGTH) + len(_LENGTH)
    return end + 4 + int(received[start : received.index(b"\r\n", start)])
