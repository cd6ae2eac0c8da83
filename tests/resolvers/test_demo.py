"""The demo data are made once, however often the server is started with them."""

import asyncio

import pytest

from resolvers.demo.freelancers import FREELANCERS
from resolvers.demo.story import DEMO_USERS, make_demo_data
from resolvers.services import Services
from tests.books import count, dump
from tests.clocks import ManualClock


async def test_making_the_demo_data_again_changes_nothing(services: Services) -> None:
    await make_demo_data(services)
    before = await dump(services.database)

    await make_demo_data(services)

    assert await dump(services.database) == before
    assert await count(services.database, "user") == len(DEMO_USERS) + FREELANCERS


@pytest.mark.slow
async def test_they_can_be_made_again_after_years(services: Services, clock: ManualClock) -> None:
    await make_demo_data(services)
    clock.move_to("2031-06-01T00:00:00+00:00")

    await make_demo_data(services)

    assert await count(services.database, "job") == 1
    assert await count(services.database, "proposal") == 1


@pytest.mark.slow
async def test_two_servers_that_make_them_at_once_make_them_once(services: Services) -> None:
    await asyncio.gather(make_demo_data(services), make_demo_data(services))

    assert await count(services.database, "account") == 3 + FREELANCERS
    assert await count(services.database, "job") == 1
