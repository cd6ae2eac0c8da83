"""Subscriptions: from the events of a source to the results sent to clients."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLSchema,
    create_source_event_stream,
    execute_subscription_event,
)

from serving.application import Context
from serving.execution.arguments import COERCION_ERRORS
from serving.operations.answers import Json, too_late
from serving.operations.documents import Operation


class Happened(NamedTuple):
    """The result for one event; `event_id` is what the client may ask to go on after."""

    result: ExecutionResult
    event_id: str | None = None


class ServerClosing(Exception):
    """The server is stopping and ended a subscription; the client should reconnect."""


async def results(
    schema: GraphQLSchema,
    operation: Operation,
    variables: Json,
    context: Context,
    *,
    hide_suggestions: bool,
    deadline: float,
) -> AsyncGenerator[Happened, None]:
    """A result for each event, until the caller's token expires, or the source fails.

    Each event has `deadline` seconds. Raises ServerClosing when the events end, since a wallet has
    no last entry.
    """
    executor = Executor.build(
        schema,
        operation.document,
        context_value=context,
        raw_variable_values=variables,
        operation_name=operation.name,
        hide_suggestions=hide_suggestions,
        max_coercion_errors=COERCION_ERRORS,
    )
    if not isinstance(executor, Executor):
        yield Happened(ExecutionResult(None, list(executor)))
        return
    source = create_source_event_stream(executor)
    if isawaitable(source):
        source = await source
    if isinstance(source, ExecutionResult):
        yield Happened(source)
        return
    try:
        async for event in _until_expiry(aiter(source), context):
            yield Happened(await _result(executor, event, deadline), context.event_id(event))
    except TimeoutError:
        error = GraphQLError("The token has expired.", extensions={"code": "UNAUTHENTICATED"})
        yield Happened(ExecutionResult(None, [error]))
    except ServerClosing:
        raise
    except Exception as failure:
        error = GraphQLError(str(failure), original_error=failure)
        yield Happened(ExecutionResult(None, [error]))
    finally:
        await _close(source)


async def _until_expiry(source: AsyncIterator[Any], context: Context) -> AsyncGenerator[Any, None]:
    """Yields the source's events.

    Raises TimeoutError when the token expires, and ServerClosing at the end.
    """
    left = context.seconds_left()
    end = None if left is None else asyncio.get_running_loop().time() + left
    try:
        while True:
            async with asyncio.timeout_at(end):
                event = await anext(source)
            yield event
    except StopAsyncIteration:
        raise ServerClosing from None


async def _result(executor: Executor[Any], event: Any, deadline: float) -> ExecutionResult:
    try:
        async with asyncio.timeout(deadline):
            result = execute_subscription_event(executor.build_per_event_executor(event))
            return await result if isawaitable(result) else result
    except TimeoutError:
        return ExecutionResult(None, [too_late(deadline)])


async def _close(source: AsyncIterable[Any]) -> None:
    if isinstance(source, AsyncGenerator):
        await source.aclose()
