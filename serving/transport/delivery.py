"""Shared by event streams and WebSockets: how long a client may take to read."""

import asyncio
from collections.abc import Awaitable
from typing import Final

SEND_SECONDS: Final = 10.0


class SlowClientError(Exception):
    """A client does not read its data and is disconnected."""


async def deliver(sending: Awaitable[None]) -> None:
    """Awaits `sending`, which blocks while the connection is full. Raises SlowClientError."""
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await sending
    except TimeoutError:
        raise SlowClientError from None
