"""Documents: parsed, measured and validated once, and cached by their text if it is short."""

import gc
import re
from functools import cached_property, partial
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from serving.execution.plans import Plan
from serving.operations.bounds import ListLengthsRule
from serving.operations.costs import Cost, Nesting, cost_of, nesting_of
from serving.operations.limits import introspections, mixes_introspection, size_errors
from serving.operations.remembered import Remembered
from serving.operations.workers import Worker

TOKENS: Final = 5_000
DOCUMENT_LENGTH: Final = 100_000
REMEMBERED_LENGTH: Final = 20_000
"""Longer documents are parsed and validated each time."""
REMEMBERED_WEIGHT: Final = 300_000
"""A document and two plans take about 250 bytes per character: 75 MB in total."""
COLLECTED_LENGTH: Final = 150_000
"""Garbage is collected after this many characters of new documents."""
ERRORS: Final = 10
"""How many errors of a document are reported at most."""
LARGE_LENGTH: Final = 300
"""Longer documents are validated and planned outside the event loop."""
_LONG_NUMBER: Final = re.compile(r"(?<!\d)\d{1000}")


class Rejected(Exception):
    """An operation that is not executed, and why.

    `wait` is in seconds: when the operation may be retried, if it would be executed at another
    time; otherwise 0.
    """

    def __init__(
        self, *errors: GraphQLError, wait: float = 0, extensions: dict[str, Any] | None = None
    ) -> None:
        super().__init__(*errors)
        self.errors = errors
        self.wait = wait
        self.extensions = extensions


class Operation:
    """One operation of a valid document."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        node: OperationDefinitionNode,
        *,
        hides_suggestions: bool,
        worker: Worker | None = None,
    ) -> None:
        self._schema = schema
        self._hides_suggestions = hides_suggestions
        self._worker = worker
        self.document = document
        self.node = node
        self.type: OperationType = node.operation
        self.name = node.name.value if node.name else None

    @cached_property
    def cost(self) -> Cost:
        """Its cost; a function of the variables if it depends on them."""
        return cost_of(self._schema, self.document, self.node)

    @cached_property
    def has_flat_cost(self) -> bool:
        """Whether it costs the same whatever its answer has: it asks for the schema."""
        return introspections(self.document, self.node) > 0

    @cached_property
    def nesting(self) -> Nesting:
        """The nesting of objects in its responses."""
        return nesting_of(self.document, self.node)

    @cached_property
    def plan(self) -> Plan:
        """What executes it, unless it is a subscription."""
        return Plan(
            self._schema,
            self.document,
            self.node,
            hide_suggestions=self._hides_suggestions,
            worker=self._worker,
        )

    def prepare(self) -> None:
        """Computes everything that can be known before execution."""
        if self.type is not OperationType.SUBSCRIPTION:
            self.plan.prepare()
        _ = self.cost, self.nesting, self.has_flat_cost


class Document:
    """A valid document: its operations by name."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def operation(self, name: str | None) -> Operation:
        """Returns the operation of that name, or the only one. Raises Rejected."""
        if name is None and len(self.operations) > 1:
            raise Rejected(
                _bad("The document has several operations; operationName must name one.")
            )
        for operation in self.operations:
            if name in (None, operation.name):
                return operation
        raise Rejected(_bad(f"The document has no operation named {(name or '')[:50]!r}."))


class Documents:
    """Parses and validates documents against `schema`.

    Without `introspection`, documents may not query the schema, and errors make no suggestions.
    """

    def __init__(self, schema: GraphQLSchema, *, introspection: bool) -> None:
        self._schema = schema
        self.hides_suggestions = not introspection
        self._rules = [*specified_rules, ListLengthsRule]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._kept: dict[str, Document] = {}
        self._remembered: Remembered[Document] = Remembered(REMEMBERED_WEIGHT)
        self._new_length = 0
        self._worker = Worker()

    def knows(self, text: str) -> bool:
        """Whether the document is already parsed and validated."""
        return text in self._kept or text in self._remembered

    def keep(self, text: str) -> None:
        """Validates a document and caches it permanently. Raises Rejected if it is invalid."""
        self._kept[text] = self._validated(text)

    def known(self, text: str) -> Document | None:
        """Returns the document for `text` if it is already parsed and validated."""
        return self._remembered.get(text) or self._kept.get(text)

    def document(self, text: str) -> Document:
        """Returns the document for `text`. Raises Rejected if it is invalid."""
        return self.known(text) or self._new(text, self._validated(text))

    async def load(self, text: str) -> Document:
        """Like `document` for an unknown one: it may take long, so it yields to other tasks.

        Raises Rejected, and TryAgain if too many documents are waiting.
        """
        if len(text) <= LARGE_LENGTH:
            return self._new(text, self._validated(text))
        return self._new(text, await self._worker.do(partial(self._prepared, text)))

    def _new(self, text: str, document: Document) -> Document:
        # Only after validation: rejected documents must take no memory.
        if len(text) <= REMEMBERED_LENGTH:
            self._remembered.put(text, document, len(text))
        return document

    def _prepared(self, text: str) -> Document:
        document = self._validated(text)
        for operation in document.operations:
            operation.prepare()
        return document

    def _clear_away(self, new_length: int) -> None:
        """Collects forgotten documents and plans, which are reference cycles.

        The collector runs so rarely that 4,000 forgotten documents of 1,000 characters kept 470 MB.
        """
        self._new_length += new_length
        if self._new_length > COLLECTED_LENGTH:
            self._new_length = 0
            gc.collect()

    def _validated(self, text: str) -> Document:
        self._clear_away(len(text))
        parsed = _parsed(text)
        errors = size_errors(parsed) or validate(
            self._schema, parsed, self._rules, ERRORS, hide_suggestions=self.hides_suggestions
        )
        if errors:
            raise Rejected(*errors[:ERRORS])
        for node in parsed.definitions:
            if isinstance(node, OperationDefinitionNode) and mixes_introspection(parsed, node):
                raise Rejected(_mixed(node))
        return Document(
            [
                Operation(
                    self._schema,
                    parsed,
                    node,
                    hides_suggestions=self.hides_suggestions,
                    worker=self._worker,
                )
                for node in parsed.definitions
                if isinstance(node, OperationDefinitionNode)
            ]
        )


def _parsed(text: str) -> DocumentNode:
    if len(text) > DOCUMENT_LENGTH:
        raise Rejected(_too_large(f"The document may have {DOCUMENT_LENGTH:,} characters."))
    if _LONG_NUMBER.search(text):
        raise Rejected(_too_large("The document has a number that is too long."))
    try:
        return parse(text, max_tokens=TOKENS)
    except GraphQLError as error:
        error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
        raise Rejected(error) from error
    except RecursionError:
        raise Rejected(_too_large("The document is nested too deeply.")) from None


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def _mixed(node: OperationDefinitionNode) -> GraphQLError:
    return GraphQLError(
        "Query __schema and __type in an operation without other fields.",
        node,
        extensions={"code": "GRAPHQL_VALIDATION_FAILED"},
    )


def _too_large(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "DOCUMENT_TOO_LARGE"})
