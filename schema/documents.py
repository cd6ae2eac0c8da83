"""Parsing and validating of GraphQL documents, remembered by their text if it is short."""

import re
from collections.abc import Iterator
from functools import lru_cache

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse
from strawberry.extensions import ValidationCache

TOKENS = 5_000
DOCUMENT_LENGTH = 100_000
REMEMBERED_LENGTH = 8_000
"""What is longer is parsed and validated each time, so that no stranger can fill the memory."""
REMEMBERED_DOCUMENTS = 1_000
_LONG_NUMBER = re.compile(r"\d{1000}")


def parse_document(text: str) -> DocumentNode:
    """The parsed document. Raises GraphQLError where it is malformed, too long or too deep."""
    return _remembered(text) if _is_short(text) else _parsed(text)


def needs_operation_name(text: str) -> bool:
    """Whether the document has several operations, so that one of them has to be named."""
    try:
        document = parse_document(text)
    except GraphQLError:
        return False
    operations = (isinstance(node, OperationDefinitionNode) for node in document.definitions)
    return sum(operations) > 1


class KnownDocuments(ValidationCache):
    """Parses and validates each short text once."""

    def __init__(self) -> None:
        super().__init__(maxsize=REMEMBERED_DOCUMENTS)

    def on_parse(self) -> Iterator[None]:
        if self.execution_context.query:
            self.execution_context.graphql_document = parse_document(self.execution_context.query)
        yield

    def on_validate(self) -> Iterator[None]:
        if self.execution_context.query and _is_short(self.execution_context.query):
            yield from super().on_validate()
        else:
            yield


def _is_short(text: str) -> bool:
    return len(text) <= REMEMBERED_LENGTH


def _parsed(text: str) -> DocumentNode:
    if len(text) > DOCUMENT_LENGTH:
        raise GraphQLError(f"The document may have at most {DOCUMENT_LENGTH:,} characters.")
    if _LONG_NUMBER.search(text):
        raise GraphQLError("The document has a number that is too long.")
    try:
        return parse(text, max_tokens=TOKENS)
    except RecursionError:
        raise GraphQLError("The document is nested too deeply.") from None


_remembered = lru_cache(maxsize=REMEMBERED_DOCUMENTS)(_parsed)
