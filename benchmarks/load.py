"""The load generator: a process that keeps CONNECTIONS requests in flight, or sends at a rate.

Reads a plan as JSON from standard input and writes a result as JSON to standard output. It uses
plain sockets and bytes, because it runs on the measured machine and competes with the server.
`cpu_seconds` in the result is its own processor time.
"""

import re
import resource
import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

import orjson

from benchmarks.plans import KEY, PICK, Plan

CONNECTIONS: Final = 32
LAST_ANSWER_SECONDS: Final = 20
SHOWN: Final = 1000
"""How many bytes of a failed response are shown."""
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_RECEIVED: Final = 65_536


class Result(NamedTuple):
    """The result of one plan. `made`: requests sent; `first_failure`: the first failed response."""

    made: int
    successes: int
    failures: int
    seconds: float
    cpu_seconds: float
    p50_ms: float
    p99_ms: float
    first_failure: str

    @property
    def per_second(self) -> float:
        return self.successes / self.seconds


class Requests:
    """Yields the plan's requests in turn, each with its own key and pick."""

    def __init__(self, plan: Plan) -> None:
        self._templates = [re.split(f"{PICK}|{KEY}", text) for text in plan.templates]
        self._picks = plan.picks or [""]
        self._run = plan.run
        self._first = plan.first
        self.made = 0

    def next(self) -> bytes:
        number = self._first + self.made
        self.made += 1
        turn, place = divmod(number, len(self._templates))
        parts = self._templates[place]
        if len(parts) == 1:
            return parts[0].encode()
        before, between, after = parts
        pick = self._picks[turn % len(self._picks)]
        return f"{before}{pick}{between}{self._run}{number:012}{after}".encode()


class Tally:
    """Counts successes and failures, and records the seconds of each success."""

    def __init__(self, plan: Plan) -> None:
        self._success = plan.success.encode()
        self._times = plan.times
        self.latencies: list[float] = []
        self.failures: list[bytes] = []

    def count(self, answer: bytes, seconds: float) -> None:
        if (
            answer.startswith(b"HTTP/1.1 200 ")
            and answer.count(self._success) == self._times
            and b'"errors"' not in answer
        ):
            self.latencies.append(seconds)
        else:
            self.failures.append(answer)


class Connection:
    """One socket; `since` is when the request in flight was sent, or should have been."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self._received = b""
        self._length = 0

    def send(self, request: bytes, since: float) -> None:
        self.since = since
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """Returns the response; None while it is incomplete. Raises if the connection is lost."""
        data = self.socket.recv(_RECEIVED)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        self._received += data
        if not self._length:
            self._length = _answer_length(self._received)
        if not self._length or len(self._received) < self._length:
            return None
        answer, self._received, self._length = self._received, b"", 0
        return answer


def _answer_length(received: bytes) -> int:
    """Returns the length of the response, head and body; 0 while the head is incomplete."""
    end = received.find(b"\r\n\r\n")
    found = _LENGTH.search(received, 0, end + 2) if end >= 0 else None
    return end + 4 + int(found[1]) if found else 0


class Load:
    """Connections that execute a plan. Without a rate each sends as soon as it has a response."""

    def __init__(self, plan: Plan) -> None:
        self.requests = Requests(plan)
        self.tally = Tally(plan)
        self._plan = plan
        self._selector = selectors.DefaultSelector()
        self._idle: deque[Connection] = deque()
        for _ in range(CONNECTIONS):
            connection = Connection(plan.port)
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            self._idle.append(connection)

    def run(self) -> float:
        """Sends until the plan's time is up and awaits the last responses; returns the seconds."""
        started = time.perf_counter()
        deadline = started + self._plan.seconds
        due = self._due(started)
        upcoming = next(due)
        while True:
            now = time.perf_counter()
            while self._idle and upcoming <= now and self._sending(now, deadline):
                self._idle.popleft().send(self.requests.next(), upcoming if self._rate else now)
                upcoming = next(due)
            sending = self._sending(now, deadline)
            if len(self._idle) == self._connections and not sending:
                return time.perf_counter() - started
            if now > deadline + LAST_ANSWER_SECONDS:
                raise TimeoutError(f"no response within {LAST_ANSWER_SECONDS} s")
            until = upcoming if self._idle and sending else deadline + LAST_ANSWER_SECONDS
            self._take(max(0.0, until - now))

    @property
    def _rate(self) -> float:
        return self._plan.rate

    @property
    def _connections(self) -> int:
        return len(self._selector.get_map())

    def _sending(self, now: float, deadline: float) -> bool:
        """Whether the plan has more requests."""
        most = self._plan.requests
        return now < deadline and (not most or self.requests.made < most)

    def _due(self, started: float) -> Iterator[float]:
        """Yields when each request is due: at the plan's rate, or immediately."""
        number = 0
        while True:
            yield started + number / self._rate if self._rate else started
            number += 1

    def _take(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            connection: Connection = key.data
            try:
                answer = connection.receive()
            except OSError as error:
                self._selector.unregister(connection.socket)
                self.tally.count(f"The connection was lost: {error}".encode(), 0)
                continue
            if answer is not None:
                self.tally.count(answer, time.perf_counter() - connection.since)
                self._idle.append(connection)


def keep_busy(plan: Plan) -> Result:
    """Executes `plan`."""
    load = Load(plan)
    cpu_before = _cpu_seconds()
    seconds = load.run()
    latencies = sorted(load.tally.latencies) or [0.0]
    failures = load.tally.failures
    return Result(
        made=load.requests.made,
        successes=len(load.tally.latencies),
        failures=len(failures),
        seconds=seconds,
        cpu_seconds=_cpu_seconds() - cpu_before,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
        first_failure=failures[0][:SHOWN].decode(errors="replace") if failures else "",
    )


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    plan = Plan(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(keep_busy(plan)._asdict()))


if __name__ == "__main__":
    main()
