"""Executes a plan: turns results of resolvers into the data and errors of a response.

graphql-core determines the type, awaitability and path of every value, about 10 µs per field. Here
the plan already knows them (`serving.execution.plans`): fields that need only their object are read
by functions generated for the selection (`serving.execution.generated`), and a path is built only
when a resolver runs or something fails. A balance takes a quarter of graphql-core's time, twenty
entries an eighth.

The result, including errors, is the same as graphql-core's.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from functools import cached_property, partial
from inspect import iscoroutine
from operator import attrgetter
from typing import Any, Final, cast

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
    VariableValues,
    located_error,
)
from strawberry import Info

from serving.application import CarriedOut, Context
from serving.execution.arguments import Arguments
from serving.execution.generated import PLAIN, Part, ReadFunction, Way, written
from serving.internals.graphql_core import (
    Path,
    complete_leaf_value,
    gather_with_cancel,
    inspect,
    is_iterable,
    runtime_type,
)
from serving.internals.strawberry import (
    Handlers,
    StrawberryField,
    await_maybe,
    get_object_definition,
    is_awaitable,
)

Pending = tuple[Any, "Place"]
"""A pending value, either awaitable or a partial that returns one, and its place."""

_TEXTS: Final = (GraphQLString, GraphQLID)


class _SlowPathError(Exception):
    """A value that the fast path does not support."""


class Place:
    """A position in the response: `key` in the container `outer`, whose own place is `before`."""

    __slots__ = ("before", "field", "key", "nulled", "outer", "shape")

    def __init__(
        self, key: str | int, outer: Any, before: "Place | None", field: "Field", shape: "Shape"
    ) -> None:
        self.key = key
        self.outer = outer
        self.before = before
        self.field = field
        self.shape = shape
        self.nulled = False

    def keys(self) -> list[str | int]:
        """The keys that lead to it from the root of the response."""
        keys: list[str | int] = []
        place: Place | None = self
        while place is not None:
            keys.append(place.key)
            place = place.before
        return keys[::-1]

    def path(self) -> Path:
        """The path as graphql-core passes it to resolvers."""
        before = self.before.path() if self.before is not None else None
        type_name = self.field.parent.name if isinstance(self.key, str) else None
        return Path(before, self.key, type_name)


class Shape:
    """A type's selection. `fast` completes values that need no resolver, or raises.

    `label` names the field, such as "Wallet.available". A plain shape (`is_plain`) has a `fast`,
    which is generated on first use: an interface has a shape for each of its types.
    """

    is_plain = False

    def __init__(self, label: str, *, nullable: bool) -> None:
        self.label = label
        self.nullable = nullable

    @cached_property
    def fast(self) -> ReadFunction:
        """Completes a value, or raises any error."""
        raise NotImplementedError

    def complete(self, value: Any, place: Place, run: "Run") -> Any:
        """Returns the response value for a resolver's result. Raises the field's error.

        Resolvers that it needs are queued in `run`.
        """
        if value is None or value is Undefined:
            if self.nullable:
                return None
            raise TypeError(f"Cannot return null for non-nullable field {self.label}.")
        if isinstance(value, Exception):
            raise value
        return self.present(value, place, run)

    def present(self, value: Any, place: Place, run: "Run") -> Any:
        """Does the same for a value that is not None."""
        raise NotImplementedError


class Leaf(Shape):
    """A scalar or an enum. `way` is the template that completes common values, from `usual`."""

    is_plain = True

    def __init__(self, kind: GraphQLLeafType, label: str, *, nullable: bool) -> None:
        super().__init__(label, nullable=nullable)
        self._kind = kind
        self.way, self.usual = self._usual()

    @cached_property
    def fast(self) -> ReadFunction:
        return self._complete

    def present(self, value: Any, _place: Place, _run: "Run") -> Any:
        return complete_leaf_value(self._kind, value)

    def _usual(self) -> tuple[Way, Any]:
        if self._kind in _TEXTS:
            return Way.EXACT, str
        if self._kind is GraphQLBoolean:
            return Way.EXACT, bool
        if self._kind is GraphQLInt:
            return Way.INTEGER, None
        if isinstance(self._kind, GraphQLEnumType):
            words = getattr(self._kind, "wrapped_cls", ())
            return Way.WORD, {word: self._kind.coerce_output_value(word) for word in words}.get
        return Way.SCALAR, self._kind.coerce_output_value

    def _complete(self, value: Any) -> Any:
        if type(value) not in PLAIN:
            if value is None and self.nullable:
                return None
            if value in (None, Undefined) or isinstance(value, Exception) or is_awaitable(value):
                raise _SlowPathError
        return complete_leaf_value(self._kind, value)


class Items(Shape):
    """A list."""

    def __init__(self, item: Shape, label: str, *, nullable: bool) -> None:
        super().__init__(label, nullable=nullable)
        self._item = item
        self.is_plain = item.is_plain

    @cached_property
    def fast(self) -> ReadFunction:
        return partial(self._fast, self._item.fast)

    def present(self, value: Any, place: Place, run: "Run") -> Any:
        if self.is_plain:
            try:
                return self.fast(value)
            except Exception:  # noqa: S110 - done again below, which finds out what failed
                pass
        if type(value) is not list:
            if isinstance(value, AsyncIterable):
                run.wait(_all(value), place)
                return None
            if not is_iterable(value):
                message = f"Expected Iterable, but did not find one for field '{self.label}'."
                raise GraphQLError(message)
        items: list[Any] = []
        for index, part in enumerate(value):
            items.append(None)
            run.put(part, Place(index, items, place, place.field, self._item))
        return items

    def _fast(self, item: ReadFunction, value: Any) -> Any:
        if type(value) is list:
            return [item(part) for part in value]
        if value is None and self.nullable:
            return None
        raise _SlowPathError


class Object(Shape):
    """An object and its selected fields."""

    def __init__(
        self, kind: GraphQLObjectType, fields: "Sequence[Field]", label: str, *, nullable: bool
    ) -> None:
        super().__init__(label, nullable=nullable)
        self._kind = kind
        self._fields = fields
        self._accepted: set[type] = set()
        self.is_plain = all(field.is_plain for field in fields)

    @cached_property
    def fast(self) -> ReadFunction:
        return written([field.part() for field in self._fields], self._accepted, self._unaccepted)

    def present(self, value: Any, place: Place, run: "Run") -> Any:
        if type(value) not in self._accepted:
            self._accept(value, place, run)
        elif self.is_plain:
            try:
                return self.fast(value)
            except Exception:  # noqa: S110 - done again below, which finds out what failed
                pass
        data: dict[str, Any] = {}
        for field in self._fields:
            field.start(value, data, place, run)
        return data

    def _unaccepted(self, value: Any) -> Any:
        if value is None and self.nullable:
            return None
        raise _SlowPathError

    def _accept(self, value: Any, place: Place, run: "Run") -> None:
        """Called once per class, because Strawberry's check depends only on the class."""
        is_type_of = self._kind.is_type_of
        if is_type_of is not None and not is_type_of(value, cast("Any", FieldInfo(run, place))):
            message = f"Expected value of type '{self._kind}' but got: {inspect(value)}."
            raise GraphQLError(message, place.field.nodes)
        if not is_awaitable(value):
            self._accepted.add(type(value))


