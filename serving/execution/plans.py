"""Plans: an operation's selection, compiled once and cached with its document.

For each object type in the result, a plan has the selected fields with their resolvers, types and
arguments, so that execution (`serving.execution.run`) looks up nothing. If @skip and @include
depend on variables, there is one plan per combination of their values.

graphql-core executes what plans do not support: introspection, subscriptions, other directives, and
features of Strawberry that this schema does not use, such as field extensions.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from inspect import isasyncgenfunction, isawaitable, isfunction
from typing import Any, Final, NamedTuple, TypeVar, cast

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    VariableValues,
    execute,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from serving.application import Context
from serving.execution.arguments import (
    COERCION_ERRORS,
    UnplannedError,
    Variables,
    coerced_arguments,
    converted_arguments,
    may_be_wrong,
)
from serving.execution.attributes import path_of
from serving.execution.checks import Checked, checks_of, wrong_arguments
from serving.execution.run import (
    Abstract,
    AsyncField,
    Field,
    Items,
    Leaf,
    MutationResult,
    Object,
    PlainField,
    Resolver,
    Run,
    Shape,
    SyncField,
)
from serving.internals.graphql_core import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from serving.internals.strawberry import (
    DEFINITION,
    Handlers,
    StrawberryField,
    StrawberryObjectDefinition,
    StrawberryUnion,
    exception_handlers,
    is_awaitable,
    schema_behind,
)
from serving.operations.limits import introspects
from serving.operations.workers import Worker

T = TypeVar("T")

VARIANTS: Final = 8
"""How many plans an operation caches for different values of its directives' variables."""
_DIRECTIVES: Final = frozenset({"skip", "include"})


class Planned(NamedTuple):
    """The root fields, and the arguments that are checked before any of them is resolved."""

    fields: Sequence[Field]
    checked: Sequence[Checked]


