"""Both databases find the same freelancers, in the same order."""

import pytest

from models.ledger.entry_feed import EntryFeed
from models.ledger.ledger import Ledger
from models.store.database import open_database
from models.store.loaders import Loaders
from resolvers.demo.freelancers import people
from resolvers.services import Services
from tests.clocks import ManualClock
from tests.schema.callers import Api
from tests.schema.search.searches import FREELANCERS, insert, person
from tests.schema.search.test_search_bad_inputs import ODD_TEXTS

SAYINGS = (
    *("js", "Vue.js/React (C++, C#)", "news knew New", "Übersetzung — für «Größen»", "naïve café"),
    *(
        "e\u0301te\u0301 été",
        "ÉTÉ",
        "中文 翻译",
        "日本語",
        "हिन्दी",
        "3d 2d web3 html5 1e5 007 1.5",
        "İstanbul",
    ),
    *(
        "as is us bus buses",
        "ﬁne ½ ² ①",
        "🙂 smile 🙂 face",
        "a_b snake_case",
        "x" * 200,
        "русский Ёлка",
    ),
    *(
        "happily happy happiness",
        "generous generate general",
        "dying die",
        "skies sky",
        "adding ads",
    ),
)
"""Words at which two ways to part and stem could differ."""
WORDS = (
    *("developer", "developing", "develops", "web dev", "senior python", "designer", "designs"),
    *("translate", "translation", "edit", "editing", "accountant", "tax", "data engineer"),
    *("lately with python", "hour", "answers", "years", "works", "e", "a", "de", "19 years", "sql"),
    *("reads", "read", "writes manuals", "logo colour", "colours", "an", "js", "c", "new", "news"),
    *("happy", "generous", "die", "sky", "add", "ads", "bus", "us", "is", "vue.js", "c++", "html5"),
    *(
        "übersetzungen",
        "größe",
        "GRÖSSEN",
        "naïve",
        "cafe",
        "été",
        "русские",
        "ёлка",
        "日",
        "中文",
        "web3",
    ),
    *("1e5", "007", "7", "snake", "a_b", "x" * 39, "x" * 60, "smile", "face", "dis", "quickly"),
)
KNOWN_DIFFERENCES = {"½", "²", "हिन्दी"}
"""Fractions and superscripts are words to SQLite alone; vowel signs part words there alone.

Emoji newer than Unicode 6.1 do not part the letters beside them on SQLite.
"""
UNALIKE = ("\u0130", "½", "a" * 10_000)
"""PostgreSQL folds the dotted İ as C does, and does not index words of more than 2 KB."""


async def found_at(url: str, clock: ManualClock) -> dict[str, object]:
    """What each query finds in a database with the demo's freelancers, by the query."""
    database = await open_database(url)
    try:
        await insert(database, people())
        odd = (
            person("odd", overview=text, rating=None)
            for text in (*SAYINGS, *ODD_TEXTS)
            if not unalike(text)
        )
        await insert(database, odd, first=5_000)
        ledger, loaders = Ledger(database, clock), Loaders(database)
        feed = EntryFeed(database, ledger, clock, loaders)
        services = Services(database, ledger, clock, loaders, None, feed, b"")
        nobody = Api.of(services).nobody
        found: dict[str, object] = {}
        for filter, order in queries():
            data = await nobody.ask(FREELANCERS, filter=filter, orderBy=order, first=100)
            found[f"{order} {filter}"] = [node["id"] for node in data["found"]["nodes"]]
        return found
    finally:
        await database.close()


def unalike(text: str) -> bool:
    return any(part in text for part in UNALIKE)


def queries() -> list[tuple[dict[str, object], str]]:
    texts: list[tuple[dict[str, object], str]] = [
        ({"text": text}, "RELEVANCE")
        for text in (*WORDS, *SAYINGS, *ODD_TEXTS)
        if text not in KNOWN_DIFFERENCES and not unalike(text)
    ]
    filters: tuple[dict[str, object], ...] = (
        {},
        {"text": "developer"},
        {"text": "design", "minRating": 4.5},
        {"skills": ["Python", "SQL"]},
        {"text": "python", "countries": ["DE", "IN", "BR"], "availableNow": True},
        {"minHourlyRate": 4_000, "maxHourlyRate": 8_000},
    )
    orders = ("RELEVANCE", "RATING", "HOURLY_RATE_ASC", "HOURLY_RATE_DESC", "NEWEST")
    return texts + [(filter, order) for filter in filters for order in orders]


@pytest.mark.slow
async def test_both_databases_find_the_same_in_the_same_order(
    sqlite_url: str, postgres_url: str, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    on_sqlite = await found_at(sqlite_url, clock)
    on_postgres = await found_at(postgres_url, clock)

    assert sum(map(bool, on_sqlite.values())) > 60
    for query, ids in on_sqlite.items():
        with subtests.test(query[:60]):
            assert on_postgres[query] == ids
