"""Parts of graphql-core in use that `graphql` and `graphql.type` do not export.

Plans call graphql-core's own functions wherever a value is unusual or invalid, so that there is one
interpretation of GraphQL. With plans a balance takes 16 µs instead of 64, the newest twenty entries
70 instead of 570, the arguments of a spend 6 instead of 65 (decision 11).

`tests/serving/internals/test_graphql_core.py` fails if a release removes or changes one;
`tests/serving/execution/test_plans.py` fails if one returns something else.
"""

from typing import Any, Final, NamedTuple, Protocol, cast

from graphql import (
    Executor,
    FieldNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValueSource, coerce_argument
from graphql.pyutils import Path, gather_with_cancel, inspect, is_iterable
from graphql.utilities.coerce_input_value import coerce_default_value

__all__ = [
    "FieldDetailsList",
    "FragmentDetails",
    "GraphQLVariableSignature",
    "GroupedFieldSet",
    "Path",
    "VariableValueSource",
    "coerce_argument",
    "coerce_default_value",
    "collect_fields",
    "collect_subfields",
    "complete_leaf_value",
    "gather_with_cancel",
    "get_variable_signature",
    "inspect",
    "is_iterable",
    "runtime_type",
]

complete_leaf_value: Final = Executor.complete_leaf_value
"""Serializes a scalar or an enum; raises GraphQLError for values it cannot serialize."""


class _HasSchema(Protocol):
    """Everything that Executor.ensure_valid_runtime_type reads from its executor."""

    @property
    def schema(self) -> GraphQLSchema: ...


class _Details(NamedTuple):
    """Everything that it reads from a field when it creates an error."""

    node: FieldNode


def runtime_type(
    executor: _HasSchema,
    name: object,
    kind: GraphQLAbstractType,
    nodes: list[FieldNode],
    info: GraphQLResolveInfo[Any],
    value: object,
) -> GraphQLObjectType:
    """Returns the object type for `name`, the result of a type resolver of `kind`.

    Raises GraphQLError, with graphql-core's message, if it is not a possible type of `kind`.
    """
    details: Any = [_Details(node) for node in nodes]
    return Executor.ensure_valid_runtime_type(
        cast("Any", executor), cast("Any", name), kind, details, info, value
    )
