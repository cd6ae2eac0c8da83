"""The database keeps the search's index current, whoever writes and however."""

from typing import Any

import pytest
from anyio import to_thread

from models.rules.searching import search_text
from models.store.database import Database
from models.store.pages import Page
from models.store.search.ranked import RankedSearch, SortOrder
from models.store.statements import both
from models.tables import Freelancer, Job
from tests.raw import Raw, raw

IDS = tuple(f"0192a000-0000-7000-8000-00000000000{number}" for number in (1, 2))
TABLES: tuple[tuple[type[Freelancer | Job], str, str], ...] = (
    (Freelancer, "account_id", "overview"),
    (Job, "id", "description"),
)


RETITLE = both("UPDATE freelancer SET title = 'Painter'")


def insert(database: Raw) -> None:
    for id in IDS:
        yes = "1" if database.dialect == "sqlite" else "true"
        database.run(
            f"INSERT INTO account (id, kind, name, created_at) VALUES ('{id}', 'AGENCY', 'A', 0);"
            "INSERT INTO freelancer (account_id, title, overview, skills, available_now, "
            f"created_at) VALUES ('{id}', 'Gardener', 'Digs holes', '[\"Roses\"]', {yes}, 0);"
            "INSERT INTO job (id, account_id, title, description, skills, status, connects, "
            f"returnable, created_at, expires_at) VALUES ('{id}', '{id}', 'Gardener', "
            "'Digs holes', '[\"Roses\"]', 'OPEN', 1, 0, 0, 1)"
        )


async def found(database: Database, model: type[Any], key: str, text: str) -> list[str]:
    order = SortOrder((key,), descending=False)
    search: RankedSearch[Any] = RankedSearch(database, model, order, Page(10))
    found = await search.sliced(search_text(text), by_relevance=True)
    return [str(row.row.pk) for row in found.rows]


async def skilled(database: Database, model: type[Any], key: str, skill: str) -> list[str]:
    search: RankedSearch[Any] = RankedSearch(
        database, model, SortOrder((key,), descending=False), Page(10)
    )
    search.with_skills([skill], beside_text=False)
    found = await search.sliced(None, by_relevance=True)
    return [str(row.row.pk) for row in found.rows]


async def written(url: str, sql: str) -> None:
    """Runs `sql` from a connection, and an event loop, of its own."""
    await to_thread.run_sync(_write, url, sql)


def _write(url: str, sql: str) -> None:
    with raw(url) as database:
        if sql:
            database.run(sql)
        else:
            insert(database)


@pytest.fixture
async def filled(database_url: str, database: Database) -> Database:
    await written(database_url, "")
    return database


async def test_what_is_inserted_is_found(filled: Database, subtests: pytest.Subtests) -> None:
    for model, key, _ in TABLES:
        for text in ("gardeners", "rose", "hole"):
            with subtests.test(model.__name__, text=text):
                assert await found(filled, model, key, text) == list(IDS)
                assert await skilled(filled, model, key, "ROSES") == list(IDS)


async def test_what_is_changed_is_found_as_it_is_now(
    filled: Database, database_url: str, subtests: pytest.Subtests
) -> None:
    for model, key, long in TABLES:
        for column, old, value, new in (
            ("title", "gardener", "Painter", "painter"),
            ("skills", "roses", '["Oil"]', "oil"),
            (long, "holes", "Mixes colours", "colour"),
        ):
            with subtests.test(model.__name__, column=column):
                table = model._meta.db_table
                await written(
                    database_url,
                    f"UPDATE {table} SET {column} = '{value}' WHERE {key} = '{IDS[0]}'",
                )

                assert await found(filled, model, key, old) == [IDS[1]]
                assert await found(filled, model, key, new) == [IDS[0]]
        assert await skilled(filled, model, key, "roses") == [IDS[1]]
        assert await skilled(filled, model, key, "oil") == [IDS[0]]


async def test_what_is_deleted_is_no_longer_found(
    filled: Database, database_url: str, subtests: pytest.Subtests
) -> None:
    for model, key, _ in reversed(TABLES):
        with subtests.test(model.__name__):
            await written(
                database_url, f"DELETE FROM {model._meta.db_table} WHERE {key} = '{IDS[0]}'"
            )

            assert await found(filled, model, key, "gardener") == [IDS[1]]
            assert await skilled(filled, model, key, "roses") == [IDS[1]]


async def test_what_is_taken_back_was_never_found(filled: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with filled.transaction() as transaction:
            await transaction.fetch(RETITLE)
            raise ZeroDivisionError

    assert await found(filled, Freelancer, "account_id", "painter") == []
    assert await found(filled, Freelancer, "account_id", "gardener") == list(IDS)


async def test_vacuum_does_not_disturb_the_search(filled: Database, database_url: str) -> None:
    await written(database_url, f"DELETE FROM freelancer WHERE account_id = '{IDS[0]}'")
    await written(database_url, "VACUUM")
    await written(
        database_url,
        f"UPDATE freelancer SET title = 'Painter' WHERE account_id = '{IDS[1]}'",
    )

    assert await found(filled, Freelancer, "account_id", "gardener") == []
    assert await found(filled, Freelancer, "account_id", "painter") == [IDS[1]]
    assert await skilled(filled, Freelancer, "account_id", "roses") == [IDS[1]]
    assert await found(filled, Job, "id", "gardener") == list(IDS)
