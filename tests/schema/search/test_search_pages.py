"""Searches are read from either end in every order, with and without text."""

from itertools import count, product
from typing import Any

import pytest

from models.store.statements import both
from resolvers.demo.freelancers import Person, people
from tests.schema.callers import Api, Json
from tests.schema.search.searches import insert, person

PEOPLE = 60
FREELANCERS = """
    query (
        $filter: FreelancerFilter, $orderBy: FreelancerOrder
        $first: Int, $after: String, $last: Int, $before: String
    ) {
        found: freelancers(
            filter: $filter, orderBy: $orderBy
            first: $first, after: $after, last: $last, before: $before
        ) {
            edges { cursor node { id } }
            pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
        }
    }
"""
JOBS = FREELANCERS.replace("freelancers", "jobs").replace("Freelancer", "Job")
ORDERS = ("RELEVANCE", "RATING", "HOURLY_RATE_ASC", "HOURLY_RATE_DESC", "NEWEST")
FILTERS: tuple[Json, ...] = (
    {"rateCurrency": "EUR", "text": "web dev"},
    {},
    {"text": "web dev"},
    {"text": "baker", "availableNow": True},
)


async def insert_people(api: Api) -> None:
    await insert(api.services.database, people()[:PEOPLE])
    await insert(api.services.database, map(baker, range(20)), first=PEOPLE)
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(
            both(
                "UPDATE freelancer SET hourly_rate_currency = 'EUR' "
                "WHERE hourly_rate_minor IS NOT NULL AND hourly_rate_minor % 3 = 0"
            )
        )


def baker(number: int) -> Person:
    """One of those who are alike in rate and rating, or have none, and whose word stands about."""
    return person(
        f"{number}",
        title=("Baker", "Miller", "Cook")[number % 3],
        skills=["baker"] if number % 3 == 1 else [],
        overview="A baker of the web. Development of dough.",
        rating=None if number % 4 == 0 else 4.0,
        hourly_rate_minor=None if number % 5 == 0 else 5_000,
    )


def ids(page: Json) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def walked(api: Api, document: str, size: int, *, backwards: bool, **search: Any) -> Any:
    """The ids in the list's order, read page by page from one end to the other."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        sized = {"last": size} if backwards else {"first": size}
        page = (await api.nobody.ask(document, **search, **sized, **cursor))["found"]
        info = page["pageInfo"]
        assert info["hasNextPage" if backwards else "hasPreviousPage"] == bool(cursor)
        assert not set(ids(page)) & set(found), "rows come again"
        found = ids(page) + found if backwards else found + ids(page)
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            return found
        cursor = {"before": info["startCursor"]} if backwards else {"after": info["endCursor"]}


@pytest.mark.slow
async def test_freelancers_are_found_in_the_same_order_from_either_end(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert_people(api)

    for order, filter in product(ORDERS, FILTERS):
        search = {"filter": filter, "orderBy": order}
        whole = ids((await api.nobody.ask(FREELANCERS, **search, first=100))["found"])
        assert len(whole) > 5
        for size, backwards in product((1, 3, 7, len(whole), 100), (False, True)):
            if size * 20 < len(whole):
                continue
            with subtests.test(order, filter=filter, size=size, backwards=backwards):
                assert await walked(api, FREELANCERS, size, backwards=backwards, **search) == whole


@pytest.mark.slow
async def test_a_page_of_a_search_lies_between_its_cursors(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert_people(api)

    for order, filter in product(ORDERS, FILTERS):
        search = {"filter": filter, "orderBy": order}
        whole = (await api.nobody.ask(FREELANCERS, **search, first=100))["found"]
        size = len(whole["edges"])
        for after, before in product((0, size // 3, size - 2), (1, size // 2, size - 1)):
            inside = ids(whole)[after + 1 : before]
            between = {
                "after": whole["edges"][after]["cursor"],
                "before": whole["edges"][before]["cursor"],
            }
            with subtests.test(order, filter=filter, after=after, before=before):
                for asked in (1, max(len(inside), 1), 100):
                    first = await api.nobody.ask(FREELANCERS, **search, **between, first=asked)
                    last = await api.nobody.ask(FREELANCERS, **search, **between, last=asked)

                    assert ids(first["found"]) == inside[:asked]
                    assert ids(last["found"]) == inside[-asked:]
                    more = len(inside) > asked
                    assert first["found"]["pageInfo"]["hasNextPage"] == more
                    assert last["found"]["pageInfo"]["hasPreviousPage"] == more


async def test_freelancers_who_come_meanwhile_shift_nothing(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert(api.services.database, map(baker, range(20)))
    newcomers = count(20)

    for order, filter in product(ORDERS, ({}, {"text": "baker"})):
        with subtests.test(order, filter=filter):
            search = {"filter": filter, "orderBy": order}
            before = ids((await api.nobody.ask(FREELANCERS, **search, last=100))["found"])
            half = len(before) // 2

            end = (await api.nobody.ask(FREELANCERS, **search, last=half))["found"]
            for number in (next(newcomers) for _ in range(6)):
                await insert(api.services.database, [baker(number)], first=number)
            cursor = end["pageInfo"]["startCursor"]
            rest = (await api.nobody.ask(FREELANCERS, **search, last=100, before=cursor))["found"]

            read = ids(rest) + ids(end)
            assert [id for id in read if id in before] == before
            now = ids((await api.nobody.ask(FREELANCERS, **search, last=100))["found"])
            assert read == [id for id in now if id in read]


@pytest.mark.slow
async def test_jobs_are_found_in_the_same_order_from_either_end(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    for number in range(12):
        title = ("A bakery", "A mill", "An oven")[number % 3]
        skills = ["bakery"] if number % 3 == 1 else []
        await clara.post_job(title=title, skills=skills, description="For a bakery.")

    for order, filter in product(("RELEVANCE", "NEWEST"), ({}, {"text": "bake"})):
        search = {"filter": filter, "orderBy": order}
        whole = ids((await api.nobody.ask(JOBS, **search, first=100))["found"])
        assert len(whole) == 12
        for size, backwards in product((1, 5, 12), (False, True)):
            with subtests.test(order, filter=filter, size=size, backwards=backwards):
                assert await walked(api, JOBS, size, backwards=backwards, **search) == whole


async def test_a_cursor_of_another_order_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    await insert(api.services.database, people()[:1])
    cursors = {}
    for order in ORDERS:
        page = (await api.nobody.ask(FREELANCERS, orderBy=order, last=1))["found"]
        cursors[order] = page["pageInfo"]["startCursor"]

    for (of, cursor), order, side in product(cursors.items(), ORDERS, ("after", "before")):
        if of == order:
            continue
        with subtests.test(order, of=of, side=side):
            error = await api.nobody.fail(FREELANCERS, orderBy=order, last=1, **{side: cursor})

            assert error["message"] == f"{side}: is not a cursor of this list"
