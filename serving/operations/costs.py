"""The cost of an operation: the number of objects that its response may contain.

A page counts as many objects as were asked for, so that costs multiply where lists are nested. Any
other list counts as many as its field was declared to hold (`holds`), or LIST_SIZE; what it holds
beyond that is charged afterwards. Each field of a mutation costs MUTATION_COST more, and each value
under an alias 1, since without aliases an object gives each of its texts once. A field that reads
more than it gives declares what it costs beside (`costs`). Where a type may be one of several, the
dearest of them counts. Shopify's API counts in much the same way.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    value_from_ast_untyped,
)

from serving.internals.strawberry import DEFINITION
from serving.operations.limits import introspections

PAGE_SIZE: Final = 20
"""The size of a Relay connection if its arguments do not specify one."""
LARGEST_PAGE: Final = 100
LARGEST_SCREEN: Final = 1_000
"""What the dearest screen of an ordinary front end may cost; a test has some of them."""
LARGEST_COST: Final = 5 * LARGEST_SCREEN
MUTATION_COST: Final = 10
LIST_SIZE: Final = 10
"""How many objects a list counts as that is no page and of which nothing is known."""
INTROSPECTION_COST: Final = 100
"""Of an operation that asks for the schema, however much of it, and of each alias in it: a whole
office may open its tools at once, and nobody can have the server describe itself all the time."""
_HOLDS: Final = "holds"
_COSTS: Final = "costs"
_SIZED_BY_ARGUMENT: Final = {"nodes": "ids", "_entities": "representations"}
_ROWS: Final = frozenset({"nodes", "edges"})

RawVariables = Mapping[str, Any]
Nesting = dict[str, "Nesting"]
"""The keys under which an object may contain others, each with their own nesting."""
Cost = int | Callable[[RawVariables], int]
"""In points; a function if it depends on the variables, whose values may have any type."""


def costs(points: int) -> dict[str, int]:
    """The metadata of a field that costs so many points more, because it reads more than it gives.

    They bound what one operation may ask for. Like those of rows that are not there, they are given
    back afterwards.
    """
    return {_COSTS: points}


def holds(number: int) -> dict[str, int]:
    """The metadata of a field whose list usually has up to so many objects, and is no page."""
    return {_HOLDS: number}


def usual_size(field: GraphQLField) -> int:
    """How many objects the list of a field counts as that is no page."""
    return _declared(field, _HOLDS, LIST_SIZE)


def is_connection(kind: GraphQLNamedType) -> bool:
    """Whether a type is a page of a list."""
    return kind.name.endswith("Connection")


def cost_of(schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode) -> Cost:
    """The cost of an operation of a valid document within the limits; at least 1 point."""
    if count := introspections(document, node):
        return INTROSPECTION_COST * count
    root = schema.get_root_type(node.operation)
    assert root is not None, "the document is valid"
    return _sum([1, _CostCounter(schema, document, node).selections(node.selection_set, root)])


def in_points(cost: Cost, variables: RawVariables) -> int:
    """Returns the cost with these variables."""
    return cost if isinstance(cost, int) else cost(variables)


def too_costly(points: int) -> GraphQLError:
    """Returns the error for an operation that costs more than LARGEST_COST."""
    return GraphQLError(
        f"The operation costs {points:,} points, and may cost {LARGEST_COST:,}. "
        "Ask for shorter pages, or for less of each row.",
        extensions={"code": "MAX_COST_EXCEEDED", "cost": points, "maximumCost": LARGEST_COST},
    )


def nesting_of(document: DocumentNode, node: OperationDefinitionNode) -> Nesting:
    """Returns the nesting of objects in responses to an operation of a valid document."""
    nesting: Nesting = {}
    _nest(node.selection_set, _fragments_of(document), nesting)
    return nesting


def objects_in(data: Any, nesting: Nesting) -> int:
    """Counts the objects in a response's data, including the root, following its nesting."""
    if type(data) is dict:
        count = 1
        for key, inner in nesting.items():
            count += objects_in(data.get(key), inner)
        return count
    if type(data) is not list:
        return 0
    kinds = [*map(type, data)]
    if nesting or list in kinds:
        return sum([objects_in(part, nesting) for part in data])
    return kinds.count(dict)


def _nest(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], nesting: Nesting
) -> None:
    for selection in selected.selections:
        if isinstance(selection, FragmentSpreadNode):
            _nest(fragments[selection.name.value].selection_set, fragments, nesting)
        elif isinstance(selection, InlineFragmentNode):
            _nest(selection.selection_set, fragments, nesting)
        elif isinstance(selection, FieldNode) and selection.selection_set:
            key = (selection.alias or selection.name).value
            _nest(selection.selection_set, fragments, nesting.setdefault(key, {}))


def _fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


