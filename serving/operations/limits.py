"""Limits on the size of a document: depth, fields, aliases, repeats and directives.

Each fragment is measured once, however often it is spread, so measuring takes time proportional to
the document and not to its expansion. It precedes validation, since some validation rules compare
all pairs of fields.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

DEPTH: Final = 15
FIELDS: Final = 1_000
ALIASES: Final = 100
REPEATS: Final = 50
DIRECTIVES: Final = 50
FRAGMENTS: Final = 100
MOST_REFUSALS: Final = 5
_BEYOND: Final = 1_000_000_000
"""Where counting stops: expanded fragments can have an unbounded number of fields."""


class Measures(NamedTuple):
    """The size of a selection with its fragments expanded."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    repeats: int = 0
    """How often a response name is selected again beside itself."""


_SCHEMA_FIELDS: Final = frozenset({"__schema", "__type"})
_NOTHING: Final = Measures()
_LIMITS: Final = Measures(DEPTH, FIELDS, ALIASES, REPEATS)
_MESSAGES: Final = (
    "This is {found} levels deep, and may be {limit}.",
    "This has {found} fields, and may have {limit}.",
    "This has {found} aliases, and may have {limit}.",
    "This repeats {found} fields beside themselves, and may repeat {limit}.",
)


def size_errors(document: DocumentNode) -> list[GraphQLError]:
    """Returns why the document is too large; empty if it is not."""
    measuring = _Measuring(document)
    for found, limit, what in (
        (sum(map(_directives, document.definitions)), DIRECTIVES, "directives"),
        (measuring.fragments, FRAGMENTS, "fragments"),
    ):
        if found > limit:
            return [_too_much(f"The document has {found:,} {what}, and may have {limit}.")]
    try:
        return [
            error
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
            for error in _beyond_limits(measuring.selections(node.selection_set), node)
        ][:MOST_REFUSALS]
    except RecursionError:
        return [_too_much("The document is nested too deeply.")]


def introspects(document: DocumentNode, node: OperationDefinitionNode) -> bool:
    """Whether the operation of a valid document selects only introspection fields."""
    return all(name.startswith("__") for name in _root_fields(document, node))


def introspections(document: DocumentNode, node: OperationDefinitionNode) -> int:
    """How often the operation of a valid document asks for the schema, or for parts of it.

    0 where it does not. Each alias counts as once more, since with it any part can be repeated.
    """
    if _SCHEMA_FIELDS.isdisjoint(_root_fields(document, node)):
        return 0
    return 1 + _Measuring(document).selections(node.selection_set).aliases


def mixes_introspection(document: DocumentNode, node: OperationDefinitionNode) -> bool:
    """Whether the operation of a valid document mixes introspection with other fields."""
    names = _root_fields(document, node)
    return not _SCHEMA_FIELDS.isdisjoint(names) and not introspects(document, node)


def _root_fields(document: DocumentNode, node: OperationDefinitionNode) -> set[str]:
    """Returns the names of an operation's root fields, with fragments expanded."""
    fragments = _fragments(document)
    names: set[str] = set()
    unfolded: set[str] = set()
    waiting: list[SelectionNode] = [*node.selection_set.selections]
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            names.add(selection.name.value)
        elif isinstance(selection, InlineFragmentNode):
            waiting += selection.selection_set.selections
        elif isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in unfolded:
                unfolded.add(name)
                waiting += fragments[name].selection_set.selections
    return names


def _beyond_limits(found: Measures, node: Node) -> Iterable[GraphQLError]:
    for value, limit, message in zip(found, _LIMITS, _MESSAGES, strict=True):
        if value > limit:
            shown = f"more than {_BEYOND:,}" if value >= _BEYOND else f"{value:,}"
            yield _too_much(message.format(found=shown, limit=f"{limit:,}"), node)


def _too_much(message: str, node: Node | None = None) -> GraphQLError:
    return GraphQLError(message, node, extensions={"code": "DOCUMENT_TOO_LARGE"})


def _directives(root: Node) -> int:
    """Counts the directives anywhere under a definition."""
    count, waiting = 0, [root]
    while waiting:
        node = waiting.pop()
        count += len(getattr(node, "directives", None) or ())
        selection_set = getattr(node, "selection_set", None)
        waiting += selection_set.selections if selection_set else ()
        waiting += getattr(node, "variable_definitions", None) or ()
    return count


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


class _Measuring:
    """Measures selections of one document, each fragment once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = _fragments(document)
        self._known: dict[str, tuple[Measures, Counter[str]]] = {}

    @property
    def fragments(self) -> int:
        """How many fragments the document has."""
        return len(self._fragments)

    def selections(self, node: SelectionSetNode) -> Measures:
        """Measures a selection, expanded. Validation compares all pairs of its repeats."""
        names: Counter[str] = Counter()
        together = self._together(node, names)
        repeats = names.total() - len(names)
        return together._replace(repeats=min(together.repeats + repeats, _BEYOND))

    def _together(self, node: SelectionSetNode, names: Counter[str]) -> Measures:
        """Measures the selections of `node`, expanded, and adds their response names to `names`."""
        together = _NOTHING
        for selection in node.selections:
            part = self._part(selection, names)
            together = Measures(
                max(together.depth, part.depth),
                min(together.fields + part.fields, _BEYOND),
                min(together.aliases + part.aliases, _BEYOND),
                min(together.repeats + part.repeats, _BEYOND),
            )
        return together

    def _part(self, selection: SelectionNode, names: Counter[str]) -> Measures:
        if isinstance(selection, FieldNode):
            names[(selection.alias or selection.name).value] += 1
            return self._field(selection)
        if isinstance(selection, FragmentSpreadNode):
            measures, inner = self._fragment(selection.name.value)
            for name, count in inner.items():
                names[name] = min(names[name] + count, _BEYOND)
            return measures
        assert isinstance(selection, InlineFragmentNode)
        return self._together(selection.selection_set, names)

    def _field(self, node: FieldNode) -> Measures:
        inner = self.selections(node.selection_set) if node.selection_set else _NOTHING
        return Measures(
            inner.depth + 1,
            min(inner.fields + 1, _BEYOND),
            inner.aliases + (node.alias is not None),
            inner.repeats,
        )

    def _fragment(self, name: str) -> tuple[Measures, Counter[str]]:
        """Measures an expanded fragment; returns it with the response names that it adds."""
        if name not in self._known:
            # A recursive fragment counts once here; validation refuses it by name.
            self._known[name] = (_NOTHING, Counter())
            if name in self._fragments:
                names: Counter[str] = Counter()
                measures = self._together(self._fragments[name].selection_set, names)
                self._known[name] = (measures, names)
        return self._known[name]
