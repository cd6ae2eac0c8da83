"""Documents: parsed, measured and validated once, and remembered by their text if it is short."""

import gc
import re
from functools import cached_property
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

from schema.costs import Cost, Nesting, cost_of, nesting_of
from schema.limits import refusals
from schema.plans import Plan
from schema.remembered import Remembered

TOKENS: Final = 5_000
DOCUMENT_LENGTH: Final = 100_000
REMEMBERED_LENGTH: Final = 20_000
"""What is longer is parsed and validated each time."""
REMEMBERED_WEIGHT: Final = 300_000
"""A document and two plans take some 250 bytes for each of its characters: 75 MB in all."""
COLLECTED_LENGTH: Final = 150_000
"""After so many characters of new documents, those that are forgotten are cleared away."""
_LONG_NUMBER: Final = re.compile(r"\d{1000}")


class Refused(Exception):
    """An operation that is not executed, and why. `wait` is in seconds: when it may be tried again,
    for what would have been executed at another time; otherwise 0.
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
    ) -> None:
        self._schema = schema
        self._hides_suggestions = hides_suggestions
        self.document = document
        self.node = node
        self.type: OperationType = node.operation
        self.name = node.name.value if node.name else None

    @cached_property
    def cost(self) -> Cost:
        """What it costs, as a function of its variables where it depends on them."""
        return cost_of(self._schema, self.document, self.node)

    @cached_property
    def nesting(self) -> Nesting:
        """What holds objects in its answers."""
        return nesting_of(self.document, self.node)

    @cached_property
    def plan(self) -> Plan:
        """What executes it, unless it is a subscription."""
        return Plan(
            self._schema, self.document, self.node, hide_suggestions=self._hides_suggestions
        )


class Document:
    """A valid document: its operations by name."""

    def __init__(self, operations: list[Operation]) -> None:
        self._operations = operations

    def operation(self, name: str | None) -> Operation:
        """The operation of that name, or the only one. Raises Refused."""
        if name is None and len(self._operations) > 1:
            raise Refused(_bad("The document has several operations; operationName must name one."))
        for operation in self._operations:
            if name in (None, operation.name):
                return operation
        raise Refused(_bad(f"The document has no operation named {name!r}."))


class Documents:
    """Parses and validates against `schema`.

    Without `introspection`, a document may not ask for the schema, and is given no suggestions.
    """

    def __init__(self, schema: GraphQLSchema, *, introspection: bool) -> None:
        self._schema = schema
        self.hides_suggestions = not introspection
        self._rules = list(specified_rules)
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._kept: dict[str, Document] = {}
        self._remembered: Remembered[Document] = Remembered(REMEMBERED_WEIGHT)
        self._new_length = 0

    def knows(self, text: str) -> bool:
        """Whether the document need not be parsed and validated."""
        return text in self._kept or text in self._remembered

    def keep(self, text: str) -> None:
        """Validates a document and keeps it for good. Raises Refused where it is not valid."""
        self._kept[text] = self._validated(text)

    def document(self, text: str) -> Document:
        """The document that `text` is. Raises Refused where it is not valid."""
        document = self._kept.get(text) or self._remembered.get(text)
        if document is None:
            self._clear_away(len(text))
            document = self._validated(text)
            # Only now that it is valid: what is refused takes no memory.
            if len(text) <= REMEMBERED_LENGTH:
                self._remembered.put(text, document, len(text))
        return document

    def _clear_away(self, new_length: int) -> None:
        """Documents and plans are circles of references, and Python by itself looks so seldom for
        old ones of those that 4,000 documents of 1,000 characters left 470 MB behind.
        """
        self._new_length += new_length
        if self._new_length > COLLECTED_LENGTH:
            self._new_length = 0
            gc.collect()

    def _validated(self, text: str) -> Document:
        parsed = _parsed(text)
        errors = refusals(parsed) or validate(
            self._schema, parsed, self._rules, hide_suggestions=self.hides_suggestions
        )
        if errors:
            raise Refused(*errors)
        return Document(
            [
                Operation(self._schema, parsed, node, hides_suggestions=self.hides_suggestions)
                for node in parsed.definitions
                if isinstance(node, OperationDefinitionNode)
            ]
        )


def _parsed(text: str) -> DocumentNode:
    if len(text) > DOCUMENT_LENGTH:
        raise Refused(_too_large(f"The document may have {DOCUMENT_LENGTH:,} characters."))
    if _LONG_NUMBER.search(text):
        raise Refused(_too_large("The document has a number that is too long."))
    try:
        return parse(text, max_tokens=TOKENS)
    except GraphQLError as error:
        error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
        raise Refused(error) from error
    except RecursionError:
        raise Refused(_too_large("The document is nested too deeply.")) from None


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def _too_large(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "DOCUMENT_TOO_LARGE"})
