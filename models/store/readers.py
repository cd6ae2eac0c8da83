"""Pooled connections kept checked out for reads by key.

Acquiring and releasing a pooled connection creates a task, a timer and more: 18 µs of this process,
where the rest of a read takes 15. The pool serves only such reads: its connections start with the
settings of BY_INDEX, so that statement plans are cached. Otherwise PostgreSQL plans again for fewer
than ten rows or pages, which took 100 of the 340 µs for the newest entries of eight wallets.
Session settings never change after connecting.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final, cast

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient

from models.store.faults import is_lost_connection
from models.store.internals.tortoise import expire_connections
from models.store.transactions import Row

KEPT: Final = 4
"""How many are kept; fewer than the pool has, because others use it too."""
KEPT_SECONDS: Final = 1.0
"""How long a connection is kept before it is released.

Others can then use it, and the pool can close idle or old ones.
"""
READ_SECONDS: Final = 8.0
"""Timeout of a read: shorter than a request's, so that the error can be reported."""
RETURN_SECONDS: Final = 1.0
"""If cancelling a statement takes longer, its connection is closed."""


class Readers:
    """Reads on the connections of a client's pool. Bound to one event loop."""

    def __init__(self, client: BaseDBAsyncClient) -> None:
        self.client = client
        self._kept: list[Any] = []
        self._waiting = 0
        self._is_open = True
        self._end: asyncio.TimerHandle | None = None
        self._returning: asyncio.Task[None] | None = None

    async def fetch(self, text: str, parameters: tuple[object, ...]) -> list[Row]:
        """Returns the rows of the statement `text`, which must be found by indexes.

        If a connection is lost, idle ones are dropped too: the next read gets a new one.
        """
        lease = self._kept.pop() if self._kept else await self._lease_in_time()
        try:
            rows = await lease.connection.fetch(text, *parameters)
        except BaseException as error:
            # The pool waits until a cancelled statement has also ended on the server.
            await _give_back(lease)
            if is_lost_connection(error):
                await self._give_all_back()
                await expire_connections(self.client)
            raise
        if self._is_open and not self._waiting and len(self._kept) < KEPT:
            self._keep(lease)
        else:
            await _give_back(lease)
        return cast(list[Row], rows)

    async def close(self) -> None:
        """Releases idle connections; those in use are released when done."""
        self._is_open = False
        if self._end is not None:
            self._end.cancel()
        await self._give_all_back()
        if self._returning is not None:
            await self._returning

    async def _lease_in_time(self) -> Any:
        async with asyncio.timeout(READ_SECONDS):
            return await self._lease()

    async def _lease(self) -> Any:
        lease = self.client.acquire_connection()
        self._waiting += 1
        try:
            await lease.__aenter__()
        finally:
            self._waiting -= 1
        return lease

    def _keep(self, lease: Any) -> None:
        self._kept.append(lease)
        if self._end is None:
            loop = asyncio.get_running_loop()
            self._end = loop.call_later(KEPT_SECONDS, self._end_keeping)

    def _end_keeping(self) -> None:
        self._end = None
        self._returning = asyncio.get_running_loop().create_task(self._give_all_back())

    async def _give_all_back(self) -> None:
        while self._kept:
            await _give_back(self._kept.pop())


async def _give_back(lease: Any) -> None:
    """Releases the connection, waiting for a cancelled statement, or closes it."""
    try:
        async with asyncio.timeout(RETURN_SECONDS):
            await lease.__aexit__(None, None, None)
    except TimeoutError:
        # The pool drops a lost connection by itself.
        with suppress(asyncpg.InterfaceError):
            lease.connection.terminate()
