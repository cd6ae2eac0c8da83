"""Carries out operations, whichever way they come: from the document to the answer.

Not Strawberry's `Schema.execute`, whose extensions cost as much as all else here: the schema that
Strawberry made is executed directly.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, Final, NamedTuple, TypeGuard, cast

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    execute,
    subscribe,
)
from strawberry.execution.is_awaitable import optimized_is_awaitable

from models.rules.instants import SECOND
from schema.answers import Answer, Json, answer
from schema.bodies import GraphQLRequest
from schema.context import Context
from schema.costs import LARGEST_COST, MUTATION_COST, in_points, objects_in, too_costly
from schema.documents import Documents, Operation, Refused
from schema.errors import MASK
from schema.persisted import PersistedDocuments
from schema.throttle import Charge, Throttle

DEADLINE_SECONDS: Final = 15.0
_is_awaitable = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)


class Operations:
    """Carries out the operations on one schema. Without a throttle, callers may ask all they want.

    `deadline` is in seconds.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        persisted: PersistedDocuments,
        throttle: Throttle | None,
        *,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._persisted = persisted
        self._throttle = throttle
        self._deadline = deadline

    def find(self, asked: GraphQLRequest) -> Operation:
        """The operation that is asked for. Raises Refused where there is none that is valid."""
        text = self._persisted.text(asked)
        operation = self._documents.document(text).operation(asked.operation_name)
        if asked.document_hash is not None:
            self._persisted.remember(asked.document_hash, text)
        return operation

    async def execute(self, operation: Operation, variables: Json, context: Context) -> Answer:
        """The answer to a query or a mutation. Raises Refused where it costs too much."""
        bill = self._charge(operation, variables, context)
        try:
            async with asyncio.timeout(self._deadline):
                result = execute(
                    self._schema,
                    operation.document,
                    context_value=context,
                    variable_values=variables,
                    operation_name=operation.name,
                    is_awaitable=_is_awaitable,
                    hide_suggestions=self._documents.hides_suggestions,
                )
                if isawaitable(result):
                    result = await result
            answered = answer(result, context.request_id)
        except TimeoutError:
            result = ExecutionResult(None, [_too_late(self._deadline)])
            answered = Answer({**answer(result, context.request_id).body, "data": None})
        answered.body["extensions"] = {"cost": self._settle(bill, operation, result.data)}
        return answered

    async def stream(
        self, operation: Operation, variables: Json, context: Context
    ) -> AsyncGenerator[Answer, None]:
        """The answers to an operation of any type; those of a subscription as they come.

        Ends a subscription with the error UNAUTHENTICATED when the caller's token expires. Raises
        Refused before the first answer.
        """
        if operation.type is not OperationType.SUBSCRIPTION:
            yield await self.execute(operation, variables, context)
            return
        self._charge(operation, variables, context)
        source = subscribe(
            self._schema,
            operation.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation.name,
            hide_suggestions=self._documents.hides_suggestions,
        )
        if isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            yield answer(source, context.request_id)
            return
        async with aclosing(_until_expiry(source, context)) as results:
            async for result in results:
                yield answer(result, context.request_id)

    def _charge(self, operation: Operation, variables: Json, context: Context) -> "_Bill":
        points = in_points(operation.cost, variables)
        if points > LARGEST_COST:
            raise Refused(too_costly(points))
        bill = _Bill(points, context.caller.key)
        if self._throttle is not None:
            charge = self._throttle.charge(bill.caller, points)
            if charge.wait:
                raise _throttled(charge, self._cost(bill, None, charge.available))
        return bill

    def _settle(self, bill: "_Bill", operation: Operation, data: Json | None) -> Json:
        """Gives back what was charged for objects that the answer does not have."""
        found = objects_in(data)
        if operation.type is OperationType.MUTATION and data is not None:
            found += MUTATION_COST * len(data)
        actual = min(max(found, 1), bill.points)
        available = 0
        if self._throttle is not None:
            available = self._throttle.give_back(bill.caller, bill.points - actual)
        return self._cost(bill, actual, available)

    def _cost(self, bill: "_Bill", actual: int | None, available: int) -> Json:
        """The extension `cost`, with the names that Shopify's API gives it."""
        cost: Json = {"requestedQueryCost": bill.points, "actualQueryCost": actual}
        if self._throttle is not None:
            cost["throttleStatus"] = {
                "maximumAvailable": self._throttle.rate.maximum,
                "currentlyAvailable": available,
                "restoreRate": self._throttle.rate.restored,
            }
        return cost


class ServerClosing(Exception):
    """A subscription was broken off because the server stops; the client is to come again."""


class _Bill(NamedTuple):
    points: int
    caller: Hashable


def _throttled(charge: Charge, cost: Json) -> Refused:
    wait = max(charge.wait, 0.001)
    error = GraphQLError(
        f"Too much was asked for in a short time. Try again in {wait:.1f} s.",
        extensions={"code": "THROTTLED", "retryAfter": round(wait, 3)},
    )
    return Refused(error, wait=wait, extensions={"cost": cost})


def _too_late(deadline: float) -> GraphQLError:
    return GraphQLError(
        f"This took longer than {deadline:g} s and was given up. A mutation may have been carried "
        "out: the same call with the same key gives its outcome.",
        extensions={"code": "DEADLINE_EXCEEDED"},
    )


async def _until_expiry(
    source: AsyncIterator[ExecutionResult], context: Context
) -> AsyncGenerator[ExecutionResult, None]:
    """What the source gives until the caller's token expires, or it fails.

    Raises ServerClosing where it ends: wallets have no last entry.
    """
    end = _end(context)
    try:
        while True:
            async with asyncio.timeout_at(end):
                result = await anext(source)
            yield result
    except StopAsyncIteration:
        raise ServerClosing from None
    except TimeoutError:
        error = GraphQLError("The token has expired.", extensions={"code": "UNAUTHENTICATED"})
        yield ExecutionResult(None, [error])
    except Exception as failure:
        yield ExecutionResult(None, [GraphQLError(MASK, original_error=failure)])
    finally:
        if isinstance(source, AsyncGenerator):
            await source.aclose()


def _end(context: Context) -> float | None:
    """When the caller's token expires, in the event loop's time."""
    if context.caller.expires_at is None:
        return None
    left = (context.caller.expires_at - context.services.clock()) / SECOND
    return asyncio.get_running_loop().time() + left
