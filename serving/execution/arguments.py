"""Coerces variables and arguments like graphql-core and Strawberry, with precompiled functions.

graphql-core and Strawberry inspect the types again for each value, which takes 65 µs for an input
of eight fields; here it takes 6. Unusual and invalid values are passed to graphql-core, whose
errors are returned.
"""

import dataclasses
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLString,
    NonNullTypeNode,
    OperationDefinitionNode,
    Undefined,
    ValueNode,
    VariableNode,
    VariableValues,
    get_argument_values,
    get_nullable_type,
    get_variable_values,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)
from strawberry import UNSET
from strawberry.relay import GlobalID
from strawberry.schema import Schema

from serving.internals.graphql_core import (
    GraphQLVariableSignature,
    VariableValueSource,
    coerce_argument,
    coerce_default_value,
    get_variable_signature,
)
from serving.internals.strawberry import (
    LazyType,
    StrawberryEnumDefinition,
    StrawberryField,
    StrawberryList,
    StrawberryMaybe,
    StrawberryOptional,
    get_object_definition,
    has_enum_definition,
    is_scalar_of,
)
from serving.operations.bounds import LONGEST

Coerce = Callable[[Any], Any]
Arguments = dict[str, Any]
SHOWN_LENGTH: Final = 1_000
"""Longer strings and lists are cut before their errors are described."""
COERCION_ERRORS: Final = 9
"""How many invalid values are reported; one more error says that there are others."""


class UnplannedError(Exception):
    """Not supported by plans: graphql-core executes the operation."""


class _UnusualArgumentError(Exception):
    """A value that is invalid, or that graphql-core has to handle."""


