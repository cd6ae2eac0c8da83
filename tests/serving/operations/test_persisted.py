"""Documents named by their hash: Apollo's automatic persisted queries, and trusted documents."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from schema.schema import schema
from serving.operations import persisted
from serving.operations.documents import Documents
from serving.operations.persisted import (
    PersistedDocuments,
    WrongDocumentsError,
    read_trusted_documents,
)
from serving.operations.remembered import ENTRY_WEIGHT
from serving.transport.bodies import GraphQLRequest
from tests.schema.callers import Api

PACKAGES = "{ connectsPackages(accountKind: CLIENT) { connects } }"
VIEWER = "{ viewer { name } }"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def by_hash(text: str, **more: object) -> str:
    """A request that names `text` by its hash, as Apollo's clients do."""
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}
    return json.dumps({"extensions": extensions, **more})


def code(answer: httpx.Response) -> Any:
    (error,) = answer.json()["errors"]
    return error["extensions"]["code"]


async def test_a_document_is_known_by_its_hash_once_it_was_sent_with_it(api: Api) -> None:
    unknown = await api.nobody.post(by_hash(PACKAGES))
    first = await api.nobody.post(by_hash(PACKAGES, query=PACKAGES))
    known = await api.nobody.post(by_hash(PACKAGES))

    assert unknown.status_code == 200
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert code(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert "data" not in unknown.json()
    assert len(first.json()["data"]["connectsPackages"]) == 5
    assert known.json() == first.json()


async def test_a_document_by_hash_can_be_asked_by_get_and_kept_by_anybody(api: Api) -> None:
    await api.nobody.post(by_hash(PACKAGES, query=PACKAGES))
    extensions = json.loads(by_hash(PACKAGES))["extensions"]

    answer = await api.http.get("/graphql", params={"extensions": json.dumps(extensions)})

    assert len(answer.json()["data"]["connectsPackages"]) == 5
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["vary"] == "Accept, Authorization"


async def test_what_is_private_or_wrong_is_not_to_be_kept(
    api: Api, subtests: pytest.Subtests
) -> None:
    ada = {"authorization": f"Bearer {api.somebody('Ada').token}"}

    for name, parameters, headers in (
        ("with a token", {"query": VIEWER}, ada),
        ("an error", {"query": '{ nodes(ids: ["x"]) { id } }'}, {}),
        ("a wrong document", {"query": "{ x }"}, {}),
        (
            "an unknown hash",
            {"extensions": json.dumps(json.loads(by_hash("{ a }"))["extensions"])},
            {},
        ),
    ):
        with subtests.test(name):
            answer = await api.http.get("/graphql", params=parameters, headers=headers)

            assert answer.headers["cache-control"] == "private, no-store"


async def test_a_document_by_hash_may_have_variables_and_operations(api: Api) -> None:
    text = (
        "query A($kind: AccountKind) { connectsPackages(accountKind: $kind) { connects } }"
        " query B { __typename }"
    )
    await api.nobody.post(by_hash(text, query=text, operationName="B"))

    agency = await api.nobody.post(by_hash(text, operationName="A", variables={"kind": "AGENCY"}))

    assert len(agency.json()["data"]["connectsPackages"]) == 7


WRONG_HASHES: list[tuple[Any, int]] = [
    ({"version": 1, "sha256Hash": "x"}, 400),
    ({"version": 1, "sha256Hash": hash_of("a")[:-1]}, 400),
    ({"version": 1, "sha256Hash": None}, 400),
    ({"version": 1}, 400),
    ({"version": 2, "sha256Hash": hash_of(VIEWER)}, 400),
    ({"sha256Hash": hash_of(VIEWER)}, 400),
    ("x", 400),
    (1, 400),
    ([], 400),
]


async def test_what_is_no_hash_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for query in ({}, {"query": VIEWER}):
        for wrong, status in WRONG_HASHES:
            with subtests.test(wrong=str(wrong)[:60], query=bool(query)):
                body = {"extensions": {"persistedQuery": wrong}, **query}

                answer = await api.nobody.post(json.dumps(body))

                assert (answer.status_code, code(answer)) == (status, "BAD_REQUEST")
        for id in ("x", "md5:abc", 1, hash_of("x") + "0", ""):
            with subtests.test(id=str(id)[:60], query=bool(query)):
                answer = await api.nobody.post(json.dumps({"documentId": id, **query}))

                assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_a_hash_of_another_document_is_refused_and_not_remembered(api: Api) -> None:
    answer = await api.nobody.post(by_hash(PACKAGES, query=VIEWER))

    assert code(answer) == "BAD_REQUEST"
    assert code(await api.nobody.post(by_hash(PACKAGES))) == "PERSISTED_QUERY_NOT_FOUND"
    assert code(await api.nobody.post(by_hash(VIEWER))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_wrong_document_is_not_remembered(api: Api) -> None:
    for text in ("{ x }", "{"):
        await api.nobody.post(by_hash(text, query=text))

        assert code(await api.nobody.post(by_hash(text))) == "PERSISTED_QUERY_NOT_FOUND"


def test_only_so_much_text_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "REMEMBERED_WEIGHT", 2 * (ENTRY_WEIGHT + 40))
    documents = PersistedDocuments()
    texts = [f"{{ a{n} }}".ljust(40) for n in range(3)]

    def known(text: str) -> bool:
        try:
            return documents.text(GraphQLRequest(None, {}, None, hash_of(text))) == text
        except Exception:
            return False

    documents.remember(hash_of(texts[0]), texts[0])
    documents.remember(hash_of(texts[1]), texts[1])
    assert known(texts[0])
    documents.remember(hash_of(texts[2]), texts[2])

    assert [known(text) for text in texts] == [True, False, True]


def trusted(tmp_path: Path, documents: object) -> dict[str, str]:
    path = tmp_path / "trusted.json"
    path.write_text(documents if isinstance(documents, str) else json.dumps(documents))
    return read_trusted_documents(path, Documents(schema._schema, introspection=True))


async def test_only_trusted_documents_are_executed_where_it_is_so_set(
    api: Api, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    known = trusted(tmp_path, {hash_of(PACKAGES): PACKAGES})
    strict = api.with_operations(persisted=PersistedDocuments(known, only_trusted=True))
    nobody = strict.nobody

    for name, body, expected in (
        ("by Apollo's hash", by_hash(PACKAGES), None),
        ("by documentId", json.dumps({"documentId": f"sha256:{hash_of(PACKAGES)}"}), None),
        ("by its text", json.dumps({"query": PACKAGES}), None),
        ("with both", by_hash(PACKAGES, query=PACKAGES), None),
        ("another text", json.dumps({"query": VIEWER}), "QUERY_NOT_IN_SAFELIST"),
        ("another hash", by_hash(VIEWER), "PERSISTED_QUERY_NOT_IN_LIST"),
        ("another with both", by_hash(VIEWER, query=VIEWER), "PERSISTED_QUERY_NOT_IN_LIST"),
        (
            "the schema",
            json.dumps({"query": "{ __schema { queryType { name } } }"}),
            "QUERY_NOT_IN_SAFELIST",
        ),
    ):
        with subtests.test(name):
            answer = await nobody.post(body)

            if expected is None:
                assert len(answer.json()["data"]["connectsPackages"]) == 5
            else:
                assert code(answer) == expected
                assert "data" not in answer.json()


async def test_trusted_documents_need_not_be_sent_once(api: Api, tmp_path: Path) -> None:
    known = trusted(tmp_path, {f"sha256:{hash_of(PACKAGES).upper()}": PACKAGES})
    lenient = api.with_operations(persisted=PersistedDocuments(known))

    by_its_hash = await lenient.nobody.post(by_hash(PACKAGES))
    another = await lenient.nobody.send(VIEWER)

    assert len(by_its_hash.json()["data"]["connectsPackages"]) == 5
    assert another.json()["data"] == {"viewer": None}


def manifest(*operations: object, **other: object) -> dict[str, object]:
    """As Apollo's generate-persisted-query-manifest writes it."""
    head = {"format": "apollo-persisted-query-manifest", "version": 1}
    return {**head, "operations": operations, **other}


def in_manifest(text: str, **other: object) -> dict[str, object]:
    return {"id": hash_of(text), "name": "Packages", "type": "query", "body": text, **other}


async def test_apollos_manifest_is_a_file_of_trusted_documents(api: Api, tmp_path: Path) -> None:
    known = trusted(tmp_path, manifest(in_manifest(PACKAGES), in_manifest(VIEWER)))
    strict = api.with_operations(persisted=PersistedDocuments(known, only_trusted=True))

    packages = await strict.nobody.post(by_hash(PACKAGES))
    viewer = await strict.nobody.post(by_hash(VIEWER))

    assert len(packages.json()["data"]["connectsPackages"]) == 5
    assert viewer.json()["data"] == {"viewer": None}


@pytest.mark.parametrize(
    ("documents", "reason"),
    [
        ("", "can't be read"),
        ("x", "can't be read"),
        ("[]", "must hold a JSON object"),
        ({"x": PACKAGES}, "not the SHA-256"),
        ({hash_of(VIEWER): PACKAGES}, "not the SHA-256"),
        ({hash_of(VIEWER): None}, "not the SHA-256"),
        ({hash_of("{ x }"): "{ x }"}, "Cannot query field 'x'"),
        ({hash_of("{"): "{"}, "Syntax Error"),
        (manifest(in_manifest(PACKAGES, id="x")), "has 'x', which is not the SHA-256"),
        (manifest(in_manifest(PACKAGES, id=None)), "not the SHA-256"),
        (manifest(in_manifest(PACKAGES, body=None)), "not the SHA-256"),
        (manifest(in_manifest("{ x }")), "Cannot query field 'x'"),
        (manifest("x"), "list of operations"),
        (manifest(operations={}), "list of operations"),
        (manifest(version=2), "version 1"),
        (manifest(format="relay"), "format that is not apollo-persisted-query-manifest"),
    ],
)
def test_a_wrong_file_of_trusted_documents_is_refused(
    tmp_path: Path, documents: object, reason: str
) -> None:
    with pytest.raises(WrongDocumentsError, match=reason):
        trusted(tmp_path, documents)
