"""GraphQL over server-sent events: each operation has a response of its own, and streams into it.

This is the "distinct connections mode" of the GraphQL over SSE protocol. Nothing is buffered: the
next answer is asked for when the last one is on its way.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from serving.application import Context
from serving.operations.answers import Answer, rejection
from serving.operations.documents import Rejected
from serving.operations.operations import Operations
from serving.operations.streams import ServerClosing
from serving.transport.delivery import SlowClientError, deliver
from serving.transport.exchange import PIECE_BYTES

EVENT_STREAM: Final = "text/event-stream"
KEEP_ALIVE_SECONDS: Final = 12.0
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}

_logger = logging.getLogger(__name__)


class EventStream(StreamingResponse):
    """Sends the answers to one operation, until they end, or the client is gone or too slow.

    `operations.quotas` must have a connection left for the caller.
    """

    media_type = EVENT_STREAM

    def __init__(
        self, operations: Operations, answers: AsyncGenerator[Answer, None], context: Context
    ) -> None:
        self._events = _events(operations, answers, context)
        super().__init__(self._events, headers=_HEADERS)
        self._quotas = operations.quotas
        self._caller = context.caller

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._quotas.connection(self._caller):
                await _until_the_first_ends(
                    self._send(send),
                    _disconnected(receive),
                    _keep_alive(send),
                )
        except (SlowClientError, OSError) as error:
            _logger.info("an event stream was broken off: %r", error)

    async def _send(self, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        async for chunk in self._events:
            await deliver(send({"type": "http.response.body", "body": chunk, "more_body": True}))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def only(answer: Answer) -> AsyncGenerator[Answer, None]:
    """The answers to an operation that has one."""
    yield answer


async def _events(
    operations: Operations, answers: AsyncGenerator[Answer, None], context: Context
) -> AsyncGenerator[bytes, None]:
    async with aclosing(answers):
        try:
            async for answer in answers:
                content = _next(operations.to_json(answer, context))
                # What compresses it works on it piece by piece, and others get their turns.
                for start in range(0, len(content), PIECE_BYTES):
                    yield content[start : start + PIECE_BYTES]
                    await asyncio.sleep(0)
        except Rejected as rejected:
            yield _next(operations.to_json(rejection(rejected, context.request_id), context))
        except ServerClosing:
            # Not complete: the client is to come again.
            return
    yield b"event: complete\ndata: \n\n"


def _next(content: bytes) -> bytes:
    return b"event: next\ndata: " + content + b"\n\n"


async def _disconnected(receive: Receive) -> None:
    """Ends when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _keep_alive(send: Send) -> None:
    """Lets proxies see that the connection is in use."""
    while True:
        await asyncio.sleep(KEEP_ALIVE_SECONDS)
        await deliver(send({"type": "http.response.body", "body": b":\n\n", "more_body": True}))


async def _until_the_first_ends(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Runs them at once; when one ends, or fails, so do the others."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()