class Abstract(Shape):
    """An interface or a union, with the shape of each of its types."""

    def __init__(
        self,
        schema: GraphQLSchema,
        kind: GraphQLAbstractType,
        shapes: dict[GraphQLObjectType, Object],
        label: str,
        *,
        nullable: bool,
    ) -> None:
        super().__init__(label, nullable=nullable)
        self.schema = schema
        self._kind = kind
        self._shapes = shapes
        self._by_class: dict[type, Shape] = {}

    def present(self, value: Any, place: Place, run: "Run") -> Any:
        shape = self._by_class.get(type(value)) or self._resolved(value, place, run)
        return shape.present(value, place, run)

    def _resolved(self, value: Any, place: Place, run: "Run") -> Shape:
        info: Any = FieldInfo(run, place)
        assert self._kind.resolve_type is not None, "Strawberry gives each one"
        name = self._kind.resolve_type(value, info, self._kind)
        kind = runtime_type(self, name, self._kind, place.field.nodes, info, value)
        definition = get_object_definition(type(value))
        if definition is not None and not definition.is_graphql_generic:
            self._by_class[type(value)] = self._shapes[kind]
        return self._shapes[kind]


class MutationResult(Abstract):
    """What a mutation answers. Notes where the mutation was carried out."""

    def present(self, value: Any, place: Place, run: "Run") -> Any:
        if isinstance(value, CarriedOut) and run.carried_out is not None:
            run.carried_out[cast("str", place.key)] = None
        return super().present(value, place, run)


class Field:
    """A field of an object type, with the response key `key`.

    If it `is_plain`, it and its entire selection need only their object.
    """

    is_plain = False

    def __init__(
        self,
        key: str,
        nodes: list[FieldNode],
        parent: GraphQLObjectType,
        definition: GraphQLField,
        shape: Shape,
    ) -> None:
        self.key = key
        self.nodes = nodes
        self.parent = parent
        self.definition = definition
        self.shape = shape

    def start(self, source: Any, data: dict[str, Any], before: Place | None, run: "Run") -> None:
        """Puts its value into `data`, or None if it has to be awaited.

        Raises the located error of a non-null field.
        """
        raise NotImplementedError

    def part(self) -> Part:
        """Returns it as a part of its object if it is plain."""
        raise NotImplementedError


