"""Accounts, freelancers, jobs and wallets by their ids, as `node` gives them."""

from typing import Any, Final
from uuid import uuid4

import pytest

from resolvers.demo.freelancers import people
from schema.ids import global_id, parse_id
from schema.types.node import NODE_TYPES
from tests.schema.callers import Api, Caller
from tests.schema.search.searches import freelancer_id, insert
from tests.schema.types.test_no_n_plus_one import counted

LOOKUPS: Final = {
    # the field: its argument, the type that the argument names, and the type that it gives
    "account": ("id", "Account", "Account"),
    "freelancer": ("id", "Freelancer", "Freelancer"),
    "job": ("id", "Job", "Job"),
    "wallet": ("accountId", "Account", "Wallet"),
}
FIELDS: Final = {
    "Account": "name kind wallet { available } proposals { nodes { id } }",
    "Freelancer": "title account { id } contactDetails { email }",
    "Job": "title account { id } proposals { nodes { id } } invitations { nodes { id } }",
    "Wallet": "available account { id } entries { nodes { sequence } }",
}
"""What is public of each type, and what is not."""


def looked_up(field: str, selection: str = "__typename id") -> str:
    return f"query($id: ID!) {{ {field}({LOOKUPS[field][0]}: $id) {{ {selection} }} }}"


def wallet_id(account_id: str) -> str:
    account = parse_id(account_id)
    assert account is not None
    return global_id("Wallet", account.id)


@pytest.mark.parametrize("field", LOOKUPS)
async def test_a_lookup_gives_each_viewer_what_node_gives(
    api: Api, field: str, subtests: pytest.Subtests
) -> None:
    clara, farid, otto = await api.client(), await api.freelancer(), await api.client("Otto")
    job = await clara.new_job()
    await farid.propose(job)
    await clara.contact(farid)
    ids = {"Account": clara.account_id, "Freelancer": farid.freelancer_id, "Job": job}
    _, takes, gives = LOOKUPS[field]
    id = ids[takes]
    assert id is not None
    node_id = wallet_id(id) if field == "wallet" else id
    viewers: dict[str, Caller] = {
        "nobody": api.nobody,
        "otto": otto,
        "clara": clara,
        "farid": farid,
    }

    seen = {}
    for name, viewer in viewers.items():
        with subtests.test(name):
            selection = f"__typename id {FIELDS[gives]}"
            seen[name] = (await viewer.ask(looked_up(field, selection), id=id))[field]

            node = await viewer.node(node_id, f"... on {gives} {{ {selection} }}")
            assert seen[name] == node

    if field == "wallet":
        assert [name for name, wallet in seen.items() if wallet] == ["clara"]
        assert seen["clara"]["available"] == 58
    else:
        assert all(found["__typename"] == gives for found in seen.values())
        # The matrix proves nothing if everybody sees the same.
        assert seen["nobody"] == seen["otto"] != seen["clara"]


@pytest.mark.parametrize("field", LOOKUPS)
async def test_an_id_of_another_type_is_an_error(
    api: Api, field: str, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    argument, takes, _ = LOOKUPS[field]
    job = await clara.new_job()
    others = {name: global_id(name, uuid4()) for name in NODE_TYPES if name != takes} | {
        "Nonsense": global_id("Nonsense", uuid4()),
        "Lot": global_id("Lot", uuid4(), 1),
        "Wallet": wallet_id(clara.account_id),
    }
    if takes != "Job":
        others["Job"] = job

    for type_name, id in others.items():
        with subtests.test(type_name):
            answer: Any = (await clara.send(looked_up(field), {"id": id})).json()

            (error,) = answer["errors"]
            assert answer["data"] == {field: None}
            assert (error["path"], error["extensions"]["code"]) == ([field], "INVALID_INPUT")
            assert error["extensions"]["fields"] == [
                {
                    "path": [argument],
                    "message": f"must be an id of type {takes}, not {type_name}",
                    "reason": "ID_OF_ANOTHER_TYPE",
                }
            ]


@pytest.mark.parametrize("field", LOOKUPS)
async def test_a_malformed_id_is_the_error_that_node_gives(
    api: Api, field: str, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    argument = LOOKUPS[field][0]
    malformed = (
        *("", " ", "x", "null", "é", "\0", "\ud800", "====", "A" * 10_000),
        *(f"{clara.account_id}!", f" {clara.account_id}", clara.account_id[:-3]),
    )

    for id in malformed:
        with subtests.test(id=id[:40].encode(errors="replace")):
            error = await clara.fail(looked_up(field), id=id)
            of_node = await clara.fail("query($id: ID!) { node(id: $id) { id } }", id=id)

            assert error["path"] == [field]
            assert error["message"] == of_node["message"].replace("id:", f"{argument}:", 1)
            (wrong,), (wrong_of_node,) = (one["extensions"]["fields"] for one in (error, of_node))
            assert wrong == wrong_of_node | {"path": [argument]}
            assert error["extensions"]["code"] == of_node["extensions"]["code"]


@pytest.mark.parametrize("field", LOOKUPS)
async def test_an_id_of_nothing_finds_nothing(api: Api, field: str) -> None:
    clara = await api.client()
    account = parse_id(clara.account_id)
    assert account is not None
    takes = LOOKUPS[field][1]
    of_nothing = [
        global_id(takes, uuid4()),
        global_id(takes, account.id, 0),
        global_id(takes, account.id, 1),
    ]

    async with api.unchanged():
        for caller in (api.nobody, clara):
            for id in of_nothing:
                assert await caller.ask(looked_up(field), id=id) == {field: None}


async def test_a_wrong_id_leaves_the_rest_of_the_page(api: Api) -> None:
    clara = await api.client()
    document = """query($id: ID!) {
        account(id: $id) { id } job(id: "x") { id } wallet(accountId: $id) { available }
        freelancer(id: $id) { id }
    }"""

    answer = (await clara.send(document, {"id": clara.account_id})).json()

    assert answer["data"] == {
        "account": {"id": clara.account_id},
        "job": None,
        "wallet": {"available": 60},
        "freelancer": None,
    }
    assert sorted(error["path"] for error in answer["errors"]) == [["freelancer"], ["job"]]


async def test_any_number_of_lookups_of_one_type_takes_one_statement(
    api: Api, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    await insert(api.services.database, people()[:50])
    profiles = [freelancer_id(number) for number in range(50)]
    accounts = [global_id("Account", parsed.id) for parsed in map(parse_id, profiles) if parsed]

    for field, ids, selection in (
        ("freelancer", profiles, "title"),
        ("account", accounts, "name"),
    ):
        for number in (1, 50):
            with subtests.test(field, number=number):
                found = " ".join(
                    f'n{n}: {field}(id: "{id}") {{ {selection} }}'
                    for n, id in enumerate(ids[:number])
                )
                with counted(api, monkeypatch) as statements:
                    data = await api.nobody.ask(f"{{ {found} }}")

                assert all(data.values()) and len(data) == number
                assert len(statements) == 1, statements
