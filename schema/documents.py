"""Parsing of GraphQL documents, remembered by their text."""

from collections.abc import Iterator
from functools import lru_cache

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse
from strawberry.extensions import SchemaExtension

TOKENS = 5_000
REMEMBERED_DOCUMENTS = 1_000


@lru_cache(maxsize=REMEMBERED_DOCUMENTS)
def parse_document(text: str) -> DocumentNode:
    """The parsed document. Raises GraphQLError where it is malformed, too long or too deep."""
    try:
        return parse(text, max_tokens=TOKENS)
    except RecursionError:
        raise GraphQLError("The document is nested too deeply.") from None


def needs_operation_name(text: str) -> bool:
    """Whether the document has several operations, so that one of them has to be named."""
    try:
        document = parse_document(text)
    except GraphQLError:
        return False
    operations = (isinstance(node, OperationDefinitionNode) for node in document.definitions)
    return sum(operations) > 1


class ParseDocuments(SchemaExtension):
    """Parses each text once."""

    def on_parse(self) -> Iterator[None]:
        if self.execution_context.query:
            self.execution_context.graphql_document = parse_document(self.execution_context.query)
        yield
