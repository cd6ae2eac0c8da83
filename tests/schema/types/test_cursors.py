"""Cursors fit the list that gave them, and no other; what is made up fits none."""

import base64
import json
from typing import Any

import pytest

from tests.schema.callers import Api, Json, Member


async def refusal(member: Member, field: str, **cursor: str) -> Json:
    """The error that a page of the member's account gives, cut by `cursor`."""
    ((side, value),) = cursor.items()
    inside = f"{field}({side}: $cursor) {{ __typename }}"
    if field in ("entries", "lots"):
        inside = f"wallet {{ {inside} }}"
    return await member.fail(
        f"query($id: ID!, $cursor: String) {{ node(id: $id) {{ ... on Account {{ {inside} }} }} }}",
        id=member.account_id,
        cursor=value,
    )


async def last_cursor(member: Member, field: str) -> str:
    page = (await member.wallet(f"{field} {{ pageInfo {{ endCursor }} }}"))[field]
    cursor = page["pageInfo"]["endCursor"]
    assert isinstance(cursor, str)
    return cursor


async def test_a_cursor_of_another_list_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    clara, cleo = await api.client(), await api.client("Cleo")

    for reader, field, cursor in (
        (clara, "entries", await last_cursor(cleo, "entries")),
        (clara, "entries", await last_cursor(clara, "lots")),
        (clara, "lots", await last_cursor(clara, "entries")),
        (clara, "jobs", await last_cursor(clara, "entries")),
        (cleo, "lots", await last_cursor(clara, "lots")),
    ):
        with subtests.test(field, cursor=cursor):
            error = await refusal(reader, field, after=cursor)

            assert error["message"] == "after: is not a cursor of this list"
            assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_made_up_cursor_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    name, sequence = decoded(await last_cursor(clara, "entries"))

    wholes: list[Any] = [None, 5, "text", [], {}, [name], [sequence], [sequence, name]]
    keys: list[Any] = [None, "1", 1.5, True, [1], {}, 2**63, 10**30]

    for cursor in (
        *("", "x", "null", "====", "é", "\ud800", "\0", "AAAA" * 10_000),
        *map(encoded, wholes),
        *(encoded([name, key]) for key in keys),
        encoded([name, sequence, sequence]),
    ):
        for side in ("after", "before"):
            with subtests.test(side, cursor=cursor[:50]):
                error = await refusal(clara, "entries", **{side: cursor})

                assert error["message"] == f"{side}: is not a cursor of this list"


async def test_a_made_up_cursor_of_rows_with_ids_is_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    farid = await api.freelancer()
    id = base64.urlsafe_b64decode(farid.account_id + "==").decode().partition(":")[2]

    keys: dict[str, list[Any]] = {
        "jobs": [[None], [5], [[1]], ["x"], [f"{id}0"], ["\0"]],
        "invitationsReceived": [[2**31, id], [-(2**31), id], [2**62, id], ["1", id], [5], [5, 5]],
    }

    for field, name in (("jobs", f"jobs:{id}"), ("invitationsReceived", f"received:{id}")):
        for key in keys[field]:
            with subtests.test(field, key=key):
                error = await refusal(farid, field, after=encoded([name, *key]))

                assert error["message"] == "after: is not a cursor of this list"


def decoded(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
