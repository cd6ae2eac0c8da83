"""The service as a subgraph of Apollo Federation 2, as a gateway asks it."""

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from graphql import (
    DefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    execute_sync,
    parse,
    print_ast,
    validate_schema,
)

from resolvers.demo.freelancers import people
from schema.federation import REPRESENTATIONS, subgraph_schema, subgraph_sdl
from schema.ids import global_id, parse_id
from schema.schema import schema
from tests.schema.callers import Api, Caller, Json, Member, operations_on
from tests.schema.search.searches import freelancer_id, insert
from tests.schema.types.test_no_n_plus_one import counted

NAMES = [
    *("Account", "ConnectsPackage", "Contact", "Entry", "Freelancer", "Invitation"),
    *("Job", "Lot", "Proposal", "Purchase", "User", "Wallet"),
]
"""Of all entities."""
ENTITIES = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
    __typename
    ... on Account { id name wallet { available } }
    ... on Freelancer { id title contactDetails { email } }
    ... on Job { id heading: title account { name } proposals { nodes { id } } }
} }"""


@pytest.fixture(scope="module")
def served() -> GraphQLSchema:
    return subgraph_schema()


@pytest.fixture
def subgraph(api: Api, served: GraphQLSchema) -> Api:
    """The same API, as a subgraph."""
    return Api.of(api.services, operations_on(served))


def representation(type_name: object, id: object) -> Json:
    return {"__typename": type_name, "id": id}


async def entities(caller: Caller, *representations: object) -> list[Any]:
    found = (await caller.ask(ENTITIES, representations=representations))["_entities"]
    assert isinstance(found, list)
    return found


async def test_each_entity_is_found_by_its_type_and_id(api: Api, subgraph: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()

    found = await entities(
        subgraph.nobody,
        representation("Job", job),
        representation("Account", clara.account_id),
        representation("Freelancer", farid.freelancer_id),
        representation("Account", farid.account_id),
    )

    assert [(entity["__typename"], entity["id"]) for entity in found] == [
        ("Job", job),
        ("Account", clara.account_id),
        ("Freelancer", farid.freelancer_id),
        ("Account", farid.account_id),
    ]
    assert found[0] | {"account": {"name": "Clara's"}, "heading": "A website"} == found[0]


async def test_what_is_private_is_null_to_outsiders(api: Api, subgraph: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    asked = (
        representation("Account", clara.account_id),
        representation("Job", await clara.new_job()),
        representation("Freelancer", farid.freelancer_id),
    )

    seen = {
        name: [
            (entity.get("wallet"), entity.get("proposals"), entity.get("contactDetails"))
            for entity in await entities(replace(caller, http=subgraph.http), *asked)
        ]
        for name, caller in {"nobody": api.nobody, "clara": clara, "farid": farid}.items()
    }

    nothing = (None, None, None)
    assert seen == {
        "nobody": [nothing] * 3,
        "clara": [({"available": 59}, None, None), (None, {"nodes": []}, None), nothing],
        "farid": [nothing, nothing, (None, None, {"email": "farid@example.com"})],
    }


async def test_every_node_is_an_entity_to_whom_node_shows_it(
    api: Api, subgraph: Api, subtests: pytest.Subtests
) -> None:
    clara, farid, otto = await api.client(), await api.freelancer(), await api.client("Otto")
    job = await clara.new_job()
    bought, invited = await clara.buy(10), await clara.invite(job, farid)
    viewer = (await clara.ask("{ viewer { id } }"))["viewer"]
    assert farid.freelancer_id is not None
    ids = {
        "Account": clara.account_id,
        "ConnectsPackage": await clara.package(10),
        "Contact": (await clara.contact(farid))["contact"]["id"],
        "Entry": bought["entry"]["id"],
        "Freelancer": farid.freelancer_id,
        "Invitation": invited["invitation"]["id"],
        "Job": job,
        "Lot": bought["purchase"]["lot"]["id"],
        "Proposal": (await farid.propose(job))["proposal"]["id"],
        "Purchase": bought["purchase"]["id"],
        "User": viewer["id"],
        "Wallet": (await clara.wallet("id"))["id"],
    }
    assert [*ids] == NAMES
    asked = [representation(name, id) for name, id in ids.items()]
    names = " ".join(f"... on {name} {{ id }}" for name in NAMES)
    document = f"""query($asked: [_Any!]!) {{
        _entities(representations: $asked) {{ __typename {names} }}
    }}"""
    public = {"Account", "ConnectsPackage", "Freelancer", "Job"}

    seen = {}
    for name, caller in {
        "nobody": api.nobody,
        "otto": otto,
        "farid": farid,
        "clara": clara,
    }.items():
        with subtests.test(name):
            there = replace(caller, http=subgraph.http)
            found = (await there.ask(document, asked=asked))["_entities"]

            nodes = [await caller.node(id, "__typename id") for id in ids.values()]
            assert found == nodes
            seen[name] = {node["__typename"] for node in found if node}
    assert seen["nobody"] == public
    assert seen["otto"] == public
    assert seen["farid"] == public | {"Invitation", "Contact", "Proposal"}
    assert seen["clara"] == {*NAMES}


async def test_what_is_not_there_is_null(subgraph: Api) -> None:
    asked = [
        *(representation(name, global_id(name, uuid4())) for name in ("Account", "Job")),
        representation("Freelancer", global_id("Freelancer", uuid4())),
        representation("Account", global_id("Account", uuid4(), 1)),
    ]

    assert await entities(subgraph.nobody, *asked) == [None] * len(asked)
    assert await entities(subgraph.nobody) == []


@pytest.mark.slow
async def test_any_number_of_one_type_takes_one_statement(
    subgraph: Api, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    numbers = range(400)
    await insert(subgraph.services.database, (people()[number] for number in numbers))
    profiles = [freelancer_id(number) for number in numbers]
    accounts = [global_id("Account", parsed.id) for parsed in map(parse_id, profiles) if parsed]
    document = """query ($representations: [_Any!]!) {
        _entities(representations: $representations) {
            ... on Account { name } ... on Freelancer { title }
        }
    }"""

    for type_name, ids in (("Freelancer", profiles), ("Account", accounts)):
        for number in (1, 400):
            with subtests.test(type_name, number=number):
                asked = [representation(type_name, id) for id in ids[:number]]
                with counted(subgraph, monkeypatch) as statements:
                    data = await subgraph.nobody.ask(document, representations=asked)

                assert all(data["_entities"])
                assert len(statements) == 1, statements


async def test_a_wrong_representation_is_an_error_at_its_own_place(
    api: Api, subgraph: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    right = representation("Account", clara.account_id)
    type_names = f"A representation's __typename must be one of {', '.join(NAMES)}."
    ids = "The id of a representation of Account must be an id of that type."
    objects = "A representation must be an object with __typename and id."
    id_of_another = global_id("Job", uuid4())
    no_objects: list[object] = ["x", 1, True, 1.5, [], [right], [[]]]
    no_names: list[object] = [None, 1, [], {}, ["Account"], "Money", "Query", "account", "\ud800"]
    no_ids: list[object] = [None, 1, True, [], {}, [clara.account_id], "", "x", "\ud800", "\0"]
    wrong = [
        *((value, objects) for value in no_objects),
        *((representation(name, clara.account_id), type_names) for name in no_names),
        *((representation("Account", id), ids) for id in (*no_ids, "x" * 10_000, id_of_another)),
        ({}, type_names),
        ({"id": clara.account_id}, type_names),
        ({"__typename": "Account"}, ids),
    ]

    for value, message in wrong:
        with subtests.test(value=str(value)[:60].encode(errors="replace")):
            body = (
                await subgraph.nobody.send(ENTITIES, {"representations": [right, value, right]})
            ).json()

            (error,) = body["errors"]
            assert (error["message"], error["path"]) == (message, ["_entities", 1])
            assert error["extensions"]["code"] == "INVALID_INPUT"
            found = body["data"]["_entities"]
            assert [entity and entity["id"] for entity in found] == [
                clara.account_id,
                None,
                clara.account_id,
            ]


async def test_representations_may_stand_in_the_document(api: Api, subgraph: Api) -> None:
    clara = await api.client()
    document = """query ($id: ID!) { _entities(representations: [
        {__typename: "Account", id: $id}, {__typename: "Account", id: "%s"}
    ]) { ... on Account { id } } }"""

    found = await subgraph.nobody.ask(document % clara.account_id, id=clara.account_id)

    assert found == {"_entities": [{"id": clara.account_id}] * 2}


async def test_at_most_a_thousand_entities_are_given_at_once(api: Api, subgraph: Api) -> None:
    clara = await api.client()
    asked = [representation("Account", clara.account_id)] * REPRESENTATIONS
    document = """query ($representations: [_Any!]!) {
        _entities(representations: $representations) { __typename }
    }"""

    found = await subgraph.nobody.ask(document, representations=asked)
    error = await subgraph.nobody.fail(document, representations=[*asked, asked[0]])

    assert found == {"_entities": [{"__typename": "Account"}] * REPRESENTATIONS}
    assert error["message"] == "representations: may be at most 1000, not 1001"
    assert error["extensions"]["code"] == "INVALID_INPUT"


def test_the_gateway_is_told_the_schema_with_its_entities(served: GraphQLSchema) -> None:
    result = execute_sync(served, parse("{ _service { sdl } }"))

    assert result.data == {"_service": {"sdl": subgraph_sdl()}}
    link, *definitions = parse(subgraph_sdl(), no_location=True).definitions
    assert print_ast(link).startswith(
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.'
    )
    assert print_ast(link).endswith('import: ["@key", "@shareable", "@cost", "@listSize"])')
    version = re.search(r"federation/v2\.(\d+)", print_ast(link))
    assert version and int(version[1]) >= 9
    marked = {
        node.name.value: [print_ast(directive) for directive in node.directives or ()]
        for node in definitions
        if isinstance(node, ObjectTypeDefinitionNode)
    }
    roots = {name: marked.pop(name) for name in ("Query", "Mutation", "Subscription")}
    assert roots == {"Query": [], "Mutation": [], "Subscription": []}
    entities = {name for name, marks in marked.items() if marks == ['@key(fields: "id")']}
    assert entities == {*NAMES}
    assert {name for name, marks in marked.items() if marks == ["@shareable"]} == (
        marked.keys() - entities
    )


def test_an_entity_is_each_type_that_is_a_node() -> None:
    plain = schema._schema
    node = plain.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)

    assert sorted(kind.name for kind in plain.get_possible_types(node)) == NAMES
    assert {*NAMES} >= {"Account", "Entry", "Lot", "Purchase", "User", "Wallet"}


def test_but_for_its_directives_and_node_the_subgraphs_schema_is_the_plain_one() -> None:
    _, *definitions = parse(subgraph_sdl(), no_location=True).definitions

    assert [*map(without_marks, definitions)] == [
        without_marks(definition)
        for definition in parse(schema.as_str(), no_location=True).definitions
    ]


def without_marks(definition: DefinitionNode) -> DefinitionNode:
    """A definition without the directives of federation, and without node and nodes."""
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    fields = tuple(
        replace(field, directives=_others(field.directives))
        for field in definition.fields or ()
        if definition.name.value != "Query" or field.name.value not in ("node", "nodes")
    )
    return replace(definition, fields=fields, directives=_others(definition.directives))


def _others(directives: Any) -> Any:
    marks = ("key", "shareable", "cost", "listSize")
    return tuple(one for one in directives or () if one.name.value not in marks)


def test_the_gateway_is_told_what_fields_cost() -> None:
    prices = {
        f"{node.name.value}.{field.name.value}": print_ast(directive)
        for node in parse(subgraph_sdl(), no_location=True).definitions
        if isinstance(node, ObjectTypeDefinitionNode)
        for field in node.fields or ()
        for directive in field.directives or ()
        if directive.name.value in ("cost", "listSize")
    }
    page = (
        '@listSize(assumedSize: 20, slicingArguments: ["first", "last"], '
        'sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)'
    )

    lists = {
        "Entry.draws": "@listSize(assumedSize: 2)",
        "Entry.entryDraws": "@listSize(assumedSize: 2)",
        "Statement.paid": "@listSize(assumedSize: 2)",
        "Wallet.spending": "@listSize(assumedSize: 30)",
        "Statement.spentByAction": "@listSize(assumedSize: 5)",
        "User.accounts": "@listSize(assumedSize: 2)",
        "Query.connectsPackages": "@listSize(assumedSize: 10)",
        "InsufficientConnects.packages": "@listSize(assumedSize: 10)",
        "InvalidInput.fields": "@listSize(assumedSize: 10)",
        "Query.costRules": "@listSize(assumedSize: 15)",
        "Wallet.expiring": "@listSize(assumedSize: 20, "
        'slicingArguments: ["first"], requireOneSlicingArgument: false)',
    }
    mutations = {at for at, price in prices.items() if price == "@cost(weight: 10)"}
    assert mutations == {f"Mutation.{name}" for name in root_fields("Mutation")}
    assert {at: price for at, price in prices.items() if price != page} == lists | dict.fromkeys(
        mutations, "@cost(weight: 10)"
    )
    assert {at for at, price in prices.items() if price == page} == {
        *("Query.jobs", "Query.freelancers", "Wallet.lots", "Wallet.entries", "Lot.draws"),
        "Lot.lotDraws",
        *("Job.proposals", "Job.invitations", "Account.jobs", "Account.proposals"),
        *("Account.invitationsReceived", "Account.contactsReceived"),
    }


def root_fields(name: str) -> list[str]:
    kind = schema._schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return [*kind.fields]


async def test_node_and_nodes_are_left_out(subgraph: Api, served: GraphQLSchema) -> None:
    assert served.query_type is not None

    added = {"_service", "_entities"}
    assert served.query_type.fields.keys() - added == {*root_fields("Query")} - {"node", "nodes"}
    error = await subgraph.nobody.fail('{ node(id: "x") { id } }')
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_subgraph_still_answers_everything_else(api: Api, subgraph: Api) -> None:
    clara = await api.client()
    there: Member = replace(clara, http=subgraph.http)

    assert await there.new_job()
    found = await there.ask(
        "query($id: ID!) { account(id: $id) { id wallet { available } } }", id=clara.account_id
    )
    assert found == {"account": {"id": clara.account_id, "wallet": {"available": 59}}}


def test_a_subgraph_is_a_valid_schema_that_describes_what_it_adds(served: GraphQLSchema) -> None:
    plain = schema._schema

    assert validate_schema(served) == []
    added = [kind for name, kind in served.type_map.items() if name not in plain.type_map]
    assert sorted(kind.name for kind in added) == ["_Any", "_Entity", "_Service"]
    assert all(kind.description for kind in added)
    assert served.query_type is not None
    for name in ("_service", "_entities"):
        assert served.query_type.fields[name].description


def test_the_plain_schema_has_no_trace_of_federation() -> None:
    before = schema.as_str()

    subgraph_schema()

    assert schema.as_str() == before
    for trace in ("_Any", "_Entity", "_Service", "_entities", "_service", "@key", "@link"):
        assert trace not in before
    assert schema._schema.query_type is not None
    assert not [name for name in schema._schema.query_type.fields if name.startswith("_")]
