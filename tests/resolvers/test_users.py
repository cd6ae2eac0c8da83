"""Users are made when somebody signs in for the first time, and only then."""

import asyncio

import pytest

from models.rules.instants import FOREVER
from resolvers.authentication import Claims
from resolvers.services import Services
from resolvers.users import Users
from tests.books import count, dump

ADA = Claims("ada", "Ada", "ada@example.com", FOREVER)


async def test_fifty_first_requests_at_once_make_one_user(services: Services) -> None:
    processes = [Users(services) for _ in range(5)]

    found = await asyncio.gather(*(users.signed_in(ADA) for users in processes * 10))

    assert len({user.id for user in found}) == 1
    assert await count(services.database, "user") == 1


async def test_signing_in_again_writes_nothing(services: Services) -> None:
    user = await Users(services).signed_in(ADA)
    before = await dump(services.database)

    again = await Users(services).signed_in(ADA._replace(name="Augusta", email=None))

    assert (again.id, again.name, again.email) == (user.id, "Ada", "ada@example.com")
    assert await dump(services.database) == before


async def test_those_who_were_forgotten_are_found_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.users.REMEMBERED_USERS", 2)
    users = Users(services)
    people = [Claims(name, name, None, FOREVER) for name in ("ada", "ben", "cleo", "dora")]

    first = [(await users.signed_in(claims)).id for claims in people]
    again = [(await users.signed_in(claims)).id for claims in people]

    assert again == first
    assert await count(services.database, "user") == 4
