"""Jobs are found by what they say and where they stand, in two orders."""

import pytest

from models.rules.instants import SECOND
from models.store.statements import both
from tests.clocks import ManualClock
from tests.schema.callers import Api
from tests.schema.search.searches import JOBS, titles

CANCEL = both("UPDATE job SET status = 'CANCELLED'")


async def test_words_are_found_in_title_skills_and_description(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    await clara.post_job(title="A website", description="Ten pages.", skills=["Vue.js", "HTML"])
    await clara.post_job(title="A logo", description="For a website, drawn by a designer.")

    for text, expected in (
        ("website", ["A website", "A logo"]),
        ("websites", ["A website", "A logo"]),
        ("design", ["A logo"]),
        ("html web", ["A website"]),
        ("page te", ["A website"]),
        ("js", ["A website"]),
        ("the", []),
    ):
        with subtests.test(text):
            assert await titles(api.nobody, text=text) == expected


async def test_title_comes_before_skills_and_description_and_the_newest_first(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    for title, skills, description in (
        ("python 1", [], "A script."),
        ("in skills", ["Python"], "A script."),
        ("in description", [], "A script in python."),
        ("python 2", [], "A script."),
    ):
        await clara.post_job(title=title, skills=skills, description=description)
        clock.advance(SECOND)

    assert await titles(api.nobody, text="python") == [
        *("python 2", "python 1", "in skills", "in description"),
    ]
    assert await titles(api.nobody, "NEWEST", text="python") == [
        *("python 2", "in description", "in skills", "python 1"),
    ]


async def test_skills_are_all_required_whatever_their_case(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    await clara.post_job(title="both", skills=["Python", "SQL"])
    clock.advance(SECOND)
    await clara.post_job(title="one", skills=["python"])

    for skills, expected in (
        (["PYTHON"], ["one", "both"]),
        (["sql", "python"], ["both"]),
        (["pyth"], []),
        ([], ["one", "both"]),
    ):
        with subtests.test(skills=skills):
            assert await titles(api.nobody, "NEWEST", skills=skills) == expected


async def test_a_job_whose_time_is_over_has_expired_whatever_is_stored(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    posted = (await clara.post_job(title="old"))["job"]
    clock.move_to(posted["expiresAt"])
    await clara.post_job(title="new")

    for statuses, expected in (
        (None, ["new", "old"]),
        (["OPEN"], ["new"]),
        (["EXPIRED"], ["old"]),
        (["OPEN", "EXPIRED", "OPEN"], ["new", "old"]),
        (["CANCELLED", "AWARDED"], []),
        ([], []),
    ):
        with subtests.test(statuses=statuses):
            assert await titles(api.nobody, "NEWEST", statuses=statuses) == expected


async def test_a_cancelled_job_is_found_among_the_cancelled(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    await clara.new_job()
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(CANCEL)

    for status, expected in (("OPEN", []), ("EXPIRED", []), ("CANCELLED", ["A website"])):
        with subtests.test(status):
            assert await titles(api.nobody, statuses=[status]) == expected


async def test_pages_are_followed_by_their_cursors_in_both_orders(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    for number in range(5):
        await clara.post_job(title=f"website {number}" if number % 2 else f"text {number}")
        clock.advance(SECOND)
        await clara.post_job(title=f"other {number}", description="A website")
        clock.advance(SECOND)

    for order in ("RELEVANCE", "NEWEST"):
        for text in (None, "website"):
            with subtests.test(order, text=text):
                walked, after = [], None
                while True:
                    data = await api.nobody.ask(
                        JOBS, filter={"text": text}, orderBy=order, first=2, after=after
                    )
                    walked += [node["title"] for node in data["found"]["nodes"]]
                    after = data["found"]["pageInfo"]["endCursor"]
                    if not data["found"]["pageInfo"]["hasNextPage"]:
                        break

                assert walked == await titles(api.nobody, order, text=text)
                assert len(walked) == len(set(walked)) == (7 if text else 10)
