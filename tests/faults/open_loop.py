"""A load that does not wait for answers: each request is due at a time of its own.

A process of its own, because what it costs would slow the server's callers down. Takes a plan as
JSON in its first argument and prints what came of it as JSON. Latencies count from when a request
was due, so that a server that stops reading is not flattered.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import cast

import uvloop

LAST_ANSWER_SECONDS = 15.0
HEALTH_EACH_SECONDS = 0.1
RETRY_SECONDS = 1.0
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_OPENED_TOGETHER = 200


@dataclass
class Plan:
    """What is sent. In `body`, KEY and ACCOUNT are replaced.

    `success` is what the answer to a request has that was carried out. `rate` is in requests a
    second; 0 sends on each connection as soon as it has its answer, or after Retry-After.
    """

    port: int
    connections: int
    seconds: float
    rate: float
    run: str
    callers: list[tuple[str, str]]
    body: str
    success: str


@dataclass
class Outcome:
    """What came of it: seconds for each answer with status 200, and counts of all others."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    without_retry_after: int = 0
    refused_seconds: list[float] = field(default_factory=list)
    sent: int = 0


class Connection(asyncio.Protocol):
    """One connection, with at most one request on its way."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._due = 0.0
        self._key = ""

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, key: str, due: float) -> None:
        assert self._transport is not None
        self._key, self._due = key, due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        found = _LENGTH.search(self._received, 0, end + 2) if end >= 0 else None
        if found and len(self._received) >= end + 4 + int(found[1]):
            answer, self._received = self._received, b""
            key, self._key = self._key, ""
            self._load.answered(self, answer, key, self._due)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(self, self._key)


class Load:
    def __init__(self, plan: Plan) -> None:
        self.outcome = Outcome()
        self._plan = plan
        self._idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        self._made = 0
        self._waiting = 0
        self._is_over = False
        self._success = plan.success.encode()
        self._requests = [
            (
                b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                b"authorization: Bearer %b\r\ncontent-length: " % bearer.encode(),
                plan.body.replace("ACCOUNT", account),
            )
            for account, bearer in plan.callers
        ]

    async def run(self) -> Outcome:
        await self._open(self._plan.connections)
        print("open", flush=True)  # noqa: T201 - the test waits for it
        await (self._at_a_rate() if self._plan.rate else self._at_once())
        self._is_over = True
        deadline = time.monotonic() + LAST_ANSWER_SECONDS
        while (self._waiting or self._due) and time.monotonic() < deadline:
            self._send_due()
            await asyncio.sleep(0.01)
        self.outcome.statuses["unanswered"] += self._waiting
        return self.outcome

    async def _open(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        for start in range(0, number, _OPENED_TOGETHER):
            opening = (
                loop.create_connection(lambda: Connection(self), "127.0.0.1", self._plan.port)
                for _ in range(min(_OPENED_TOGETHER, number - start))
            )
            for result in await asyncio.gather(*opening, return_exceptions=True):
                if isinstance(result, BaseException):
                    self.outcome.statuses["not connected"] += 1
                else:
                    self._idle.append(result[1])

    async def _at_once(self) -> None:
        now = time.monotonic()
        until = now + self._plan.seconds
        while time.monotonic() < until:
            while connection := self._next_idle():
                self._send(connection, time.monotonic())
            await asyncio.sleep(0.001)

    async def _at_a_rate(self) -> None:
        began = time.monotonic()
        number = 0
        while (now := time.monotonic()) < began + self._plan.seconds:
            while (due := began + number / self._plan.rate) <= now:
                self._due.append(due)
                number += 1
            self._send_due()
            await asyncio.sleep(0.001)

    def _send_due(self) -> None:
        while self._due and (connection := self._next_idle()):
            self._send(connection, self._due.popleft())

    def _next_idle(self) -> Connection | None:
        """The connection that was used last: the server closes those that are idle for long."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    def _send(self, connection: Connection, due: float) -> None:
        head, body = self._requests[self._made % len(self._requests)]
        key = f"{self._plan.run}_{self._made}"
        self._made += 1
        self._waiting += 1
        content = body.replace("KEY", key).encode()
        connection.send(b"%b%d\r\n\r\n%b" % (head, len(content), content), key, due)
        self.outcome.sent += 1

    def answered(self, connection: Connection, answer: bytes, key: str, due: float) -> None:
        took = time.monotonic() - due
        status = answer[9:12].decode()
        if key:
            self._waiting -= 1
        if status == "200" and self._success not in answer:
            status = answer[-300:].decode()
        self.outcome.statuses[status] += 1
        if status == "200":
            self.outcome.latencies.append(took)
        elif status == "503":
            self.outcome.refused_seconds.append(took)
            self.outcome.without_retry_after += b"\r\nretry-after: " not in answer.lower()
        if status == "503" and not self._plan.rate:
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._idle.append, connection)
        elif b"\r\nconnection: close\r\n" not in answer.lower():
            self._idle.append(connection)

    def lost(self, connection: Connection, key: str) -> None:
        if key:
            self._waiting -= 1
            self.outcome.statuses["lost"] += 1


class HealthChecks:
    """Asks on a new connection each time, as load balancers do, and in a process of its own."""

    def __init__(self, port: int, seconds: float) -> None:
        self.took: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._port = port
        self._seconds = seconds

    async def run(self) -> None:
        until = time.monotonic() + self._seconds
        while time.monotonic() < until:
            began = time.monotonic()
            self.statuses[await self._ask()] += 1
            self.took.append(time.monotonic() - began)
            await asyncio.sleep(HEALTH_EACH_SECONDS)

    async def _ask(self) -> str:
        try:
            async with asyncio.timeout(LAST_ANSWER_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                answer = await reader.read()
                writer.close()
                return answer[9:12].decode()
        except (OSError, TimeoutError) as error:
            return repr(error)


def at(seconds: list[float], part: float) -> float:
    """What so large a part took no longer than."""
    return sorted(seconds)[int(len(seconds) * part)] if seconds else 0.0


def main() -> None:
    plan = json.loads(sys.stdin.read())
    if "body" in plan:
        found = uvloop.run(Load(Plan(**plan)).run())
        outcome = {
            "statuses": found.statuses,
            "without_retry_after": found.without_retry_after,
            "answered": len(found.latencies),
            "p99": at(found.latencies, 0.99),
            "refused_p99": at(found.refused_seconds, 0.99),
        }
    else:
        checks = HealthChecks(**plan)
        uvloop.run(checks.run())
        outcome = {"p90": at(checks.took, 0.9), "statuses": checks.statuses}
    sys.stdout.write(json.dumps(outcome))


if __name__ == "__main__":
    main()
