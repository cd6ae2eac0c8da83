"""How long the event loop is held up by one step of what is measured, in processor time."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any
from unittest.mock import patch

from starlette.types import ASGIApp, Receive, Scope, Send

_measured: ContextVar[bool] = ContextVar("measured", default=False)
AS_SERVED = (20_000, 50, 100)
"""How often the server looks for garbage (see app)."""
_LOOPS = 100_000
_LOOPS_SECONDS = 0.004
"""What the loop of `slowness` takes where nothing else is done."""


class Steps:
    """The longest step so far, in seconds."""

    longest = 0.0


@contextmanager
def measuring() -> Iterator[Steps]:
    """Measures each step of what runs in `apart`, by the time that its thread has the processor."""
    steps = Steps()
    run: Callable[[asyncio.Handle], Any] = asyncio.Handle._run

    def measured(handle: asyncio.Handle) -> None:
        context: Context = handle._context  # type: ignore[attr-defined]
        if not context.get(_measured):
            run(handle)
            return
        before = time.thread_time()
        run(handle)
        steps.longest = max(steps.longest, time.thread_time() - before)

    gc.collect()
    # What the tests have made is no part of the steps.
    gc.freeze()
    thresholds = gc.get_threshold()
    gc.set_threshold(*AS_SERVED)
    try:
        with patch.object(asyncio.Handle, "_run", measured):
            yield steps
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def apart(app: ASGIApp) -> ASGIApp:
    """The application in tasks of its own, whose steps are measured, and not those of clients."""

    async def in_a_task(scope: Scope, receive: Receive, send: Send) -> None:
        context = copy_context()
        context.run(_measured.set, True)
        await asyncio.create_task(_awaited(app(scope, receive, send)), context=context)

    return in_a_task


async def _awaited(work: Awaitable[None]) -> None:
    await work


def slowness() -> float:
    """How many times slower than usual the processor is now; at least 1."""
    best = min(_loop() for _ in range(3))
    return max(1.0, best / _LOOPS_SECONDS)


def _loop() -> float:
    before = time.thread_time()
    total = 0
    for number in range(_LOOPS):
        total += number
    return time.thread_time() - before
