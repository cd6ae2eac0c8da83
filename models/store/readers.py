"""Connections of a pool that are at hand for reads of rows by their keys.

To take one from the pool and to give it back makes a task, a timer and more: 18 us of this process,
where all the rest of a read takes 15. And they keep the plans of their statements: PostgreSQL makes
one anew each time where it is asked for less than ten rows or pages, which took 100 us of the 340
that the newest entries of eight wallets did.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final, cast

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient

from models.store.faults import is_lost_connection
from models.store.transactions import BY_INDEX, Row

KEPT: Final = 4
"""So many are kept at hand at most; fewer than the pool has, because others use it too."""
KEPT_SECONDS: Final = 1.0
"""After that the pool gets them back, for others where there can be no more of them, and to close
what is idle or old."""
READ_SECONDS: Final = 8.0
"""How long a read may take: less than a request has, so that it can say why it failed."""
RESET_SECONDS: Final = 1.0
"""Where a connection takes longer to be as it was, it is closed."""
LEASES: Final = 10
"""So many connections are tried where one after the other was lost while it lay idle."""
_SET: Final = "; ".join(f"SET {setting}" for setting in BY_INDEX)


class Readers:
    """Reads by the connections of a client's pool. Belongs to one event loop."""

    def __init__(self, client: BaseDBAsyncClient) -> None:
        self._client = client
        self._kept: list[Any] = []
        self._waiting = 0
        self._is_open = True
        self._end: asyncio.TimerHandle | None = None
        self._returning: asyncio.Task[None] | None = None

    async def fetch(self, text: str, parameters: tuple[object, ...]) -> list[Row]:
        """The rows that the statement `text` gives, which are to be found by indexes."""
        lease = self._kept.pop() if self._kept else await self._lease_in_time()
        try:
            rows = await lease.connection.fetch(text, *parameters)
        except BaseException as error:
            # The pool waits until a statement that was broken off has ended on the server, too.
            await _give_back(lease)
            if is_lost_connection(error):
                await self._give_all_back()
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
        for attempt in range(1, LEASES + 1):
            lease = await self._from_pool()
            try:
                await lease.connection.execute(_SET)
            except BaseException as error:
                await _give_back(lease)
                if attempt == LEASES or not is_lost_connection(error):
                    raise
            else:
                return lease
        raise AssertionError("the last attempt raises")

    async def _from_pool(self) -> Any:
        lease = self._client.acquire_connection()
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
    """Gives the connection back as it was, or closed."""
    try:
        await lease.connection.execute("RESET ALL", timeout=RESET_SECONDS)
    except BaseException as error:
        # A connection that was lost is gone from the pool by itself.
        with suppress(asyncpg.InterfaceError):
            lease.connection.terminate()
        if not isinstance(error, Exception):
            raise
    finally:
        await lease.__aexit__(None, None, None)
