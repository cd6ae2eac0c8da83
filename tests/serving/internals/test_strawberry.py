"""What serving/internals/strawberry.py takes from Strawberry means what plans think."""

from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry import ExceptionHandler

from serving.internals import strawberry as internals


class Refused(Exception):
    pass


class Colour(Enum):
    RED = "red"


strawberry.enum(Colour, description="A colour.")


@strawberry.type
class Refusal:
    message: str


@strawberry.type
class Cat:
    name: str


@strawberry.input
class Wanted:
    name: str
    colour: Colour = Colour.RED


class Handler(ExceptionHandler[Refused, Refusal]):
    def handle(self, exception: Refused, **_: object) -> Refusal:
        return Refusal(message=str(exception))


@strawberry.type
class Query:
    plain: str = "plain"

    @strawberry.field
    async def cat(self, info: strawberry.Info, wanted: Wanted) -> Cat | Refusal:
        raise Refused(wanted.name)


schema = strawberry.Schema(Query, exception_handlers=[Handler()])


def field(name: str) -> internals.StrawberryField:
    query = internals.graphql_schema_of(schema).query_type
    assert query is not None
    definition = query.fields[name].extensions[internals.DEFINITION]
    assert isinstance(definition, internals.StrawberryField)
    return definition


def test_graphql_cores_schema_is_behind_strawberrys_and_the_other_way_round() -> None:
    graphql_schema = internals.graphql_schema_of(schema)

    assert isinstance(graphql_schema, GraphQLSchema)
    assert internals.schema_behind(graphql_schema) is schema


def test_a_schema_of_the_same_types_is_lent_the_converters() -> None:
    other = GraphQLSchema(**internals.graphql_schema_of(schema).to_kwargs())
    assert internals.schema_behind(other) is None

    internals.lend_converters(other, schema)

    assert internals.schema_behind(other) is schema


def test_fields_and_resolvers_have_what_plans_read_of_them() -> None:
    cat = field("cat")

    missing = [name for name in internals.FIELD_ATTRIBUTES if not hasattr(cat, name)]
    missing += [
        name for name in internals.RESOLVER_ATTRIBUTES if not hasattr(cat.base_resolver, name)
    ]

    assert missing == []
    assert cat.is_async
    assert not cat.extensions
    assert cat.base_resolver is not None
    assert cat.base_resolver.info_parameter is not None
    assert cat.base_resolver.wrapped_func.__name__ == "cat"
    assert field("plain").base_resolver is None
    assert field("plain").default_resolver is getattr


def test_objects_have_what_plans_read_of_them() -> None:
    definition = internals.get_object_definition(Wanted, strict=True)

    missing = [name for name in internals.OBJECT_ATTRIBUTES if not hasattr(definition, name)]

    assert missing == []
    assert definition.is_input
    assert [one.python_name for one in definition.fields] == ["name", "colour"]
    assert internals.get_object_definition(str) is None


def test_a_field_knows_the_handlers_of_what_it_may_be_answered_with() -> None:
    ((errors, handler),) = internals.exception_handlers(schema, field("cat"))

    assert errors == (Refused,)
    assert isinstance(handler, Handler)
    assert list(internals.exception_handlers(schema, field("plain"))) == []


def test_scalars_and_enums_are_told_from_objects() -> None:
    kinds: list[Any] = [str, strawberry.ID, Cat, Wanted]
    assert [internals.is_scalar_of(schema, kind) for kind in kinds] == [True, True, False, False]
    assert [internals.has_enum_definition(kind) for kind in (Colour, Cat)] == [True, False]


def test_the_meaning_of_an_enums_value_can_be_given_later() -> None:
    (value,) = internals.enum_definition(Colour).values

    value.description = "The colour of a fox."

    assert internals.enum_definition(Colour).values[0].description == "The colour of a fox."


async def test_what_must_be_awaited_is_told_from_what_need_not() -> None:
    async def waiting() -> int:
        return 7

    coroutine = waiting()
    assert internals.is_awaitable(coroutine)
    assert not any(map(internals.is_awaitable, (7, "x", [], Cat(name="Tom"))))
    assert await internals.await_maybe(coroutine) == 7
    assert await internals.await_maybe(7) == 7


def test_names_become_those_of_graphql() -> None:
    assert internals.to_camel_case("buy_connects") == "buyConnects"


def test_the_page_without_packages_is_strawberrys() -> None:
    page = internals.get_graphql_ide_html(graphql_ide="graphiql")

    assert "<html" in page.lower()
