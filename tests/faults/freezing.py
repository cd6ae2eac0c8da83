"""A way to PostgreSQL that can be frozen: connections stay, and new ones come about, in silence."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

DEFAULT_PORT = 5432


class Freezer:
    """Passes on what comes and goes between clients and the server at `url`, unless frozen."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    def freeze(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.clear)

    def thaw(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.set)

    async def serve(self, ready: threading.Event, end: asyncio.Event) -> None:
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        user = self._parts.username or "postgres"
        secret = f":{self._parts.password}" if self._parts.password else ""
        place = f"{user}{secret}@127.0.0.1:{port}"
        self.url = urlunsplit(self._parts._replace(netloc=place, query=""))
        ready.set()
        await end.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(asyncio.current_task())
        await self._flows.wait()
        from_server, to_server = await self._upstream()
        there = asyncio.create_task(self._pump(reader, to_server))
        self._keep(there)
        await self._pump(from_server, writer)

    def _keep(self, task: "asyncio.Task[None] | None") -> None:
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = self._parts.port or DEFAULT_PORT
        host = parse_qs(self._parts.query).get("host", [self._parts.hostname or "127.0.0.1"])[0]
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(2**16):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@contextmanager
def freezer(url: str) -> Iterator[Freezer]:
    """A Freezer before the server at `url`, which runs in a thread of its own."""
    frozen = Freezer(url)
    ready, end = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=_run, args=(frozen._loop, frozen.serve(ready, end)))
    thread.start()
    ready.wait()
    try:
        yield frozen
    finally:
        frozen.thaw()
        frozen._loop.call_soon_threadsafe(end.set)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, work: Any) -> None:
    loop.run_until_complete(work)
    loop.close()
