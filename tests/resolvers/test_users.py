"""Users are made when somebody signs in for the first time, and only then."""

import asyncio

from models.rules.instants import FOREVER
from resolvers.people.tokens import Claims
from resolvers.people.users import signed_in
from resolvers.services import Services
from tests.books import count, dump

ADA = Claims("ada", "Ada", "ada@example.com", FOREVER)


async def test_fifty_first_requests_at_once_make_one_user(services: Services) -> None:
    found = await asyncio.gather(*(signed_in(services, ADA) for _ in range(50)))

    assert len({user.id for user in found}) == 1
    assert await count(services.database, "user") == 1


async def test_signing_in_again_writes_nothing(services: Services) -> None:
    user = await signed_in(services, ADA)
    before = await dump(services.database)

    again = await signed_in(services, ADA._replace(name="Augusta", email=None))

    assert (again.id, again.name, again.email) == (user.id, "Ada", "ada@example.com")
    assert await dump(services.database) == before
