"""Streams of answers: each operation has a response of its own, and streams into it.

Nothing is buffered: the next answer is asked for when the last one is on its way.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from serving.application import Context
from serving.operations.answers import Answer
from serving.operations.documents import Rejected
from serving.operations.operations import Operations
from serving.operations.streams import ServerClosing
from serving.transport.bodies import GraphQLRequest
from serving.transport.delivery import SlowClientError, deliver
from serving.transport.exchange import PIECE_BYTES
from serving.transport.framing import Framing

_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}

_logger = logging.getLogger(__name__)


class AnswerStream(StreamingResponse):
    """Sends the answers to one operation, until they end, or the client is gone or too slow.

    `operations.quotas` must have a connection left for the caller.
    """

    def __init__(
        self,
        framing: Framing,
        operations: Operations,
        answers: AsyncGenerator[Answer, None],
        asked: GraphQLRequest,
        context: Context,
    ) -> None:
        headers = {**_HEADERS, "Content-Type": framing.content_type}
        self._events = _framed(framing, operations, answers, asked, context)
        super().__init__(self._events, headers=headers)
        self._framing = framing
        self._quotas = operations.quotas
        self._caller = context.caller

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._quotas.connection(self._caller):
                await _until_the_first_ends(
                    self._send(send),
                    _disconnected(receive),
                    _keep_alive(send, self._framing),
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


async def _framed(
    framing: Framing,
    operations: Operations,
    answers: AsyncGenerator[Answer, None],
    asked: GraphQLRequest,
    context: Context,
) -> AsyncGenerator[bytes, None]:
    if framing.opening:
        yield framing.opening
    async with aclosing(answers):
        try:
            async for answer in answers:
                content = operations.to_json(answer, context)
                framed = framing.around(content, answer.event_id)
                # What compresses it works on it piece by piece, and others get their turns.
                for start in range(0, len(framed), PIECE_BYTES):
                    yield framed[start : start + PIECE_BYTES]
                    await asyncio.sleep(0)
        except Rejected as rejected:
            answer = operations.rejection(rejected, context, asked)
            yield framing.around(operations.to_json(answer, context), None)
        except ServerClosing:
            # Not complete: the client is to come again.
            return
    yield framing.complete


async def _disconnected(receive: Receive) -> None:
    """Ends when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _keep_alive(send: Send, framing: Framing) -> None:
    """Lets proxies see that the connection is in use."""
    while True:
        await asyncio.sleep(framing.alive_seconds)
        alive = {"type": "http.response.body", "body": framing.alive, "more_body": True}
        await deliver(send(alive))


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
