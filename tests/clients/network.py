"""A network between a client and the server that loses answers and breaks connections."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
_KEY = re.compile(rb"story-\d+")
_Reader = asyncio.StreamReader
_Writer = asyncio.StreamWriter


class Network:
    """Passes bytes on, both ways. `url` is where the server is for whoever is on this side of it.

    Where it `loses`, a request with idempotency keys that were not seen before reaches the server,
    which does as it is told, and the client's connection breaks in place of the answer.
    """

    def __init__(self, server_url: str, *, loses: bool) -> None:
        self._server = urlsplit(server_url)
        self._loses = loses
        self._seen: set[bytes] = set()
        self._connections: dict[asyncio.Task[None], _Writer] = {}
        self._down = False
        self.url = ""
        self.opened = 0
        """How many connections were made while it was up."""
        self.lost = 0
        """How many answers it lost."""

    async def listen(self) -> asyncio.Server:
        listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        self.url = self._server._replace(netloc=f"127.0.0.1:{port}").geturl()
        return listener

    async def go_down(self) -> None:
        """Breaks all connections, and whichever is tried until it comes up again."""
        self._down = True
        for client in self._connections.values():
            client.transport.abort()
        if self._connections:
            await asyncio.wait(self._connections)

    def come_up(self) -> None:
        self._down = False

    async def _connected(self, from_client: _Reader, client: _Writer) -> None:
        if self._down:
            client.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = client
        self.opened += 1
        from_server, server = await asyncio.open_connection(
            self._server.hostname, self._server.port
        )
        losing = asyncio.Event()
        passing = [
            asyncio.create_task(self._pass_requests(from_client, server, losing)),
            asyncio.create_task(self._pass_answers(from_server, client, losing)),
        ]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for one in passing:
            one.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
        for writer in (client, server):
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
        del self._connections[task]

    async def _pass_requests(self, client: _Reader, server: _Writer, losing: asyncio.Event) -> None:
        while chunk := await client.read(CHUNK_BYTES):
            keys = set(_KEY.findall(chunk))
            if self._loses and keys - self._seen:
                self._seen |= keys
                losing.set()
            server.write(chunk)
            await server.drain()

    async def _pass_answers(self, server: _Reader, client: _Writer, losing: asyncio.Event) -> None:
        while chunk := await server.read(CHUNK_BYTES):
            if losing.is_set():
                self.lost += 1
                return
            client.write(chunk)
            await client.drain()


@asynccontextmanager
async def network(server_url: str, *, loses: bool = False) -> AsyncIterator[Network]:
    """A network with that server behind it."""
    between = Network(server_url, loses=loses)
    listener = await between.listen()
    try:
        yield between
    finally:
        listener.close()
        await between.go_down()
