"""Names that generated code can use as they are, in any of the languages of front ends."""

import keyword
import re
from collections.abc import Iterator
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    is_interface_type,
    is_object_type,
    is_specified_scalar_type,
)

from schema.schema import schema
from serving.internals.strawberry import graphql_schema_of

WORDS: Final = {
    "Python": " ".join(keyword.kwlist),
    "TypeScript": (
        "break case catch class const continue debugger default delete do else enum export extends "
        "false finally for function if import in instanceof new null return super switch this "
        "throw true try typeof var void while with implements interface let package private "
        "protected public static yield await arguments eval"
    ),
    "Swift": (
        "associatedtype class deinit enum extension fileprivate func import init inout internal "
        "let operator private precedencegroup protocol public rethrows static struct subscript "
        "typealias var break case catch continue default defer do else fallthrough for guard if "
        "in repeat return throw switch where while Any as await false is nil self Self super "
        "throws true try Type Protocol none"
    ),
    "Kotlin": (
        "as break class continue do else false for fun if in interface is null object package "
        "return super this throw true try typealias typeof val var when while"
    ),
    "Java": (
        "abstract assert boolean break byte case catch char class const continue default do double "
        "else enum extends final finally float for goto if implements import instanceof int "
        "interface long native new package private protected public return short static strictfp "
        "super switch synchronized this throw throws transient try void volatile while"
    ),
    "C#": (
        "abstract as base bool break byte case catch char checked class const continue decimal "
        "default delegate do double else enum event explicit extern false finally fixed float for "
        "foreach goto if implicit in int interface internal is lock long namespace new null object "
        "operator out override params private protected public readonly ref return sbyte sealed "
        "short sizeof stackalloc static string struct switch this throw true try typeof uint ulong "
        "unchecked unsafe ushort using virtual void volatile while"
    ),
    "Dart": (
        "assert await break case catch class const continue default do else enum extends false "
        "final finally for if in is new null rethrow return super switch this throw true try var "
        "void while with yield"
    ),
    "Go": (
        "break case chan const continue default defer else fallthrough for func go goto if import "
        "interface map package range return select struct switch type var"
    ),
}
"""The words that a field, a parameter or a case cannot be called in a language."""
DEPRECATED: Final = {"EntryFilter.from", "Purchase.package"}
KEPT: Final = {"Wallet.statement(from:)", "Wallet.spending(from:)", "EntryKind.RETURN"}
"""The contract's: arguments and an enum value, which generators quote or rename."""


def names(graphql_schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Each name that generated code takes from a schema, after its schema coordinate."""
    for kind in graphql_schema.type_map.values():
        if kind.name.startswith("__") or is_specified_scalar_type(kind):
            continue
        yield kind.name, kind.name
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{kind.name}.{value}", value) for value in kind.values)
        if isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{kind.name}.{field}", field) for field in kind.fields)
        if is_object_type(kind) or is_interface_type(kind):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", name
                yield from ((f"{kind.name}.{name}({one}:)", one) for one in field.args)


def spellings(name: str) -> set[str]:
    """A name as generators write it: as it is, and in the case that a language has for it."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    return {name, "_".join(words), camel}


def reserved(graphql_schema: GraphQLSchema) -> set[str]:
    """The coordinates of names that are words of a language."""
    words = {*" ".join(WORDS.values()).split()}
    return {at for at, name in names(graphql_schema) if spellings(name) & words}


def test_no_name_is_a_word_of_a_language_but_what_is_deprecated() -> None:
    assert reserved(graphql_schema_of(schema)) == DEPRECATED | KEPT


def test_such_a_name_is_found_wherever_it_stands() -> None:
    made_up = build_schema("""
        enum Choice { DEFAULT OTHER }
        input Wanted { from: Int, since: Int }
        type Query { class(in: Int, of: Int, wanted: Wanted): Choice, ofClass: Int }
        type Type { id: ID }
    """)

    assert reserved(made_up) == {
        *("Choice.DEFAULT", "Wanted.from", "Query.class", "Query.class(in:)", "Type"),
    }


def test_every_deprecated_name_says_what_to_use_instead() -> None:
    graphql_schema = graphql_schema_of(schema)
    deprecated = {}
    for kind in graphql_schema.type_map.values():
        fields = getattr(kind, "fields", {})
        for name, field in fields.items():
            if field.deprecation_reason:
                deprecated[f"{kind.name}.{name}"] = (field.deprecation_reason, fields)

    assert {*deprecated} == {*DEPRECATED, "EntryFilter.to"}
    for at, (reason, fields) in deprecated.items():
        use = re.match(r"Use `(\w+)`\.", reason)
        assert use and use[1] in fields, at
        assert str(fields[use[1]].type) == str(fields[at.partition(".")[2]].type)
