"""An operation that takes too long is given up, and its caller is told."""

import asyncio

import pytest

from models.rules.facts import Wallet
from resolvers import wallets
from tests.schema.callers import Api


async def test_what_takes_too_long_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.client("Clara")
    clara = await api.with_operations(deadline=0.5).client("Clara")
    given_up = asyncio.Event()

    async def never(*_: object) -> Wallet:
        try:
            await asyncio.sleep(60)
        finally:
            given_up.set()
        raise AssertionError

    monkeypatch.setattr(wallets, "current", never)
    document = "query($id: ID!) { node(id: $id) { ... on Account { name wallet { available } } } }"
    answer = await clara.send(document, {"id": clara.account_id})

    (error,) = answer.json()["errors"]
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert error["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert given_up.is_set()


async def test_the_next_operation_is_answered(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.client("Clara")
    clara = await api.with_operations(deadline=0.5).client("Clara")

    async def never(*_: object) -> Wallet:
        await asyncio.sleep(60)
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(wallets, "current", never)
        document = "query($id: ID!) { node(id: $id) { ... on Account { wallet { available } } } }"
        await asyncio.gather(*(clara.send(document, {"id": clara.account_id}) for _ in range(20)))

    assert await clara.available() == 60
