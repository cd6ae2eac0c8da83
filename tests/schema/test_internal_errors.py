"""Bugs and outages: masked for the caller, logged for the operator under the same name."""

import asyncio
from typing import Any, NoReturn

import pytest

from models.rules.refusals import TryAgain
from tests.faults.kinds import sqlite_error
from tests.schema.callers import Api
from tests.schema.graphql_texts import MUTATIONS

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


async def is_locked(*_: Any, **__: Any) -> NoReturn:
    raise sqlite_error("SQLITE_BUSY", "database is locked")


async def test_who_cannot_be_signed_in_for_now_is_to_try_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("resolvers.people.users._find", is_locked)

    answer = await api.somebody("Ada").send("{ viewer { id } }")

    (error,) = answer.json()["errors"]
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert error["message"] == "The database cannot be used for now. Try again."
    assert (error["extensions"]["code"], error["extensions"]["retryable"]) == ("TRY_AGAIN", True)
    name = error["extensions"]["requestId"]
    assert f"request {name} met a fault of the database: OperationalError(" in caplog.text


async def test_what_was_carried_out_and_cannot_be_read_is_no_refusal(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client()
    job_id = await clara.new_job()
    cancel = {"input": {"jobId": job_id, "idempotencyKey": "cancel"}}

    async def loses_its_outcome(document: str) -> Any:
        post = api.services.ledger.post

        async def posted(command: Any) -> Any:
            outcome = await post(command)
            monkeypatch.setattr(api.services.loaders.jobs, "load", is_locked)
            return outcome

        monkeypatch.setattr(api.services.ledger, "post", posted)
        return await clara.send(document, cancel)

    answer = (await loses_its_outcome(MUTATIONS["cancelJob"])).json()
    monkeypatch.undo()

    (error,) = answer["errors"]
    assert answer["data"] == {"cancelJob": None}
    assert error["path"] == ["cancelJob"]
    assert error["extensions"]["committed"] is True
    assert error["message"].startswith("It was carried out, and its outcome could not be read.")
    assert (error["extensions"]["code"], error["extensions"]["retryable"]) == ("TRY_AGAIN", True)
    again = await clara.mutate("cancelJob", jobId=job_id, idempotencyKey="cancel")
    assert (again["job"]["status"], again["replayed"]) == ("CANCELLED", True)


async def test_a_bug_after_the_commit_says_that_it_was_carried_out(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clara = await api.client()
    input = {"accountId": clara.account_id, "title": "A", "description": "B"}
    post = {"input": {**input, "idempotencyKey": "post"}}

    def fails_at_once(*_: object) -> NoReturn:
        raise LookupError(SECRET_DETAIL)

    monkeypatch.setattr("schema.types.job.Job.of", fails_at_once)
    answer = (await clara.send(MUTATIONS["postJob"], post)).json()
    monkeypatch.undo()

    (error,) = answer["errors"]
    assert answer["data"] == {"postJob": None}
    assert error["message"] == "It was carried out, and then something went wrong here."
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["committed"] is True
    assert f"LookupError: {SECRET_DETAIL}" in caplog.text
    assert await clara.available() == 59


async def test_a_bug_before_the_commit_does_not_say_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client()
    input = {"accountId": clara.account_id, "title": "A", "description": "B"}
    monkeypatch.setattr("resolvers.post_job.access.own_account", fails)

    async with api.unchanged():
        answer = (
            await clara.send(MUTATIONS["postJob"], {"input": {**input, "idempotencyKey": "post"}})
        ).json()

    (error,) = answer["errors"]
    assert answer["data"] == {"postJob": None}
    assert "committed" not in error["extensions"]


async def test_what_is_under_way_when_the_server_gives_up_is_to_be_tried_again(api: Api) -> None:
    clara = await api.client()
    hangs = asyncio.Event()
    api.services.loaders.accounts_of_users._read = lambda _: hangs.wait()  # type: ignore[assignment, return-value]
    endpoint = api.endpoint
    waiting = asyncio.create_task(clara.send("{ viewer { accounts { id } } }"))
    await asyncio.sleep(0.1)

    endpoint.end()
    first = (await waiting).json()
    later = (await clara.send("{ viewer { accounts { id } } }")).json()

    for body in (first, later):
        (error,) = body["errors"]
        assert error["message"].startswith("The server is stopping")
        assert error["extensions"]["code"] == "TRY_AGAIN"
        assert error["extensions"]["retryable"]
        assert body["data"] is None
