"""Made-up cursors of searches are refused or harmless, whatever stands in them."""

from itertools import product
from typing import Any

import pytest

from resolvers.demo.freelancers import people
from tests.schema.callers import Api
from tests.schema.search.searches import insert
from tests.schema.search.test_search_pages import FREELANCERS
from tests.schema.types.test_cursors import encoded

ID = "0192a000-0000-7000-8000-000000000001"


async def test_values_that_no_row_has_are_refused(api: Api, subtests: pytest.Subtests) -> None:
    keys: dict[str, list[list[Any]]] = {
        "RATING": [[0, "4", ID], [0, True, ID], [0, None, ID], [0, ID], [0, 4.0, 7], ["0", 4, ID]],
        "HOURLY_RATE_ASC": [[0, 1.5, ID], [0, 2**63, ID], [0, 10**30, ID], [0, "5", ID]],
        "HOURLY_RATE_DESC": [[0, 1.5, ID], [0, -(2**63), ID], [0, 5]],
        "NEWEST": [[0, 5], [0, 5, ID], [ID]],
    }

    for order, values in keys.items():
        for value, side in product(values, ("after", "before")):
            with subtests.test(order, value=value, side=side):
                currency = ":USD" if "RATE" in order else ""
                cursor = encoded([f"freelancers:{order}{currency}", *value])
                error = await api.nobody.fail(FREELANCERS, orderBy=order, **{side: cursor})

                assert error["message"] == f"{side}: is not a cursor of this list"


async def test_ratings_and_tiers_that_no_row_has_are_just_places(
    api: Api, subtests: pytest.Subtests
) -> None:
    await insert(api.services.database, people()[:50])

    tiers, ratings = (-1, 0, 2, 9, 2**62), (4, 4.5, 2**63, 10**30, -1e300)
    for tier, rating, text in product(tiers, ratings, (None, "developer")):
        for end in ("first", "last"):
            with subtests.test(tier=tier, rating=rating, text=text, end=end):
                cursor = encoded(["freelancers:RELEVANCE", tier, rating, ID])
                search: dict[str, Any] = {"filter": {"text": text}, end: 2}

                await api.nobody.ask(FREELANCERS, **search, after=cursor)
                await api.nobody.ask(FREELANCERS, **search, before=cursor)
                await api.nobody.ask(FREELANCERS, **search, after=cursor, before=cursor)
