"""Operating-system processes that all begin the same moment.

The module that runs in them calls `run` with its work. `at_once` starts it several times, waits
until every process is ready, lets them go together, and gives what each one's work returned.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from subprocess import PIPE
from typing import Any

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 60

Go = Callable[[], Awaitable[None]]
"""Says that this process is ready, and waits until all are."""


async def at_once(module: str, *arguments: Sequence[str]) -> list[Any]:
    """Runs `python -m module` once for each of `arguments`, and gives what each one answers."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *given, cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        for given in arguments
    ]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for process in processes:
                assert process.stdout is not None
                assert await process.stdout.readline() == b"ready\n"
            finished = await asyncio.gather(
                *(process.communicate(b"go\n") for process in processes)
            )
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return [json.loads(answer) for answer, _ in finished]


def run(work: Callable[[Go, list[str]], Awaitable[Any]]) -> None:
    """Does `work` with this process's arguments, and answers with what it returns."""

    async def go() -> None:
        print("ready", flush=True)  # noqa: T201 - this is how the processes talk
        await asyncio.to_thread(sys.stdin.readline)

    async def answer() -> Any:
        return await work(go, sys.argv[1:])

    print(json.dumps(asyncio.run(answer())))  # noqa: T201