class Plan:
    """Executes one operation of a valid document."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        node: OperationDefinitionNode,
        *,
        hide_suggestions: bool,
        worker: Worker | None = None,
    ) -> None:
        self._schema = schema
        self._document = document
        self._node = node
        self._hide_suggestions = hide_suggestions
        self._worker = worker
        self._introspects = introspects(document, node)
        self._serially = node.operation is OperationType.MUTATION
        self._variants: dict[tuple[Any, ...], Planned | None] = {}
        self._conditions: list[str] = []
        self._variables: Variables | None = None
        try:
            self._conditions = _conditions(document)
            self._variables = Variables(schema, node, hide_suggestions=hide_suggestions)
        except UnplannedError:
            pass

    def prepare(self) -> None:
        """Compiles the plan if its fields do not depend on variables."""
        if self._variables is not None and not self._conditions:
            self._variants[()] = self._planned(VariableValues({}, {}))

    def execute(
        self, given: dict[str, Any], context: Context, carried_out: dict[str, None] | None = None
    ) -> Awaitable[ExecutionResult]:
        """The result, with the variables as they are given.

        `carried_out` takes the keys of the mutations that are carried out, as soon as they are;
        a dict keeps their order.
        """
        if self._variables is None:
            return self._unplanned(given, context)
        variables = self._variables.coerced(given)
        if isinstance(variables, list):
            return _refused(variables)
        variant = self._variant(variables)
        if variant not in self._variants:
            return self._compiled_first(variant, given, context, carried_out)
        planned = self._variants[variant]
        if planned is None:
            return self._unplanned(given, context)
        if planned.checked:
            wrong = wrong_arguments(planned.checked, variables, context)
            if wrong:
                return _refused(wrong)
        run = Run(self._schema, self._node, variables, context, carried_out)
        return run.execute(planned.fields, serially=self._serially)

    def covers(self, given: dict[str, Any]) -> bool:
        """Whether this plan executes the operation instead of graphql-core."""
        variables = self._variables and self._variables.coerced(given)
        return (
            isinstance(variables, VariableValues)
            and self._planned(self._values(self._variant(variables))) is not None
        )

    async def _compiled_first(
        self,
        variant: tuple[Any, ...],
        given: dict[str, Any],
        context: Context,
        carried_out: dict[str, None] | None,
    ) -> ExecutionResult:
        planned = await self._aside(partial(self._planned, self._values(variant)))
        self._variants[variant] = planned
        if len(self._variants) > VARIANTS:
            del self._variants[next(iter(self._variants))]
        return await self.execute(given, context, carried_out)

    def _variant(self, variables: VariableValues) -> tuple[Any, ...]:
        """Returns the values of the variables on which the fields depend."""
        return tuple(map(variables.coerced.get, self._conditions))

    def _values(self, variant: tuple[Any, ...]) -> VariableValues:
        return VariableValues({}, dict(zip(self._conditions, variant, strict=True)))

    async def _aside(self, work: Callable[[], T]) -> T:
        """Runs long work outside the event loop if there is a worker."""
        return work() if self._worker is None else await self._worker.do(work)

    def _planned(self, conditions: VariableValues) -> Planned | None:
        compiler = _Compiler(
            self._schema, self._document, self._node, conditions, self._hide_suggestions
        )
        try:
            return Planned(compiler.root(), [*compiler.checked.values()])
        except (UnplannedError, GraphQLError):
            return None

    async def _unplanned(self, given: dict[str, Any], context: Context) -> ExecutionResult:
        executing = partial(
            execute,
            self._schema,
            self._document,
            context_value=context,
            variable_values=given,
            operation_name=self._node.name.value if self._node.name else None,
            is_awaitable=is_awaitable,
            hide_suggestions=self._hide_suggestions,
            max_coercion_errors=COERCION_ERRORS,
        )
        # Only resolvers of this schema are bound to the event loop.
        result = await self._aside(executing) if self._introspects else executing()
        return await result if isawaitable(result) else result


class _Compiler:
    """Compiles one operation for one combination of its directives' values."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        node: OperationDefinitionNode,
        conditions: VariableValues,
        hide_suggestions: bool,
    ) -> None:
        self._schema = schema
        self._node = node
        self._conditions = conditions
        self._hide_suggestions = hide_suggestions
        self._is_mutation = node.operation is OperationType.MUTATION
        self.checked: dict[int, Checked] = {}
        """What is checked before a mutation runs, by its node: a node may be met several times."""
        self._fragments = {
            one.name.value: FragmentDetails(one)
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._strawberry = schema_behind(schema)

    def root(self) -> Sequence[Field]:
        """Compiles the fields of the operation. Raises UnplannedError."""
        kind = self._schema.get_root_type(self._node.operation)
        if kind is None or self._node.operation is OperationType.SUBSCRIPTION:
            raise UnplannedError
        return self._fields(
            kind,
            collect_fields(
                self._schema,
                self._fragments,
                self._conditions,
                kind,
                self._node,
                self._hide_suggestions,
            ).grouped_field_set,
        )

    def _fields(self, parent: GraphQLObjectType, grouped: GroupedFieldSet) -> list[Field]:
        return [self._field(parent, key, details) for key, details in grouped.items()]

    def _field(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Field:
        nodes = [one.node for one in details]
        name = nodes[0].name.value
        definition = self._schema.get_field(parent, name)
        if definition is None or name in ("__schema", "__type"):
            raise UnplannedError
        shape = self._shape(definition.type, details, parent, f"{parent.name}.{name}")
        field = (key, nodes, parent, definition, shape)
        if name == "__typename":
            return PlainField(partial(_always, parent.name), *field)
        strawberry = definition.extensions.get(DEFINITION)
        if not isinstance(strawberry, StrawberryField) or strawberry.extensions:
            raise UnplannedError
        if strawberry.base_resolver is None:
            return PlainField(self._attribute(strawberry), *field)
        if read := self._reader(strawberry, definition, parent):
            return PlainField(read, *field)
        resolver = self._resolver(strawberry, definition, nodes[0])
        return (AsyncField if strawberry.is_async else SyncField)(resolver, *field)

    def _attribute(self, field: StrawberryField) -> str:
        if field.default_resolver is not getattr or self._handlers(field):
            raise UnplannedError
        return field.python_name

    def _reader(
        self, field: StrawberryField, definition: GraphQLField, parent: GraphQLObjectType
    ) -> Callable[[Any], Any] | str | None:
        """Returns the resolver if it takes only the object and therefore can only read it.

        For a resolver created by `attribute`, returns the attribute.
        """
        base = field.base_resolver
        if base is None or base.self_parameter is None or not isfunction(base.wrapped_func):
            return None
        if base.info_parameter or base.parent_parameter or base.root_parameter or definition.args:
            return None
        if field.is_async or self._handlers(field):
            return None
        roots = (self._schema.query_type, self._schema.mutation_type)
        return None if parent in roots else path_of(base.wrapped_func) or base.wrapped_func

    def _resolver(
        self, field: StrawberryField, definition: GraphQLField, node: FieldNode
    ) -> Resolver:
        handlers = self._handlers(field)
        assert field.base_resolver is not None
        function = field.base_resolver.wrapped_func
        if not callable(function) or isasyncgenfunction(function):
            raise UnplannedError
        if handlers and not field.is_async:
            raise UnplannedError
        assert self._strawberry is not None, "it has the exception handlers"
        resolver = Resolver(
            field,
            coerced_arguments(definition, node, hide_suggestions=self._hide_suggestions),
            converted_arguments(self._strawberry, field, definition, node),
            handlers,
        )
        if self._is_mutation and node.arguments:
            checks = checks_of(function)
            if checks or may_be_wrong(node, self._node):
                self.checked[id(node)] = Checked(node, resolver.converted, checks)
        return resolver

    def _handlers(self, field: StrawberryField) -> Handlers:
        """Returns the schema's exception handlers that apply to the field's possible results."""
        if self._strawberry is None:
            raise UnplannedError
        return exception_handlers(self._strawberry, field)

    def _shape(
        self,
        kind: GraphQLOutputType,
        details: FieldDetailsList,
        parent: GraphQLObjectType,
        label: str,
    ) -> Shape:
        nullable = not is_non_null_type(kind)
        kind = cast("GraphQLOutputType", get_nullable_type(kind))
        if is_leaf_type(kind):
            return Leaf(kind, label, nullable=nullable)
        if is_list_type(kind):
            items = self._shape(kind.of_type, details, parent, label)
            return Items(items, label, nullable=nullable)
        if is_abstract_type(kind):
            if not _is_usual(kind.extensions.get(DEFINITION)):
                raise UnplannedError
            shapes = {
                one: self._object(one, details, label, nullable=nullable)
                for one in self._schema.get_possible_types(kind)
            }
            made = MutationResult if parent is self._schema.mutation_type else Abstract
            return made(self._schema, kind, shapes, label, nullable=nullable)
        return self._object(cast("GraphQLObjectType", kind), details, label, nullable=nullable)

    def _object(
        self, kind: GraphQLObjectType, details: FieldDetailsList, label: str, *, nullable: bool
    ) -> Object:
        if not _is_usual(kind.extensions.get(DEFINITION)):
            raise UnplannedError
        grouped = collect_subfields(
            self._schema,
            self._fragments,
            self._conditions,
            self._node,
            kind,
            details,
            self._hide_suggestions,
        ).grouped_field_set
        return Object(kind, self._fields(kind, grouped), label, nullable=nullable)


async def _refused(errors: list[GraphQLError]) -> ExecutionResult:
    return ExecutionResult(None, errors)


def _conditions(document: DocumentNode) -> list[str]:
    """Returns the variables of @skip and @include. Raises UnplannedError for other directives."""
    names: dict[str, None] = {}
    for directive in _directives(document):
        if directive.name.value not in _DIRECTIVES:
            raise UnplannedError
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                names[argument.value.name.value] = None
    return list(names)


def _directives(root: Node) -> Iterator[DirectiveNode]:
    """Returns all directives in a document of limited depth."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield from getattr(node, "directives", None) or ()
        selection_set = getattr(node, "selection_set", None)
        waiting += selection_set.selections if selection_set else ()
        waiting += getattr(node, "variable_definitions", None) or ()
        waiting += getattr(node, "definitions", None) or ()


def _is_usual(definition: object) -> bool:
    """Whether Strawberry resolves the types of its values itself."""
    if isinstance(definition, StrawberryObjectDefinition):
        return definition.is_type_of is None and definition.resolve_type is None
    return isinstance(definition, StrawberryUnion)


def _always(value: str, _source: object) -> str:
    return value