class _CostCounter:
    """Computes the cost of the selections of one operation."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._fragments = _fragments_of(document)
        self._defaults = {
            definition.variable.name.value: value_from_ast_untyped(definition.default_value)
            for definition in node.variable_definitions or ()
            if definition.default_value
        }

    def selections(
        self, node: SelectionSetNode, parent: GraphQLNamedType, rows: Cost = LIST_SIZE
    ) -> Cost:
        """Returns the cost of a selection on `parent`; `rows` is the page size on a connection."""
        always: list[Cost] = []
        by_type: dict[str, list[Cost]] = {}
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                always.append(self._field(selection, parent, rows))
                continue
            condition, inner = self._fragment(selection, parent)
            costs = always
            if is_abstract_type(parent) and is_object_type(condition):
                costs = by_type.setdefault(condition.name, [])
            costs.append(self.selections(inner, condition, rows))
        return _sum([*always, _largest([_sum(costs) for costs in by_type.values()])])

    def _fragment(
        self, selection: SelectionNode, parent: GraphQLNamedType
    ) -> tuple[GraphQLNamedType, SelectionSetNode]:
        """Returns the type that a fragment is on, and its selection."""
        fragment: Any = selection
        if isinstance(selection, FragmentSpreadNode):
            fragment = self._fragments[selection.name.value]
        if fragment.type_condition is None:
            return parent, fragment.selection_set
        condition = self._schema.get_type(fragment.type_condition.name.value)
        assert condition is not None, "the document is valid"
        return condition, fragment.selection_set

    def _field(self, node: FieldNode, parent: GraphQLNamedType, rows: Cost) -> Cost:
        extra = MUTATION_COST if parent is self._schema.mutation_type else 0
        field = self._schema.get_field(parent, node.name.value)  # type: ignore[arg-type]
        assert field is not None, "the document is valid"
        extra += _declared(field, _COSTS, 0)
        kind = get_named_type(field.type)
        if node.selection_set is None or is_leaf_type(kind):
            return extra + (node.alias is not None)
        size: Cost = 1
        if is_list_type(get_nullable_type(field.type)):
            size = self._list_size(node, field, parent, rows)
        page = self._page_size(node) if is_connection(kind) else LIST_SIZE
        each = _sum([1, self.selections(node.selection_set, kind, page)])
        return _sum([extra, _product(size, each)])

    def _list_size(
        self, node: FieldNode, field: GraphQLField, parent: GraphQLNamedType, rows: Cost
    ) -> Cost:
        name = node.name.value
        if is_connection(parent) and name in _ROWS:
            return rows
        if "first" in field.args:
            return self._page_size(node)
        value = _argument(node, _SIZED_BY_ARGUMENT.get(name, ""))
        if isinstance(value, ListValueNode):
            return len(value.values)
        if isinstance(value, VariableNode):
            return partial(_length, value.name.value, self._defaults)
        return usual_size(field)

    def _page_size(self, node: FieldNode) -> Cost:
        """Returns the larger of `first` and `last`, once the variables are known."""
        values = [value for name in ("first", "last") if (value := _argument(node, name))]
        names = [value.name.value for value in values if isinstance(value, VariableNode)]
        known = [int(value.value) for value in values if isinstance(value, IntValueNode)]
        if names:
            return partial(_page_size, names, known, self._defaults)
        return _within_a_page(known)


def _declared(field: GraphQLField, name: str, otherwise: int) -> int:
    """The number in the metadata of a field."""
    strawberry = field.extensions.get(DEFINITION)
    number: int = strawberry.metadata.get(name, otherwise) if strawberry else otherwise
    return number


def _argument(node: FieldNode, name: str) -> ValueNode | None:
    return next((one.value for one in node.arguments or () if one.name.value == name), None)


def _page_size(
    names: list[str], known: list[int], defaults: RawVariables, variables: RawVariables
) -> int:
    given = (variables.get(name, defaults.get(name)) for name in names)
    return _within_a_page([*known, *(value for value in given if value is not None)])


def _within_a_page(sizes: list[Any]) -> int:
    """A value that is not an integer may still be coerced to one, so it counts as the maximum."""
    if not sizes:
        return PAGE_SIZE
    numbers = [size if type(size) is int else LARGEST_PAGE for size in sizes]
    return max(0, min(max(numbers), LARGEST_PAGE))


def _length(name: str, defaults: RawVariables, variables: RawVariables) -> int:
    value = variables.get(name, defaults.get(name))
    return len(value) if isinstance(value, list) else 1


def _sum(costs: Iterable[Cost]) -> Cost:
    known, unknown = _parted(costs)
    if not unknown:
        return sum(known)
    return lambda variables: sum(known) + sum(cost(variables) for cost in unknown)


def _largest(costs: Iterable[Cost]) -> Cost:
    known, unknown = _parted(costs)
    most = max(known, default=0)
    if not unknown:
        return most
    return lambda variables: max(most, *(cost(variables) for cost in unknown))


def _product(size: Cost, each: Cost) -> Cost:
    if isinstance(size, int) and isinstance(each, int):
        return size * each
    return lambda variables: in_points(size, variables) * in_points(each, variables)


def _parted(costs: Iterable[Cost]) -> tuple[list[int], list[Callable[[RawVariables], int]]]:
    """Splits costs into known ones and those that depend on variables."""
    known: list[int] = []
    unknown: list[Callable[[RawVariables], int]] = []
    for cost in costs:
        if isinstance(cost, int):
            known.append(cost)
        else:
            unknown.append(cost)
    return known, unknown
