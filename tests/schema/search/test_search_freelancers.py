"""Freelancers are found by what they say of themselves and by what they ask, in five orders."""

import pytest

from resolvers.demo.freelancers import people
from tests.schema.callers import Api
from tests.schema.search.searches import FREELANCERS, freelancer_id, insert, names, person

ORDERS = ("RELEVANCE", "RATING", "HOURLY_RATE_ASC", "HOURLY_RATE_DESC", "NEWEST")


async def test_words_are_found_in_title_skills_and_overview(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert(
        api.services.database,
        [
            person("Ada", title="Web designer", overview="Draws shop-fronts in C++."),
            person("Bea", title="Bookkeeper", skills=["Logo design", "vue.js", "tax_law"]),
            person("Cem", title="Übersetzer", overview="Translation of Größen — quickly"),
        ],
    )

    for text, expected in (
        ("designing", ["Ada", "Bea"]),
        ("DESIGNS", ["Ada", "Bea"]),
        ("designer web", ["Ada"]),
        ("web bookkeeper", []),
        ("logo", ["Bea"]),
        ("vue.js", ["Bea"]),
        ("js", ["Bea"]),
        ("tax", ["Bea"]),
        ("law_tax", ["Bea"]),
        ("front shop", ["Ada"]),
        ("c++", ["Ada"]),
        ("übersetzer", ["Cem"]),
        ("ÜBER", ["Cem"]),
        ("uber", []),
        ("größen", ["Cem"]),
        ("quick", ["Cem"]),
        ("quickl", ["Cem"]),
        ("translates", ["Cem"]),
        ("", ["Cem", "Bea", "Ada"]),
        ("   ", ["Cem", "Bea", "Ada"]),
    ):
        with subtests.test(ascii(text)):
            assert sorted(await names(api.nobody, text=text)) == sorted(expected)


async def test_only_the_last_word_may_be_the_beginning_of_one(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert(api.services.database, [person("Ada", title="Watercolour painter")])

    for text, expected in (
        ("w", ["Ada"]),
        ("waterc", ["Ada"]),
        ("painter wat", ["Ada"]),
        ("wat painter", []),
        ("colour", []),
    ):
        with subtests.test(ascii(text)):
            assert await names(api.nobody, text=text) == expected


async def test_title_comes_before_skills_and_overview_and_the_better_rated_first(api: Api) -> None:
    await insert(
        api.services.database,
        [
            person("overview 5", overview="Knows python.", rating=5.0),
            person("overview -", overview="Knows python.", rating=None),
            person("skills 2", skills=["Python"], rating=2.0),
            person("skills 5", skills=["python"], rating=5.0),
            person("title -", title="Python developer", rating=None),
            person("title 0", title="Python developer", rating=0.0),
            person("title 3", title="Python developer", rating=3.0),
            person("title 3, newer", title="Python developer", rating=3.0),
        ],
    )

    assert await names(api.nobody, text="python") == [
        *("title 3, newer", "title 3", "title 0", "title -"),
        *("skills 5", "skills 2", "overview 5", "overview -"),
    ]


async def test_every_order_puts_who_has_no_rating_or_rate_last(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert(
        api.services.database,
        [
            person("nothing", rating=None, hourly_rate_minor=None),
            person("cheap", rating=1.5, hourly_rate_minor=100),
            person("dear", rating=4.5, hourly_rate_minor=2**31 - 1),
            person("newest", rating=None, hourly_rate_minor=None),
        ],
    )

    for order, expected in (
        (None, ["dear", "cheap", "newest", "nothing"]),
        ("RELEVANCE", ["dear", "cheap", "newest", "nothing"]),
        ("RATING", ["dear", "cheap", "newest", "nothing"]),
        ("HOURLY_RATE_ASC", ["cheap", "dear", "nothing", "newest"]),
        ("HOURLY_RATE_DESC", ["dear", "cheap", "newest", "nothing"]),
        ("NEWEST", ["newest", "dear", "cheap", "nothing"]),
    ):
        for text in (None, "gardener"):
            with subtests.test(order, text=text):
                assert await names(api.nobody, order, text=text) == expected


async def test_conditions_add_up(api: Api, subtests: pytest.Subtests) -> None:
    await insert(
        api.services.database,
        [
            person("Ada", skills=["Python", "SQL"], hourly_rate_minor=3_000, country="DE"),
            person("Bea", skills=["python"], hourly_rate_minor=5_000, rating=4.7, country="FR"),
            person("Cem", skills=['a "b"', "ÉTÉ"], hourly_rate_minor=None, country=None),
            person("Dan", rating=None, available_now=False, hourly_rate_minor=9_000),
        ],
    )

    conditions: tuple[tuple[dict[str, object], str], ...] = (
        ({}, "Ada Bea Cem Dan"),
        ({"skills": ["PYTHON"]}, "Ada Bea"),
        ({"skills": ["sql", "Python", "python"]}, "Ada"),
        ({"skills": ["pyth"]}, ""),
        ({"skills": ['A "B"']}, "Cem"),
        ({"skills": ["ÉTÉ"]}, "Cem"),
        ({"skills": ["été"]}, ""),
        ({"skills": []}, "Ada Bea Cem Dan"),
        ({"minHourlyRate": 5_000}, "Bea Dan"),
        ({"maxHourlyRate": 5_000}, "Ada Bea"),
        ({"minHourlyRate": 5_000, "maxHourlyRate": 5_000}, "Bea"),
        ({"minHourlyRate": 0, "maxHourlyRate": 2**31 - 1}, "Ada Bea Dan"),
        ({"countries": ["FR", "DE", "FR"]}, "Ada Bea Dan"),
        ({"countries": []}, ""),
        ({"minRating": 4}, "Ada Bea Cem"),
        ({"minRating": 4.7}, "Bea"),
        ({"minRating": 0}, "Ada Bea Cem"),
        ({"availableNow": True}, "Ada Bea Cem"),
        ({"availableNow": False}, "Dan"),
        ({"availableNow": True, "countries": ["DE"], "minRating": 3, "skills": ["sql"]}, "Ada"),
        ({"text": "gard", "maxHourlyRate": 4_000, "skills": ["sql"]}, "Ada"),
        ({"text": "python", "countries": ["FR"]}, "Bea"),
    )

    for filter, expected in conditions:
        for order in ORDERS:
            with subtests.test(order, **filter):
                assert sorted(await names(api.nobody, order, **filter)) == expected.split()


@pytest.mark.slow
async def test_pages_neither_repeat_nor_skip_while_freelancers_come(
    api: Api, subtests: pytest.Subtests
) -> None:
    database, everybody = api.services.database, people()
    await insert(database, everybody, first=1_000)
    there = {freelancer_id(1_000 + number) for number in range(len(everybody))}
    coming, come = iter(range(2_000, 10_000)), 0

    for order in ORDERS:
        for text in (None, "e"):
            with subtests.test(order, text=text):
                filter, walked, after = {"text": text}, [], None
                while True:
                    data = await api.nobody.ask(
                        FREELANCERS, filter=filter, orderBy=order, first=100, after=after
                    )
                    walked += [node["id"] for node in data["found"]["nodes"]]
                    after = data["found"]["pageInfo"]["endCursor"]
                    if not data["found"]["pageInfo"]["hasNextPage"]:
                        break
                    await insert(database, [everybody[come % 1_000]], first=next(coming))
                    come += 37

                assert len(walked) == len(set(walked))
                if text is None:
                    assert there <= set(walked)


async def test_a_cursor_of_another_order_or_made_up_is_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert(api.services.database, people()[:5])
    cursors = {}
    for order in ORDERS:
        data = await api.nobody.ask(FREELANCERS, orderBy=order, first=2)
        cursors[order] = data["found"]["pageInfo"]["endCursor"]

    for order in ORDERS:
        for other in ORDERS:
            if other != order:
                with subtests.test(order, cursor_of=other):
                    error = await api.nobody.fail(
                        FREELANCERS, orderBy=order, first=2, after=cursors[other]
                    )
                    assert error["message"] == "after: is not a cursor of this list"
