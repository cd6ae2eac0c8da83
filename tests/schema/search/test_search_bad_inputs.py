"""Whatever is asked for, a search answers with an error that says what is wrong, or with rows."""

import pytest

from resolvers.demo.freelancers import people
from tests.schema.callers import Api
from tests.schema.search.searches import FREELANCERS, JOBS, insert, refused

ODD_TEXTS = (
    *('"', '""', "'", "\\", "*", "NEAR(", "NEAR(a b, 2)", "{title}:", "{title} : web", "title:web"),
    *("-web", "^web", "web*", "a:*", "!web", "<->", "&|!<->:*", "()", "((", "%", "_", "$1", "?1"),
    *("AND", "OR", "NOT", "AND OR NOT", "web AND", "{}", "{0}", "; DROP TABLE job", "--", "/*"),
    *(
        "🙂",
        "👩‍💻 web",
        "½",
        "²",
        "e\u0301",
        "हिन्दी",
        "中文",
        "ﬁ",
        "İ",
        "ß",
        "\u200b",
        "\ufeff",
        "\u2028",
    ),
    *("a" * 10_000, "web " * 2_500, "🙂" * 2_500, "1e5", "007", "3d", "\x01\x1f\x7f", "\ue000"),
)


async def test_odd_texts_are_only_text(api: Api, subtests: pytest.Subtests) -> None:
    await insert(api.services.database, people()[:100])

    for text in ODD_TEXTS:
        for document in (FREELANCERS, JOBS):
            with subtests.test(text[:20], document=document[11:20]):
                await api.nobody.ask(document, filter={"text": text})


async def test_signs_alone_are_found_nowhere(api: Api, subtests: pytest.Subtests) -> None:
    await insert(api.services.database, people()[:100])

    for text in ('"', "*", "&|!<->:*", "🙂", "()", "_", "\x01"):
        with subtests.test(ascii(text)):
            data = await api.nobody.ask(FREELANCERS, filter={"text": text})

            assert data["found"]["nodes"] == []


async def test_what_no_text_or_skill_can_be_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for document in (FREELANCERS, JOBS):
        for filter, message in (
            ({"text": "\0"}, "filter.text: may not contain a NUL character"),
            ({"text": "\ud800"}, "filter.text: contains half of a surrogate pair"),
            ({"text": "a" * 20_001}, "filter.text: may have at most 20000 characters"),
            ({"skills": ["a"] * 10_000}, "filter.skills: may have at most 50 skills"),
            ({"skills": ["a", "\0"]}, "filter.skills.1: may not contain a NUL character"),
            ({"skills": ["\udfff"]}, "filter.skills.0: contains half of a surrogate pair"),
            ({"skills": [" "]}, "filter.skills.0: must not be empty"),
            ({"skills": ["a" * 51]}, "filter.skills.0: may have at most 50 characters"),
        ):
            with subtests.test(message, document=document[11:20]):
                error = await refused(api, document, **filter)

                assert error["message"].startswith(message)


async def test_rates_ratings_and_countries_that_cannot_be_are_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    for filter, message in (
        ({"minHourlyRate": 2, "maxHourlyRate": 1}, "filter.maxHourlyRate: must not be before min"),
        ({"minHourlyRate": -1}, "filter.minHourlyRate: must be 0 or more"),
        ({"maxHourlyRate": -1}, "filter.maxHourlyRate: must be 0 or more"),
        ({"minHourlyRate": 2**53}, ""),
        ({"minHourlyRate": 1.5}, ""),
        ({"minRating": 6}, "filter.minRating: must be 0 to 5"),
        ({"minRating": -0.1}, "filter.minRating: must be 0 to 5"),
        ({"minRating": 1e308}, "filter.minRating: must be 0 to 5"),
        ({"minRating": "5"}, ""),
        ({"countries": ["XX"]}, "filter.countries.0: must be an ISO 3166-1 alpha-2 code"),
        ({"countries": ["DE", "de"]}, "filter.countries.1: must be an ISO 3166-1 alpha-2 code"),
        ({"countries": ["\ud800"]}, "filter.countries.0: must be an ISO 3166-1 alpha-2 code"),
        # With half a surrogate pair, Python's lenient reader of JSON lets NaN in.
        ({"minRating": float("nan"), "text": "\ud800"}, ""),
        ({"minRating": float("inf"), "text": "\ud800"}, ""),
    ):
        with subtests.test(message, **filter):
            error = await refused(api, FREELANCERS, **filter)

            assert message in error["message"]


async def test_a_number_that_is_none_is_no_json(api: Api) -> None:
    answer = await api.nobody.send(FREELANCERS, {"filter": {"minRating": float("nan")}})

    assert answer.status_code == 400


async def test_a_list_as_long_as_it_may_be_is_answered(api: Api, subtests: pytest.Subtests) -> None:
    for document, filter in (
        (FREELANCERS, {"countries": ["DE", "FR"] * 125}),
        (JOBS, {"statuses": ["CANCELLED", "AWARDED"] * 2}),
    ):
        with subtests.test(document[11:20]):
            data = await api.nobody.ask(document, filter=filter)

            assert data["found"]["nodes"] == []
