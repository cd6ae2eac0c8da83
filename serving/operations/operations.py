"""Executes operations, independent of the transport: from the document to the response.

Plans (`serving.execution.plans`) execute queries and mutations, graphql-core executes
subscriptions.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import perf_counter
from typing import Final

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
)

from serving.application import Context, Describe
from serving.operations.answers import (
    Answer,
    Json,
    answer,
    rejection,
    stopping,
    to_json,
    too_late,
    top_level,
)
from serving.operations.costs import LARGEST_COST, MUTATION_COST, in_points, objects_in, too_costly
from serving.operations.deadlines import Deadlines
from serving.operations.documents import Document, Documents, Operation, Rejected
from serving.operations.encoding import Encoded, TooLargeError, encoded
from serving.operations.persisted import PersistedDocuments
from serving.operations.quotas import Quotas
from serving.operations.request_log import RequestLog, codes_in
from serving.operations.streams import results
from serving.operations.throttle import Charge, Throttle
from serving.operations.variables import FREE_LENGTH, points_for
from serving.operations.workers import BusyError
from serving.transport.bodies import GraphQLRequest

DEADLINE_SECONDS: Final = 15.0
CHARACTERS_PER_POINT: Final = 10
"""For a document that has to be parsed and validated."""
ANSWER_BYTES: Final = 10_000_000
TOO_LARGE: Final = Encoded(b"null")
"""Stands for data whose text is longer than ANSWER_BYTES."""
LARGE_POINTS: Final = 50
"""Data of operations that cost more is encoded in pieces."""
FREE_BYTES: Final = 100_000
BYTES_PER_POINT: Final = 1_000
"""For a response longer than FREE_BYTES."""


class Operations:
    """Executes operations on one schema. Without a throttle, callers are not limited.

    `describe` describes exceptions of resolvers. `deadline` is in seconds.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        persisted: PersistedDocuments,
        throttle: Throttle | None,
        describe: Describe,
        *,
        quotas: Quotas | None = None,
        log: RequestLog | None = None,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self.describe = describe
        self.quotas = quotas or Quotas()
        self.log = log or RequestLog()
        self._schema = schema
        self._documents = documents
        self._persisted = persisted
        self._throttle = throttle
        self._deadlines = Deadlines(deadline)

    def end(self) -> None:
        """Ends running queries and mutations, and new ones, with TRY_AGAIN."""
        self._deadlines.end()

    @property
    def throttle(self) -> Throttle | None:
        """Counts callers' points, if they are counted."""
        return self._throttle

    def known(self, asked: GraphQLRequest) -> Operation | None:
        """Returns the operation if nothing has to be charged or validated first.

        Raises Rejected if the document has no such operation.
        """
        if asked.length > FREE_LENGTH or asked.document_hash is not None:
            return None
        document = self._documents.known(self._persisted.text(asked))
        return None if document is None else document.operation(asked.operation_name)

    async def find(self, asked: GraphQLRequest, context: Context) -> Operation:
        """Returns the requested operation. Raises Rejected if there is no valid one.

        Unknown documents are charged by their length, and so are long variables.
        """
        if asked.length > FREE_LENGTH:
            self._take(points_for(asked.variables), context)
        text = self._persisted.text(asked)
        document = self._documents.known(text)
        if document is None:
            self._take(len(text) // CHARACTERS_PER_POINT, context)
            document = await self._load(text)
        operation = document.operation(asked.operation_name)
        if asked.document_hash is not None:
            self._persisted.remember(asked.document_hash, text)
        return operation

    async def _load(self, text: str) -> Document:
        try:
            with self._deadlines.start():
                return await self._documents.load(text)
        except TimeoutError:
            raise Rejected(too_late(self._deadlines.seconds)) from None
        except BusyError:
            message = "The service is busy. Try again in a moment."
            raise Rejected(GraphQLError(message, extensions={"code": "TRY_AGAIN"})) from None

    async def execute(self, operation: Operation, variables: Json, context: Context) -> Answer:
        """The answer to a query or a mutation. Raises Refused where it costs too much."""
        started = perf_counter()
        points = self._charge(operation, variables, context)
        carried_out: dict[str, None] = {}
        try:
            with self._deadlines.start():
                result = await operation.plan.execute(variables, context, carried_out)
            answered = answer(result, context.request_id, self.describe, carried_out)
        except TimeoutError:
            late = stopping() if self._deadlines.is_ended else too_late(self._deadlines.seconds)
            result = ExecutionResult(None, [late])
            answered = answer(result, context.request_id, self.describe, carried_out)
            answered = answered._replace(body={**answered.body, "data": None}, executed=True)
        cost = self._settle(operation, answered, points, points, context)
        if points > LARGE_POINTS and "data" in answered.body:
            await _encode(answered.body)
        answered.body["extensions"] = {"cost": cost}
        if "errors" in answered.body or context.codes or self.log.wants(operation.type):
            self._log(operation, answered, context, perf_counter() - started)
        return answered

    def rejection(self, rejected: Rejected, context: Context, asked: GraphQLRequest) -> Answer:
        """The answer to a request that is not executed, which is logged."""
        answered = rejection(rejected, context.request_id)
        self.log.add(
            context.request_id,
            codes_in(answered.body["errors"]),
            caller=context.caller.key,
            operation=asked.operation_name,
        )
        return answered

    async def stream(
        self, operation: Operation, variables: Json, context: Context
    ) -> AsyncGenerator[Answer, None]:
        """Yields the responses to an operation of any type; those of a subscription as they occur.

        Each event is charged when it occurs. A caller in debt gets the next one later. Raises
        Rejected before the first response, and ServerClosing.
        """
        if operation.type is not OperationType.SUBSCRIPTION:
            yield await self.execute(operation, variables, context)
            return
        started = perf_counter()
        points = self._charge(operation, variables, context)
        charged = points
        events = results(
            self._schema,
            operation,
            variables,
            context,
            hide_suggestions=self._documents.hides_suggestions,
            deadline=self._deadlines.seconds,
        )
        with self.quotas.subscription(context.caller):
            async with aclosing(events):
                async for result, event_id in events:
                    answered = answer(result, context.request_id, self.describe)
                    cost = self._settle(operation, answered, points, charged, context)
                    answered.body["extensions"] = {"cost": cost}
                    if "errors" in answered.body or (charged and self.log.wants(operation.type)):
                        self._log(operation, answered, context, perf_counter() - started)
                    yield answered._replace(event_id=event_id)
                    charged = 0
                    if self._throttle is not None:
                        await asyncio.sleep(self._throttle.wait(context.caller.key))

    def to_json(self, answered: Answer, context: Context) -> bytes:
        """Encodes the response's body. Charges for long ones and rejects those over the limit."""
        content = to_json(answered.body)
        if len(content) > ANSWER_BYTES or answered.body.get("data") is TOO_LARGE:
            message = f"The response is longer than {ANSWER_BYTES:,} bytes. Request less at a time."
            error = GraphQLError(message, extensions={"code": "ANSWER_TOO_LARGE"})
            told = top_level(error, context.request_id, committed=answered.committed)
            content = to_json({"errors": [told], "data": None})
        elif len(content) > FREE_BYTES and self._throttle is not None:
            self._throttle.settle(context.caller.key, len(content) // BYTES_PER_POINT)
        return content

    def _log(
        self, operation: Operation, answered: Answer, context: Context, seconds: float
    ) -> None:
        errors = codes_in(answered.body.get("errors", ()))
        self.log.add(
            context.request_id,
            [*dict.fromkeys((*errors, *context.codes))],
            caller=context.caller.key,
            operation=operation.name,
            kind=operation.type.value,
            seconds=seconds,
            cost=answered.body["extensions"]["cost"]["actualQueryCost"],
        )

    def _charge(self, operation: Operation, variables: Json, context: Context) -> int:
        """Charges the caller the maximum cost of the operation and returns it."""
        points = in_points(operation.cost, variables)
        if points > LARGEST_COST:
            raise Rejected(too_costly(points))
        self._take(points, context)
        return points

    def _take(self, points: int, context: Context) -> None:
        """Raises Rejected if the caller has fewer points."""
        if self._throttle is None or not points:
            return
        charge = self._throttle.charge(context.caller.key, points)
        if charge.wait:
            raise _throttled(charge, self._cost(points, None, charge.available))

    def _settle(
        self, operation: Operation, answered: Answer, points: int, charged: int, context: Context
    ) -> Json:
        """Returns the `cost` extension of an operation charged with `points`.

        Adjusts the charge to the objects in the response. If the whole operation failed, nothing is
        refunded, since it may have done all of the work.
        """
        data = answered.body.get("data")
        failed = data is None and "data" in answered.body
        if failed or operation.has_flat_cost:
            actual = points
        else:
            actual = max(1, objects_in(data, operation.nesting))
        if operation.type is OperationType.MUTATION and data is not None:
            actual += MUTATION_COST * len(data)
        available = 0
        if self._throttle is not None:
            available = self._throttle.settle(context.caller.key, actual - charged)
        return self._cost(points, actual, available)

    def _cost(self, points: int, actual: int | None, available: int) -> Json:
        """Returns the `cost` extension, with the names used by Shopify's API."""
        cost: Json = {"requestedQueryCost": points, "actualQueryCost": actual}
        if self._throttle is not None:
            cost["throttleStatus"] = {
                "maximumAvailable": self._throttle.rate.maximum,
                "currentlyAvailable": max(0, available),
                "restoreRate": self._throttle.rate.restored,
            }
        return cost


async def _encode(body: Json) -> None:
    """Encodes the data of a response."""
    try:
        body["data"] = await encoded(body["data"], ANSWER_BYTES)
    except TooLargeError:
        body["data"] = TOO_LARGE


def _throttled(charge: Charge, cost: Json) -> Rejected:
    wait = max(charge.wait, 0.001)
    error = GraphQLError(
        f"Too many points were spent in a short time. Try again in {wait:.1f} s.",
        extensions={"code": "THROTTLED", "retryAfter": round(wait, 3)},
    )
    return Rejected(error, wait=wait, extensions={"cost": cost})
