"""Hourly rates are compared in one currency, and whoever asks for another stands last."""

import pytest

from models.store.statements import both
from tests.schema.callers import Api
from tests.schema.search.searches import FREELANCERS, insert, names, person, refused

RATES = (
    ("Ada", 4_000, "USD"),
    ("Bea", 5_000, "JPY"),
    ("Cem", 20_000, "KRW"),
    ("Dan", 9_000, "USD"),
    ("Eve", None, None),
    ("Flo", 4_999, "EUR"),
    ("Gus", 3_000, "JPY"),
)


@pytest.fixture(autouse=True)
async def _people(api: Api) -> None:
    await insert(
        api.services.database,
        [person(name, rating=None, hourly_rate_minor=minor) for name, minor, _ in RATES],
    )
    async with api.services.database.transaction() as transaction:
        for name, minor, currency in RATES:
            if minor is not None:
                await transaction.fetch(
                    both(
                        f"UPDATE freelancer SET hourly_rate_currency = '{currency}' "
                        f"WHERE account_id = (SELECT id FROM account WHERE name = '{name}')"
                    )
                )


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"maxHourlyRate": 5_000}, "Ada"),
        ({"minHourlyRate": 1}, "Ada Dan"),
        ({"minHourlyRate": 4_000, "maxHourlyRate": 5_000, "rateCurrency": "JPY"}, "Bea"),
        ({"maxHourlyRate": 20_000, "rateCurrency": "KRW"}, "Cem"),
        ({"maxHourlyRate": 20_000, "rateCurrency": "CHF"}, ""),
    ],
)
async def test_a_bound_finds_only_rates_of_its_currency(
    api: Api, filter: dict[str, object], expected: str
) -> None:
    for order in (None, "RATING", "NEWEST", "HOURLY_RATE_ASC", "HOURLY_RATE_DESC"):
        assert sorted(await names(api.nobody, order, **filter)) == expected.split()


@pytest.mark.parametrize(
    ("order", "currency", "expected"),
    [
        ("HOURLY_RATE_ASC", None, "Ada Dan Bea Cem Eve Flo Gus"),
        ("HOURLY_RATE_DESC", None, "Dan Ada Gus Flo Eve Cem Bea"),
        ("HOURLY_RATE_ASC", "JPY", "Gus Bea Ada Cem Dan Eve Flo"),
        ("HOURLY_RATE_DESC", "JPY", "Bea Gus Flo Eve Dan Cem Ada"),
        ("HOURLY_RATE_ASC", "CHF", "Ada Bea Cem Dan Eve Flo Gus"),
    ],
)
async def test_an_order_compares_one_currency_and_the_others_stand_last(
    api: Api, order: str, currency: str | None, expected: str
) -> None:
    filter = {} if currency is None else {"rateCurrency": currency}

    for text in (None, "gardener"):
        assert await names(api.nobody, order, **filter, text=text) == expected.split()


@pytest.mark.parametrize("code", ["", "usd", "XXX", "DEM", "US", "\0", "\ud800"])
async def test_a_currency_that_is_none_is_refused(api: Api, code: str) -> None:
    error = await refused(api, FREELANCERS, rateCurrency=code)

    assert error["message"].startswith("filter.rateCurrency: must be")


async def test_a_cursor_of_another_currency_is_refused(api: Api) -> None:
    document = """query($filter: FreelancerFilter, $after: String) {
        found: freelancers(filter: $filter, orderBy: HOURLY_RATE_ASC, first: 1, after: $after) {
            pageInfo { endCursor } } }"""
    page = await api.nobody.ask(document, filter={"rateCurrency": "JPY"})
    cursor = page["found"]["pageInfo"]["endCursor"]

    error = await api.nobody.fail(document, filter={}, after=cursor)

    assert error["message"] == "after: is not a cursor of this list"
