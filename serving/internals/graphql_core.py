"""What is used of graphql-core beyond what the packages `graphql` and `graphql.type` export.

Plans call graphql-core's own functions wherever a value is unusual or wrong, so that there is one
opinion of what GraphQL is. With plans a balance takes 16 µs where graphql-core takes 64, the newest
twenty entries 70 and 570, the arguments of a spend 6 and 65 (decision 11).

`tests/serving/internals/test_graphql_core.py` fails when a release drops or changes one of these;
`tests/serving/execution/test_plans.py` when one of them gives something else.
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
"""Serializes a scalar or an enum, and raises GraphQLError for a value that it has no form for."""


class _HasSchema(Protocol):
    """All that Executor.ensure_valid_runtime_type reads of its executor."""

    @property
    def schema(self) -> GraphQLSchema: ...


class _Details(NamedTuple):
    """All that it reads of a field when it makes an error."""

    node: FieldNode


def runtime_type(
    executor: _HasSchema,
    name: object,
    kind: GraphQLAbstractType,
    nodes: list[FieldNode],
    info: GraphQLResolveInfo[Any],
    value: object,
) -> GraphQLObjectType:
    """The object type that `name`, what a type resolver gave, stands for in `kind`.

    Raises GraphQLError, with graphql-core's message, where that is no possible type of `kind`.
    """
    details: Any = [_Details(node) for node in nodes]
    return Executor.ensure_valid_runtime_type(
        cast("Any", executor), cast("Any", name), kind, details, info, value
    )
