"""Waiting for what happens elsewhere in the same event loop."""

import asyncio
from collections.abc import Callable

PATIENCE_SECONDS = 10


async def until(condition: Callable[[], bool]) -> None:
    """Returns when `condition` holds; fails where it does not come to hold."""
    for _ in range(PATIENCE_SECONDS * 100):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{condition} does not come to hold")