class Variables:
    """The variables of an operation."""

    def __init__(
        self, schema: GraphQLSchema, node: OperationDefinitionNode, *, hide_suggestions: bool
    ) -> None:
        self._schema = schema
        self._definitions = node.variable_definitions or ()
        self._hide_suggestions = hide_suggestions
        self._known: list[tuple[str, GraphQLVariableSignature, type | None, Coerce]] = []
        for definition in self._definitions:
            signature = get_variable_signature(schema, definition)
            if isinstance(signature, GraphQLError):
                raise UnplannedError
            exact, coerce = _exact(signature.type), _coercer(signature.type)
            self._known.append((signature.name, signature, exact, coerce))

    def coerced(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """Returns their coerced values, or the errors of the given ones."""
        try:
            return self._usual(given)
        except Exception:  # any error: graphql-core reports it in its own words
            return self._unusual(given)

    def _unusual(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        try:
            shortened = _shortened(given)
        except RecursionError:
            shortened = given
        found = self._by_graphql_core(shortened)
        if isinstance(found, list) or shortened == given:
            return found
        return self._by_graphql_core(given)

    def _by_graphql_core(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(
            self._schema,
            self._definitions,
            given,
            max_errors=COERCION_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )

    def _usual(self, given: dict[str, Any]) -> VariableValues:
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, signature, exact, coerce in self._known:
            value = given.get(name, Undefined)
            sources[name] = VariableValueSource(signature, value)
            if type(value) is exact:
                coerced[name] = value
            elif value is not Undefined:
                coerced[name] = coerce(value)
            elif signature.default is not None:
                coerced[name] = coerce_default_value(signature)
            elif is_non_null_type(signature.type):
                raise _UnusualArgumentError
        return VariableValues(sources, coerced)


def coerced_arguments(
    field: GraphQLField, node: FieldNode, *, hide_suggestions: bool
) -> Callable[[VariableValues], Arguments]:
    """Returns a function that computes a field node's arguments from the variables. Shared."""
    nodes = {one.name.value: one for one in node.arguments or ()}
    every = partial(get_argument_values, field, node, hide_suggestions=hide_suggestions)
    known: Arguments = {}
    variables: list[tuple[str, str, bool, bool]] = []
    for name, argument in field.args.items():
        given = nodes.get(name)
        if given is None or not isinstance(given.value, VariableNode):
            if given is not None and _has_variables(given.value):
                return every
        else:
            required, null = is_required_argument(argument), not is_non_null_type(argument.type)
            out_name = argument.out_name or name
            variables.append((out_name, given.value.name.value, required, null))
            if required:
                continue
            # Without a value, the variable counts as absent.
            given = None
        try:
            coerce_argument(known, node, name, argument, given, None, None, hide_suggestions)
        except GraphQLError:
            return every
    if not variables:
        return lambda _: known
    return partial(_from_variables, known, variables, every)


def may_be_wrong(node: FieldNode, operation: OperationDefinitionNode) -> bool:
    """Whether arguments of the node may not fit their types though the variables fit theirs.

    Of a variable that may be null a default may be taken for granted, and null be given.
    """
    nullable = {
        one.variable.name.value
        for one in operation.variable_definitions or ()
        if not isinstance(one.type, NonNullTypeNode)
    }
    return any(
        name in nullable for one in node.arguments or () for name in _variables_in(one.value)
    )


def converted_arguments(
    schema: Schema, field: StrawberryField, definition: GraphQLField, node: FieldNode
) -> Coerce:
    """Returns a function that converts coerced arguments to a resolver's keyword arguments."""
    names = schema.config.name_converter
    possible = _possible(definition, node)
    converters = [
        (name, one.python_name, _converter(schema, one.type))
        for one in field.arguments
        if (name := names.from_argument(one)) in possible
    ]
    if all(convert is None and name == renamed for name, renamed, convert in converters):
        return dict.copy
    return partial(_renamed, converters)


def _possible(definition: GraphQLField, node: FieldNode) -> set[str]:
    """Returns the arguments that the node may have: given ones and those with a default."""
    return {one.name.value for one in node.arguments or ()} | {
        name
        for name, argument in definition.args.items()
        if argument.default is not None or argument.default_value is not Undefined
    }


def _from_variables(
    known: Arguments,
    variables: list[tuple[str, str, bool, bool]],
    every: Callable[[VariableValues], Arguments],
    values: VariableValues,
) -> Arguments:
    arguments = known.copy()
    for name, variable, required, may_be_null in variables:
        value = values.coerced.get(variable, Undefined)
        if (value is None and not may_be_null) or (value is Undefined and required):
            return every(values)
        if value is not Undefined:
            arguments[name] = value
    return arguments


def _renamed(converters: list[tuple[str, str, Coerce | None]], arguments: Arguments) -> Arguments:
    return {
        python_name: arguments[name] if convert is None else convert(arguments[name])
        for name, python_name, convert in converters
        if name in arguments
    }


def _has_variables(node: ValueNode) -> bool:
    return next(_variables_in(node), None) is not None


def _variables_in(node: ValueNode) -> Iterator[str]:
    """The names of the variables that stand anywhere in a value."""
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, VariableNode):
            yield one.name.value
        waiting += getattr(one, "values", ())
        waiting += [field.value for field in getattr(one, "fields", ())]


def _shortened(value: Any) -> Any:
    """Returns `value` with long strings and lists cut: describing errors is slower than reading.

    Raises RecursionError if it is nested too deeply.
    """
    if isinstance(value, str):
        return value[:SHOWN_LENGTH]
    if isinstance(value, list):
        return [_shortened(part) for part in value[:SHOWN_LENGTH]]
    if isinstance(value, dict):
        return {name: _shortened(part) for name, part in value.items()}
    return value


def _coercer(kind: GraphQLInputType, within: tuple[GraphQLInputObjectType, ...] = ()) -> Coerce:
    """Returns a function that coerces JSON values and raises if graphql-core has to handle one."""
    nullable: Any = get_nullable_type(kind)
    if is_list_type(nullable):
        coerce: Coerce = partial(_coerced_list, _coercer(nullable.of_type, within))
    elif is_input_object_type(nullable):
        if nullable in within or nullable.is_one_of:
            raise UnplannedError
        inner = (*within, nullable)
        fields: list[tuple[str, str, Coerce, Callable[[], Any] | None]] = [
            (
                name,
                field.out_name or name,
                _coercer(field.type, inner),
                None if is_required_input_field(field) else partial(coerce_default_value, field),
            )
            for name, field in nullable.fields.items()
        ]
        coerce = partial(_coerced_object, fields, frozenset(nullable.fields), nullable.out_type)
    elif is_enum_type(nullable):
        coerce = partial(_coerced_word, nullable.values, nullable.coerce_input_value)
    else:
        coerce = nullable.coerce_input_value
    return partial(_coerced, coerce, _exact(kind), is_non_null_type(kind))


def _exact(kind: GraphQLInputType) -> type | None:
    """Returns the type whose values are used unchanged."""
    return str if get_nullable_type(kind) in (GraphQLString, GraphQLID) else None


def _coerced(coerce: Coerce, exact: type | None, required: bool, value: Any) -> Any:
    if type(value) is exact:
        return value
    if value is not None:
        return coerce(value)
    if required:
        raise _UnusualArgumentError
    return None


def _coerced_word(words: Collection[str], coerce: Coerce, value: Any) -> Any:
    if value not in words:
        raise _UnusualArgumentError
    return coerce(value)


def _coerced_list(item: Coerce, value: Any) -> list[Any]:
    if type(value) is not list:
        raise _UnusualArgumentError
    return [item(part) for part in value]


def _coerced_object(
    fields: list[tuple[str, str, Coerce, Callable[[], Any] | None]],
    names: frozenset[str],
    finish: Coerce,
    value: Any,
) -> Any:
    if type(value) is not dict or not names.issuperset(value):
        raise _UnusualArgumentError
    coerced: dict[str, Any] = {}
    for name, out_name, coerce, default in fields:
        if name in value:
            coerced[out_name] = coerce(value[name])
        elif default is None:
            raise _UnusualArgumentError
        elif (found := default()) is not Undefined:
            coerced[out_name] = found
    return finish(coerced)


def _converter(schema: Schema, kind: Any) -> Coerce | None:
    """Does the same as Strawberry's `convert_argument` for a type; None if nothing is needed."""
    if isinstance(kind, LazyType):
        return _converter(schema, kind.resolve_type())
    if isinstance(kind, StrawberryMaybe) or kind is GlobalID:
        raise UnplannedError
    if isinstance(kind, StrawberryOptional):
        return _converter(schema, kind.of_type)
    if isinstance(kind, StrawberryList):
        item = _converter(schema, kind.of_type)
        return partial(_converted_list, item)
    if is_scalar_of(schema, kind) or isinstance(kind, StrawberryEnumDefinition):
        return None
    if has_enum_definition(kind):
        return None
    return _input_converter(schema, kind)


def _input_converter(schema: Schema, kind: Any) -> Coerce:
    definition = get_object_definition(kind)
    if definition is None or not definition.is_input or definition.from_input is not None:
        raise UnplannedError
    names = schema.config.name_converter
    fields = [
        (
            names.from_field(field),
            field.python_name,
            _converter(schema, field.resolve_type(type_definition=definition)),
        )
        for field in definition.fields
    ]
    # Strawberry uses None for absent values without a default.
    absent = {field.python_name: None for field in definition.fields if not _has_default(field)}
    return partial(_converted_object, cast("Callable[..., Any]", kind), absent, fields)


def _has_default(field: StrawberryField) -> bool:
    missing: Any = dataclasses.MISSING
    return field.default_value is not missing or field.default_factory is not missing


def _converted_list(item: Coerce | None, value: Any) -> Any:
    if value is None or value is UNSET:
        return value
    if len(value) > LONGEST:
        # It will be refused, under each of up to a hundred aliases.
        return value
    return list(value) if item is None else [item(part) for part in value]


def _converted_object(
    make: Callable[..., Any],
    absent: Arguments,
    fields: list[tuple[str, str, Coerce | None]],
    value: Any,
) -> Any:
    if value is None or value is UNSET:
        return value
    return make(**absent | _renamed(fields, value))