class PlainField(Field):
    """A field that needs only its object: the name of an attribute, or a function of the object.

    It may be read twice if something fails.
    """

    def __init__(self, read: str | ReadFunction, *field: Any) -> None:
        super().__init__(*field)
        self.is_plain = self.shape.is_plain
        self._given = read
        self._read = attrgetter(read) if isinstance(read, str) else read

    def start(self, source: Any, data: dict[str, Any], before: Place | None, run: "Run") -> None:
        if self.is_plain:
            try:
                data[self.key] = self.shape.fast(self._read(source))
            except Exception:  # noqa: S110 - done again below, which finds out what failed
                pass
            else:
                return
        data[self.key] = None
        run.take(self._read, source, Place(self.key, data, before, self, self.shape))

    def part(self) -> Part:
        shape = self.shape
        way, usual = (shape.way, shape.usual) if isinstance(shape, Leaf) else (Way.ANY, None)
        return Part(self.key, self._given, way, usual, shape.fast)


class Resolver:
    """Calls a resolver for a field and its arguments.

    `arguments` coerces them from the field's nodes, and `convert` converts them for Strawberry.
    """

    def __init__(
        self,
        field: StrawberryField,
        arguments: Callable[[VariableValues], Arguments],
        convert: Callable[[Arguments], Arguments],
        handlers: Handlers,
    ) -> None:
        base = field.base_resolver
        assert base is not None
        self.arguments = arguments
        self.begin = self._handling if handlers else self.call
        """Starts an asynchronous resolver: its result has to be awaited."""
        self._field = field
        self._convert = convert
        self._handlers = handlers
        self._function = cast("Callable[..., Any]", base.wrapped_func)
        self._takes_self = base.self_parameter is not None
        self._sources = [one.name for one in (base.parent_parameter, base.root_parameter) if one]
        self._info = base.info_parameter.name if base.info_parameter else None

    def converted(self, variables: VariableValues) -> Arguments:
        """The arguments by their Python names. Raises a GraphQLError where they do not fit."""
        return self._convert(self.arguments(variables))

    def call(self, source: Any, arguments: Arguments, place: Place, run: "Run") -> Any:
        """Returns the function's result, which is awaitable if it is asynchronous."""
        named = self._convert(arguments)
        for name in self._sources:
            named[name] = source
        if self._info is not None:
            named[self._info] = self._info_for(place, run)
        return self._function(source, **named) if self._takes_self else self._function(**named)

    def _info_for(self, place: Place, run: "Run") -> Info[Any, Any]:
        return Info(cast("Any", FieldInfo(run, place)), self._field)

    async def _handling(self, source: Any, arguments: Arguments, place: Place, run: "Run") -> Any:
        """Awaits an asynchronous resolver; returns its value, or a handled exception's result."""
        try:
            return await self.call(source, arguments, place, run)
        except Exception as error:
            handled = await self._handled(error, self._info_for(place, run))
            if handled is None:
                raise
            return handled

    async def _handled(self, error: Exception, info: Info[Any, Any]) -> Any:
        """Returns the result of the first matching Strawberry exception handler, or None."""
        for types, handler in self._handlers:
            if isinstance(error, types):
                return await await_maybe(handler.handle(error, field=self._field, info=info))
        return None


class SyncField(Field):
    """A field with a resolver that is called immediately."""

    def __init__(self, resolver: Resolver, *field: Any) -> None:
        super().__init__(*field)
        self._resolver = resolver

    def start(self, source: Any, data: dict[str, Any], before: Place | None, run: "Run") -> None:
        data[self.key] = None
        place = Place(self.key, data, before, self, self.shape)
        run.take(partial(self._value, place, run), source, place)

    def _value(self, place: Place, run: "Run", source: Any) -> Any:
        arguments = self._resolver.arguments(run.variables)
        return self._resolver.call(source, arguments, place, run)


class AsyncField(Field):
    """A field with an asynchronous resolver, called after all sibling fields have started."""

    def __init__(self, resolver: Resolver, *field: Any) -> None:
        super().__init__(*field)
        self._resolver = resolver

    def start(self, source: Any, data: dict[str, Any], before: Place | None, run: "Run") -> None:
        data[self.key] = None
        place = Place(self.key, data, before, self, self.shape)
        try:
            arguments = self._resolver.arguments(run.variables)
        except Exception as raised:
            run.fail(raised, place)
        else:
            run.wait(partial(self._resolver.begin, source, arguments, place, run), place)


