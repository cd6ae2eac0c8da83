"""The load: a process of its own that keeps CONNECTIONS requests in flight for a while.

Takes a plan as JSON on standard input and gives a result as JSON on standard output.
"""

import asyncio
import sys
import time
from functools import partial
from typing import Any, NamedTuple

import orjson

from benchmarks.client import Connection, Requests, Tally

CONNECTIONS = 32


class Result(NamedTuple):
    """What came of one round. `first_failure` is the first answer that was no success."""

    successes: int
    failures: int
    seconds: float
    p50_ms: float
    p99_ms: float
    first_failure: str


async def keep_busy(plan: dict[str, Any]) -> Result:
    """Keeps the server busy for the plan's time, then waits for the last answers."""
    templates = [[part.encode() for part in parts] for parts in plan["requests"]]
    requests = Requests(templates, plan["run"], plan["key_length"])
    tally = Tally(plan["success"].encode())
    loop = asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(CONNECTIONS)]
    connections = []
    for end in ends:
        make = partial(Connection, requests, tally, end)
        _, connection = await loop.create_connection(make, "127.0.0.1", plan["port"])
        connections.append(connection)
    started = time.perf_counter()
    requests.deadline = started + plan["seconds"]
    for connection in connections:
        connection.send()
    await asyncio.gather(*ends)
    return _result(tally, time.perf_counter() - started)


def _result(tally: Tally, seconds: float) -> Result:
    latencies = sorted(tally.latencies) or [0.0]
    return Result(
        successes=len(tally.latencies),
        failures=len(tally.failures),
        seconds=seconds,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
        first_failure=tally.failures[0].decode(errors="replace") if tally.failures else "",
    )


def main() -> None:
    plan = orjson.loads(sys.stdin.buffer.read())
    try:
        import uvloop  # noqa: PLC0415 - not made for every system
    except ImportError:
        result = asyncio.run(keep_busy(plan))
    else:
        result = uvloop.run(keep_busy(plan))
    sys.stdout.buffer.write(orjson.dumps(result._asdict()))


if __name__ == "__main__":
    main()
