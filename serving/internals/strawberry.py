"""Undocumented parts of Strawberry in use.

Plans are built from Strawberry's definitions: the resolver of a field, the type of an argument.
Reading them once per document instead of once per value takes a balance from 64 µs to 16 (decision
11). The checks by `is_awaitable` have a fast path for plain values that graphql-core's lacks.

`tests/serving/internals/test_strawberry.py` fails if a release removes or changes one.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final, TypeGuard, cast

from graphql import GraphQLSchema
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.http.ides import get_graphql_ide_html
from strawberry.scalars import is_scalar
from strawberry.schema import Schema
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.union import StrawberryUnion
from strawberry.utils.await_maybe import await_maybe
from strawberry.utils.str_converters import to_camel_case

__all__ = [
    "DEFINITION",
    "LazyType",
    "StrawberryEnumDefinition",
    "StrawberryField",
    "StrawberryList",
    "StrawberryMaybe",
    "StrawberryObjectDefinition",
    "StrawberryOptional",
    "StrawberryUnion",
    "await_maybe",
    "enum_definition",
    "exception_handlers",
    "get_graphql_ide_html",
    "get_object_definition",
    "graphql_schema_of",
    "has_enum_definition",
    "is_awaitable",
    "is_scalar_of",
    "lend_converters",
    "schema_behind",
    "to_camel_case",
]

DEFINITION: Final = "strawberry-definition"
"""The extension of graphql-core's types and fields that holds their Strawberry definition."""
FIELD_ATTRIBUTES: Final = (
    "base_resolver",
    "default_factory",
    "default_resolver",
    "default_value",
    "extensions",
    "is_async",
    "python_name",
    "resolve_type",
)
"""Attributes read from a StrawberryField."""
RESOLVER_ATTRIBUTES: Final = (
    "info_parameter",
    "parent_parameter",
    "root_parameter",
    "self_parameter",
    "wrapped_func",
)
"""Attributes read from a field's `base_resolver`."""
OBJECT_ATTRIBUTES: Final = (
    "fields",
    "from_input",
    "is_graphql_generic",
    "is_input",
    "is_type_of",
    "resolve_type",
)
"""Attributes read from a StrawberryObjectDefinition."""

Handlers = Sequence[tuple[tuple[type[Exception], ...], Any]]
"""Exception handlers, each with the exception classes that it handles."""

is_awaitable: Final = cast("Callable[[Any], TypeGuard[Any]]", optimized_is_awaitable)


def graphql_schema_of(schema: Schema) -> GraphQLSchema:
    """Returns the graphql-core schema that Strawberry built for `schema`."""
    return schema._schema


def schema_behind(graphql_schema: GraphQLSchema) -> Schema | None:
    """Returns the Strawberry schema that `graphql_schema` was built from, or borrows from."""
    schema: Schema | None = getattr(graphql_schema, "_strawberry_schema", None)
    return schema


def lend_converters(graphql_schema: GraphQLSchema, schema: Schema) -> None:
    """Makes the resolvers of `schema` work in `graphql_schema`, which reuses its types."""
    graphql_schema._strawberry_schema = schema  # type: ignore[attr-defined]


def exception_handlers(schema: Schema, field: StrawberryField) -> Handlers:
    """Returns the exception handlers of `schema` that apply to results of `field`."""
    return schema.schema_converter._get_field_exception_handlers(field)


def is_scalar_of(schema: Schema, kind: Any) -> bool:
    """Whether values of `kind` are those of a scalar of `schema`."""
    return is_scalar(kind, schema.schema_converter.scalar_registry)


def enum_definition(words: type[Enum]) -> StrawberryEnumDefinition:
    """Returns the definition of a class decorated with `strawberry.enum`, to modify it."""
    assert has_enum_definition(words)
    return words.__strawberry_definition__
