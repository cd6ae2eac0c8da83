"""Clients that send through WebSockets as fast as they can, signed in or not, and read nothing."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.frames import BINARY, CONTINUATION, PING, PONG, TEXT, RawSocket, frame
from tests.server.processes import Server, environment_of, serving, token

FLOODS = {
    "pings": frame(TEXT, b'{"type":"ping"}'),
    "pongs": frame(TEXT, b'{"type":"pong"}'),
    "pings of the protocol": frame(PING, b"x" * 125),
    "empty pings of the protocol": frame(PING),
    "pongs of the protocol": frame(PONG),
    "empty messages": frame(TEXT),
    "messages in bytes": frame(BINARY, b"x"),
    "empty fragments": frame(TEXT, final=False) + frame(CONTINUATION, final=False) * 9,
    "operations": frame(TEXT, b'{"type":"connection_init"}')
    + frame(TEXT, b'{"type":"subscribe","id":"1","payload":{"query":"{__typename}"}}') * 9,
    "long messages": frame(TEXT, b'{"type":"ping","payload":{"a":"' + b"x" * 100_000 + b'"}}'),
}
FLOOD_BYTES = 20_000_000
FLOODING_CONNECTIONS = 3
COMING_AGAIN_SECONDS = 0.1
MEASURED_SECONDS = 3.0
TIMES_SLOWER = 5
ATTEMPTS = 3
GROWTH_MEGABYTES = 12
"""What a process may take without anybody keeping it: the allocator's own room."""


@pytest.fixture(scope="module", params=["10000/500", "off"])
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("floods")
    url = f"sqlite://{folder / 'floods.sqlite3'}"
    with serving(environment_of(url, CONNECTS_THROTTLE=request.param), folder) as server:
        yield server
        assert "Traceback" not in server.errors + server.output


def address_of(server: Server) -> tuple[str, int]:
    where = urlsplit(server.url)
    assert where.hostname is not None and where.port is not None
    return where.hostname, where.port


def megabytes_of(server: Server) -> float:
    """The memory that the server's process has in use."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def flood(server: Server, frames: bytes) -> None:
    """Sends the frames again and again until the server breaks the connection off."""
    with RawSocket(address_of(server), room=4_096) as client:
        if client.status != 101:
            return
        piece = frames * (1 + 65_536 // len(frames))
        sent = 0
        while sent < FLOOD_BYTES and client.send(piece):
            sent += len(piece)
        assert sent < FLOOD_BYTES, "the server takes it all"


@contextmanager
def flooded(server: Server, frames: bytes) -> Iterator[None]:
    """Meanwhile, clients flood the server, and come again whenever they are thrown out."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            flood(server, frames)
            over.wait(COMING_AGAIN_SECONDS)

    workers = [threading.Thread(target=work) for _ in range(FLOODING_CONNECTIONS)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        over.set()
        for worker in workers:
            worker.join()


def latencies(server: Server, seconds: float = MEASURED_SECONDS) -> list[float]:
    """How long a signed-in caller waits for each of its answers, in order of size."""
    headers = {"authorization": f"Bearer {token('ada')}"}
    waits = []
    with httpx.Client(headers=headers, timeout=30, trust_env=False) as client:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            started = time.perf_counter()
            answer = client.post(server.url, json={"query": "{ viewer { name } }"})
            waits.append(time.perf_counter() - started)
            assert answer.status_code == 200 and "errors" not in answer.json(), answer.text
            time.sleep(0.005)
    return sorted(waits)


def p99(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=100)[98]


def times_slower(server: Server, frames: bytes) -> float:
    """How many times longer than in quiet the slowest hundredth waits while clients flood."""
    quiet = p99(latencies(server))
    with flooded(server, frames):
        return p99(latencies(server)) / quiet


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("frames", FLOODS.values(), ids=FLOODS)
def test_a_flood_takes_no_memory_and_others_hardly_wait(server: Server, frames: bytes) -> None:
    flood(server, frames)
    before = megabytes_of(server)

    # What else the machine does can only make it slower, so that one good attempt is proof.
    ratios: list[float] = []
    while len(ratios) < ATTEMPTS and min(ratios, default=TIMES_SLOWER) >= TIMES_SLOWER:
        ratios.append(times_slower(server, frames))

    assert min(ratios) < TIMES_SLOWER, ratios
    assert megabytes_of(server) - before < GROWTH_MEGABYTES