class Run:
    """One execution of an operation."""

    __slots__ = (
        "_errors",
        "_waiting",
        "carried_out",
        "context",
        "operation",
        "schema",
        "variables",
    )

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        context: Context,
        carried_out: dict[str, None] | None = None,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.variables = variables
        self.context = context
        self.carried_out = carried_out
        self._errors: list[GraphQLError] = []
        self._waiting: list[Pending] = []

    async def execute(self, fields: Sequence[Field], *, serially: bool) -> ExecutionResult:
        """Returns the result of the operation with these root fields."""
        data: dict[str, Any] = {}
        for group in [[field] for field in fields] if serially else [fields]:
            waiting: list[Pending] = []
            self._waiting = waiting
            try:
                for field in group:
                    field.start(None, data, None, self)
                if waiting:
                    await self._finish(waiting, None)
            except GraphQLError as error:
                _close(waiting)
                return ExecutionResult(None, [*self._errors, error])
        return ExecutionResult(data, self._errors or None)

    def take(self, read: ReadFunction, source: Any, place: Place) -> None:
        """Puts what `read` returns for `source` at its place, now or later.

        Raises the located error if the place is non-null.
        """
        mark = len(self._waiting)
        try:
            value = read(source)
            if is_awaitable(value):
                self.wait(value, place)
            else:
                place.outer[place.key] = place.shape.complete(value, place, self)
        except Exception as raised:
            _close(self._waiting[mark:])
            del self._waiting[mark:]
            self.fail(raised, place)

    def put(self, value: Any, place: Place) -> None:
        """Does the same with a value that has been read."""
        self.take(_itself, value, place)

    def wait(self, value: Any, place: Place) -> None:
        """Puts the result of an awaitable, or of a partial returning one, at its place later."""
        self._waiting.append((value, place))

    def fail(self, raised: Exception, place: Place) -> None:
        """Makes the place null. Raises the located error if it is non-null."""
        error = located_error(raised, place.field.nodes, place.keys())
        if not place.shape.nullable:
            raise error from raised
        self._make_null(place, error)

    def _finish(self, waiting: list[Pending], within: Place | None) -> Awaitable[object]:
        """Awaits everything pending in the value `within`. Raises the error that makes it null."""
        # Not a coroutine: each one costs time whenever the event loop resumes it.
        if len(waiting) == 1:
            return self._settle(*waiting[0], within)
        return gather_with_cancel(*[self._settle(*one, within) for one in waiting])

    async def _settle(self, value: Any, place: Place, within: Place | None) -> None:
        waiting: list[Pending] = []
        try:
            found = await (value() if type(value) is partial else value)
            # Nothing is awaited from here to the end of complete, so the list belongs to this
            # value.
            self._waiting = waiting
            place.outer[place.key] = place.shape.complete(found, place, self)
            if waiting:
                await self._finish(waiting, place)
        except Exception as raised:
            _close(waiting)
            error = located_error(raised, place.field.nodes, place.keys())
            if not self._absorbed(error, place, within):
                raise error from raised

    def _absorbed(self, error: GraphQLError, place: Place, within: Place | None) -> bool:
        """Makes null the innermost nullable place of `place` and its parents, up to `within`."""
        at: Place | None = place
        while at is not None and at is not within:
            if at.shape.nullable:
                self._make_null(at, error)
                return True
            at = at.before
        return False

    def _make_null(self, place: Place, error: GraphQLError) -> None:
        """Records the error unless a parent is already null."""
        around: Place | None = place
        while around is not None:
            if around.nulled:
                return
            around = around.before
        place.nulled = True
        place.outer[place.key] = None
        self._errors.append(error)


class FieldInfo:
    """graphql-core's resolver info, computed on access."""

    __slots__ = ("_place", "_run", "context")

    is_awaitable = staticmethod(is_awaitable)
    root_value = None

    def __init__(self, run: Run, place: Place) -> None:
        self._run = run
        self._place = place
        self.context = run.context

    @property
    def field_name(self) -> str:
        return self.field_nodes[0].name.value

    @property
    def field_nodes(self) -> list[FieldNode]:
        return self._place.field.nodes

    @property
    def return_type(self) -> Any:
        return self._place.field.definition.type

    @property
    def parent_type(self) -> GraphQLObjectType:
        return self._place.field.parent

    @property
    def path(self) -> Path:
        return self._place.path()

    @property
    def schema(self) -> GraphQLSchema:
        return self._run.schema

    @property
    def operation(self) -> OperationDefinitionNode:
        return self._run.operation

    @property
    def variable_values(self) -> VariableValues:
        return self._run.variables


def _itself(value: Any) -> Any:
    return value


async def _all(values: AsyncIterable[Any]) -> Iterable[Any]:
    return [value async for value in values]


def _close(waiting: Iterable[Pending]) -> None:
    """Closes awaitables that nothing will await."""
    for value, _ in waiting:
        if iscoroutine(value):
            value.close()
