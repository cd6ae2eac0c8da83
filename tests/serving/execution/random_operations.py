"""Operations made up at random on any schema: valid, and with all that executors have to mind."""

import random
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)
from hypothesis import strategies as st

DEPTH = 8
WIDTH = 4
FIELDS = 30
ROOT_FIELDS = ("node", "nodes", "viewer")


class Asked(NamedTuple):
    document: str
    variables: dict[str, Any]


class _Value(NamedTuple):
    """A value as it stands in a document, and as it comes in JSON."""

    literal: str
    json: Any


_NULL = _Value("null", None)
Values = dict[str, list[_Value]]


def values(**scalars: list[Any]) -> Values:
    """Values by the scalar's name, or by the name of what takes them."""
    return {name: [_Value(_literal(one), one) for one in found] for name, found in scalars.items()}


def asked(schema: GraphQLSchema, known: Values, kind: str = "query") -> st.SearchStrategy[Asked]:
    """Operations on the schema, with the values that are `known`."""

    # By one number: a draw for each choice takes Hypothesis much longer than executing it all.
    return st.integers(0, 2**32).map(
        lambda seed: _Maker(schema, known, random.Random(seed)).operation(kind)  # noqa: S311
    )


def selections(
    schema: GraphQLSchema, known: Values, calls: dict[str, tuple[str, str]], seed: int
) -> Asked:
    """A mutation of `calls`, with all that is asked of their results made up at random.

    Each call has a name in the answer, and is its text with its arguments and its result's type.
    """
    maker = _Maker(schema, known, random.Random(seed))  # noqa: S311
    return maker.mutation(calls)


