"""Node scripts of this folder, which speak JSON with the tests."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "node_modules"
PATIENCE_SECONDS = 60
LINE_BYTES = 1_000_000


def run(*command: str | Path, cwd: Path = FOLDER, given: object = None) -> str:
    """What a script of this folder or of a package prints when it is given JSON; it must succeed.

    `command` begins with the script.
    """
    finished = subprocess.run(
        ["node", *command],  # noqa: S607 - whichever Node the shell would find
        cwd=cwd,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def answer(script: str, given: object) -> Any:
    return json.loads(run(FOLDER / script, given=given))


class Client:
    """A client's script that is running: it is asked, and answers, in JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    async def execute(self, query: str, client: str = "retrying", **variables: object) -> Any:
        """{data} or {error}, and {requests}: what went over the network for it.

        `client` is one of those that apollo.js has; urql.js has only one.
        """
        self._send({"query": query, "variables": variables, "client": client})
        return await self.read()

    def follow(self, query: str, account: str, after: int) -> None:
        """Subscribes to the account's entries after that one. Each can be read as {entry}."""
        self._send({"query": query, "follow": account, "after": after})

    async def read(self) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._out.readline()
        assert line, "the script has ended; its stderr says why"
        return json.loads(line)

    def _send(self, asked: object) -> None:
        self._in.write(json.dumps(asked).encode() + b"\n")


@asynccontextmanager
async def client(
    script: str, url: str, token: str, transport: str | None = None
) -> AsyncIterator[Client]:
    """The client of apollo.js or urql.js, signed in; `transport` is for urql's subscriptions."""
    options = json.dumps({"url": url, "token": token, "transport": transport})
    process = await asyncio.create_subprocess_exec(
        "node",
        FOLDER / script,
        options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
    )
    try:
        yield Client(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
