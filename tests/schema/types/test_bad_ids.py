"""Ids that name nothing: malformed ones are an error, all others simply find nothing."""

import base64
from uuid import UUID, uuid4

import pytest

from models.rules.refusals import InvalidInput
from models.store.statements import for_sqlite
from schema.ids import global_id, parse_id
from tests.schema.callers import Api


def id_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_a_malformed_id_is_an_error_of_the_caller(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    account = parse_id(clara.account_id)
    assert account is not None
    huge = (2**63, 2**64, 10**30, -1, -(2**63) - 1, "1e3", "01", "+1", "1_0", "٣", "9" * 5_000)
    wrong = [
        *("", " ", "x", "null", "é", "\0", "\ud800", "====", "A" * 100_000),
        *(f"{clara.account_id}!", f" {clara.account_id}", clara.account_id[:-3]),
        *map(
            id_of,
            ("", ":", "Account", "Account:", "Account:x", f"Account:{account.id}:", "a:b:c:d"),
        ),
        *map(id_of, (f"Account:{account.id.hex}", f"Account:{{{account.id}}}")),
        id_of(f"Account:{str(account.id).upper()}"),
        *(id_of(f"{type_name}:{account.id}:{n}") for type_name in ("Lot", "Entry") for n in huge),
    ]

    for id in wrong:
        with subtests.test(id=id[:60]):
            error = await clara.fail("query($id: ID!) { node(id: $id) { id } }", id=id)

            assert error["extensions"]["code"] == "INVALID_INPUT"
            assert error["extensions"]["fields"][0]["path"] == ["id"]
            assert "is not an id of this service" in error["message"]


@pytest.mark.parametrize("type_name", ["Job", "User", "Wallet"])
def test_nothing_is_named_by_two_texts(type_name: str) -> None:
    """Whatever is left over of base64's last bits: 2, 4 or none of them, by the type's length."""
    id = uuid4()
    text = global_id(type_name, id)

    others = {f"{text[:-1]}{last}" for last in map(chr, range(256))} - {text}
    others |= {f"{text[:n]}{one}{text[n:]}" for n in range(len(text) + 1) for one in "=-_+/\n !"}
    found = {other: parse_id(other) for other in others}

    assert parse_id(text) == (type_name, id, None)
    named = {other: name for other, name in found.items() if name == parse_id(text)}
    assert named == {}


def test_an_ids_uuid_is_as_good_as_any() -> None:
    id = uuid4()
    parsed = parse_id(global_id("Entry", id, 7))
    assert parsed is not None

    assert (parsed.id, hash(parsed.id), str(parsed.id)) == (id, hash(id), str(id))
    assert isinstance(parsed.id, UUID)
    assert global_id("Entry", parsed.id, 7) == global_id("Entry", id, 7)
    assert for_sqlite(parsed.id) == for_sqlite(id) == str(id)
    assert for_sqlite([parsed.id, id]) == for_sqlite([id, id])


async def test_a_well_formed_id_of_nothing_finds_nothing(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    account = parse_id(clara.account_id)
    assert account is not None
    types = ("Account", "Wallet", "Job", "Proposal", "Invitation", "Contact", "Purchase", "User")
    nothing = [
        *(global_id(type_name, uuid4()) for type_name in (*types, "Freelancer", "ConnectsPackage")),
        *(global_id(type_name, account.id) for type_name in ("Job", "User", "Lot", "Entry")),
        *(global_id("Lot", account.id, n) for n in (0, 2, 2**31, 2**32, 2**63 - 1)),
        *(global_id("Entry", account.id, n) for n in (0, 2, 2**31, 2**32, 2**63 - 1)),
        global_id("Account", account.id, 1),
        global_id("Nonsense", account.id),
        global_id("Query", account.id),
    ]

    for id in nothing:
        with subtests.test(id=id):
            assert await clara.node(id) is None

    assert (await clara.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=nothing)) == {
        "nodes": [None] * len(nothing)
    }


async def test_a_malformed_id_among_many_is_an_error_at_its_own_place(api: Api) -> None:
    clara = await api.client()
    nothing = global_id("Job", uuid4())
    ids = ["x", clara.account_id, nothing, f"{clara.account_id}!", clara.account_id]

    answer = await clara.send("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})

    own = {"id": clara.account_id}
    assert answer.json()["data"] == {"nodes": [None, own, None, None, own]}
    errors = {tuple(error["path"]): error for error in answer.json()["errors"]}
    assert set(errors) == {("nodes", 0), ("nodes", 3)}
    for (_, place), error in errors.items():
        assert error["extensions"]["code"] == "INVALID_INPUT"
        assert error["extensions"]["fields"][0]["path"] == ["ids", str(place)]
        assert "is not an id of this service" in error["message"]


async def test_at_most_a_hundred_nodes_are_given_at_once(api: Api) -> None:
    clara = await api.client()
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    own = {"id": clara.account_id}

    error = await clara.fail(query, ids=[clara.account_id] * 101)

    assert (error["message"], error["extensions"]["code"]) == (
        "ids: may be at most 100, not 101",
        InvalidInput.code,
    )
    assert await clara.ask(query, ids=[clara.account_id] * 100) == {"nodes": [own] * 100}
    assert await clara.ask(query, ids=[]) == {"nodes": []}