class _Maker:
    def __init__(self, schema: GraphQLSchema, known: Values, chance: random.Random) -> None:
        self._schema = schema
        self._known = known
        self._chance = chance
        self._left = FIELDS
        self._definitions: list[str] = []
        self._variables: dict[str, Any] = {}
        self._fragments: list[str] = []
        self._aliases = 0

    def operation(self, kind: str) -> Asked:
        root = self._schema.query_type if kind == "query" else self._schema.mutation_type
        assert root is not None
        selected = self._selected(root, DEPTH)
        definitions = f"({', '.join(self._definitions)})" if self._definitions else ""
        document = "\n".join((f"{kind} Made{definitions} {selected}", *self._fragments))
        return Asked(document, self._variables)

    def mutation(self, calls: dict[str, tuple[str, str]]) -> Asked:
        fields = [
            f"{key}: {text} {{ __typename ... on {result} "
            f"{self._selected(self._schema.type_map[result], DEPTH - 2)} }}"
            for key, (text, result) in calls.items()
        ]
        definitions = f"({', '.join(self._definitions)})" if self._definitions else ""
        document = f"mutation Made{definitions} {{ {' '.join(fields)} }}"
        return Asked("\n".join((document, *self._fragments)), self._variables)

    def _selected(self, kind: Any, depth: int) -> str:
        parts = [self._selection(kind, depth) for _ in range(self._number(1, WIDTH))]
        if self._one_in(4):
            # The same again, to be merged.
            parts.append(f"... {{ {self._chance.choice(parts)} }}")
        return f"{{ {' '.join(parts)} }}"

    def _selection(self, kind: Any, depth: int) -> str:
        self._left -= 1
        depth = depth if self._left > 0 else 0
        if is_abstract_type(kind) and depth > 0 and not self._one_in(5):
            member = self._chance.choice(self._schema.get_possible_types(kind))
            return self._fragment(member, self._selected(member, depth - 1))
        if depth > 0 and self._one_in(8):
            return self._fragment(kind, self._selected(kind, depth - 1))
        if isinstance(kind, GraphQLUnionType) or self._one_in(10):
            return f"__typename{self._directives()}"
        fields = [
            (name, field)
            for name, field in kind.fields.items()
            if depth > 0 or is_leaf_type(get_named_type(field.type))
        ]
        if not fields:
            return "__typename"
        often = [pair for pair in fields if depth == DEPTH and pair[0] in ROOT_FIELDS]
        return self._field(kind, *self._chance.choice(fields + often * 4), depth)

    def _field(self, parent: Any, name: str, field: GraphQLField, depth: int) -> str:
        arguments = self._arguments(field.args)
        # What could clash with a field of the same name gets a name of its own.
        self._aliases += 1
        alias = f"a{self._aliases}: " if arguments or self._one_in(6) else ""
        if not alias and not isinstance(parent, GraphQLInterfaceType):
            alias = f"{name}Of{parent.name}: " if self._one_in(2) else ""
        kind = get_named_type(field.type)
        inner = f" {self._selected(kind, depth - 1)}" if is_composite_type(kind) else ""
        return f"{alias}{name}{arguments}{self._directives()}{inner}"

    def _fragment(self, kind: Any, selected: str) -> str:
        if self._one_in(3):
            name = f"F{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {kind.name} {selected}")
            return f"...{name}{self._directives()}"
        return f"... on {kind.name}{self._directives()} {selected}"

    def _directives(self) -> str:
        if not self._one_in(12):
            return ""
        name = self._chance.choice(("skip", "include"))
        condition = self._chance.random() < 0.5
        if self._one_in(2):
            return f" @{name}(if: {str(condition).lower()})"
        return (
            f" @{name}(if: {self._variable('Boolean!', _Value(str(condition).lower(), condition))})"
        )

    def _arguments(self, arguments: dict[str, GraphQLArgument]) -> str:
        given = [
            f"{name}: {self._argument(name, argument)}"
            for name, argument in arguments.items()
            if isinstance(argument.type, GraphQLNonNull) or self._one_in(3)
        ]
        return f"({', '.join(given)})" if given else ""

    def _argument(self, name: str, argument: GraphQLArgument) -> str:
        value = self._value(name, argument.type)
        if self._one_in(2):
            return self._variable(str(argument.type), value)
        return value.literal

    def _variable(self, kind: str, value: _Value) -> str:
        """A variable of that type: given, null where it may be, or only with a default."""
        name = f"v{len(self._definitions)}"
        how = self._number(0, 4)
        default = ""
        if how == 0:
            default = "" if value.json is None and kind.endswith("!") else f" = {value.literal}"
        if how == 1 and not kind.endswith("!"):
            kind += "!" if value.json is not None else ""
        if how == 2 and not kind.endswith("!"):
            value = _NULL
        if (how == 3 and not kind.endswith("!")) or default:
            pass
        elif how == 4 and self._one_in(10):
            self._variables[name] = {"wrong": ["altogether"]}
        else:
            self._variables[name] = value.json
        self._definitions.append(f"${name}: {kind}{default}")
        return f"${name}"

    def _value(self, name: str, kind: Any) -> _Value:
        nullable = get_nullable_type(kind)
        if nullable is kind and self._one_in(6):
            return _NULL
        if isinstance(nullable, GraphQLList):
            items = [self._value(name, nullable.of_type) for _ in range(self._number(0, 3))]
            return _listed(items)
        if isinstance(nullable, GraphQLInputObjectType):
            return self._input(nullable)
        if isinstance(nullable, GraphQLEnumType):
            word = self._chance.choice(sorted(nullable.values))
            return _Value(word, word)
        return self._chance.choice(self._known.get(name) or self._known[nullable.name])

    def _input(self, kind: GraphQLInputObjectType) -> _Value:
        fields = {
            name: self._value(name, field.type)
            for name, field in kind.fields.items()
            if isinstance(field.type, GraphQLNonNull) or self._one_in(2)
        }
        literal = ", ".join(f"{name}: {value.literal}" for name, value in fields.items())
        return _Value(f"{{{literal}}}", {name: value.json for name, value in fields.items()})

    def _number(self, least: int, most: int) -> int:
        return self._chance.randint(least, most)

    def _one_in(self, number: int) -> bool:
        return self._number(1, number) == number


def _listed(items: list[_Value]) -> _Value:
    literal = ", ".join(one.literal for one in items)
    return _Value(f"[{literal}]", [one.json for one in items])


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)
