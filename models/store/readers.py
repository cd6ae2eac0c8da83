"""Connections of a pool that are at hand for reads of rows by their keys.

To take one from the pool and to give it back makes a task, a timer and more: 18 us of this process,
where all the rest of a read takes 15. The pool is for such reads alone: its connections begin with
the settings of BY_INDEX, so that they keep the plans of their statements. PostgreSQL makes one anew
each time where it is asked for less than ten rows or pages, which took 100 us of the 340 that the
newest entries of eight wallets did. No session is changed once it is connected.
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
"""So many are kept at hand at most; fewer than the pool has, because others use it too."""
KEPT_SECONDS: Final = 1.0
"""After that the pool gets them back, for others where there can be no more of them, and to close
what is idle or old."""
READ_SECONDS: Final = 8.0
"""How long a read may take: less than a request has, so that it can say why it failed."""
RETURN_SECONDS: Final = 1.0
"""Where the server takes longer to break off a statement, its connection is closed."""


class Readers:
    """Reads by the connections of a client's pool. Belongs to one event loop."""

    def __init__(self, client: BaseDBAsyncClient) -> None:
        self.client = client
        self._kept: list[Any] = []
        self._waiting = 0
        self._is_open = True
        self._end: asyncio.TimerHandle | None = None
        self._returning: asyncio.Task[None] | None = None

    async def fetch(self, text: str, parameters: tuple[object, ...]) -> list[Row]:
        """The rows that the statement `text` gives, which are to be found by indexes.

        Where a connection is lost, so may be all that lie idle: the next read gets a new one.
        """
        lease = self._kept.pop() if self._kept else await self._lease_in_time()
        try:
            rows = await lease.connection.fetch(text, *parameters)
        except BaseException as error:
            # The pool waits until a statement that was broken off has ended on the server, too.
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
        """Gives all back to the pool, as those under way will be when they are done."""
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
    """Gives the connection back to the pool, which waits for what was broken off, or closes it."""
    try:
        async with asyncio.timeout(RETURN_SECONDS):
            await lease.__aexit__(None, None, None)
    except TimeoutError:
        # A connection that was lost is gone from the pool by itself.
        with suppress(asyncpg.InterfaceError):
            lease.connection.terminate()
