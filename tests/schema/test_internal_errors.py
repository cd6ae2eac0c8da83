"""Bugs and outages: masked for the caller, logged for the operator under the same name."""

from typing import Any, NoReturn

import pytest

from models.rules.refusals import TryAgain
from tests.schema.callers import Api

SECRET_DETAIL = "secret detail of a bug"
OPEN = """mutation {
    openAccount(input: {kind: CLIENT, name: "A", idempotencyKey: "k"}) { __typename }
}"""


async def fails(*_: Any, **__: Any) -> NoReturn:
    raise LookupError(SECRET_DETAIL)


@pytest.mark.parametrize(
    ("broken", "document"),
    [
        ("resolvers.open_account.open_account", OPEN),
        ("resolvers.listings.accounts_of_user", "{ viewer { accounts { id } } }"),
    ],
    ids=["in a mutation", "in a query"],
)
async def test_a_bug_is_masked_and_logged_under_the_requests_name(
    api: Api,
    broken: str,
    document: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ada = api.somebody("Ada")
    monkeypatch.setattr(broken, fails)

    async with api.unchanged():
        answer = await ada.send(document)

    (error,) = answer.json()["errors"]
    assert error["message"] == "Something went wrong here."
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": answer.headers["x-request-id"],
    }
    assert SECRET_DETAIL not in answer.text and "LookupError" not in answer.text
    assert f"request {answer.headers['x-request-id']} failed" in caplog.text
    assert f"LookupError: {SECRET_DETAIL}" in caplog.text


async def test_one_field_that_fails_does_not_take_the_others_with_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client()
    monkeypatch.setattr("schema.types.account.listings.invitations_received", fails)
    document = """query($id: ID!) { node(id: $id) {
        id ... on Account { name invitationsReceived { nodes { id } } }
    } }"""

    body = (await clara.send(document, {"id": clara.account_id})).json()

    assert body["data"]["node"] == {
        "id": clara.account_id,
        "name": "Clara's",
        "invitationsReceived": None,
    }
    assert [error["path"] for error in body["errors"]] == [["node", "invitationsReceived"]]


async def test_a_bug_outside_of_graphql_is_masked_too(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("resolvers.people.users._find", fails)

    answer = await api.somebody("Ada").send("{ viewer { id } }")

    (error,) = answer.json()["errors"]
    assert answer.status_code == 500
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert SECRET_DETAIL not in answer.text
    assert f"request {error['extensions']['requestId']} failed" in caplog.text


async def test_a_ledger_that_is_busy_asks_to_try_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client()

    async def is_busy(_: object) -> NoReturn:
        raise TryAgain

    with monkeypatch.context() as patched:
        patched.setattr(api.services.ledger, "post", is_busy)
        async with api.unchanged():
            refused = await clara.post_job(idempotencyKey="job")
            new = await api.somebody("Ada").send("{ viewer { id } }")

    assert (refused["__typename"], refused["retryable"]) == ("TryAgain", True)
    assert new.status_code == 503
    assert new.json()["errors"][0]["extensions"]["code"] == "TRY_AGAIN"
    assert not (await clara.post_job(idempotencyKey="job"))["replayed"]
