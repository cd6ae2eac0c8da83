"""How the two databases are connected to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from sqlite3 import OperationalError, connect
from uuid import uuid4

import pytest

from models.store.database import Database, dialect_of, open_database, sqlite_path
from models.store.ledger_tables import FIRST_LIVE_LOTS, KNOWN_INTENTS, WALLETS_LOCKED
from models.store.statements import SqlStatement, both
from models.store.transactions import Read


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    database = await open_database(sqlite_url)
    yield database
    await database.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 4_000)],
)
async def test_sqlite_is_set_up_to_keep_what_it_has_committed(
    sqlite: Database, pragma: str, value: object
) -> None:
    ask = SqlStatement(f"PRAGMA {pragma}", "")

    async with sqlite.transaction() as transaction:
        written = await transaction.fetch(ask)
    read = await sqlite.fetch(ask)

    assert [tuple(row) for row in (*written, *read)] == [(value,)] * 2


async def test_a_transaction_of_sqlite_has_the_write_lock_from_its_beginning(
    sqlite: Database, sqlite_url: str
) -> None:
    with closing(connect(sqlite_path(sqlite_url), timeout=0)) as other:
        async with sqlite.transaction():
            with pytest.raises(OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")

        other.execute("BEGIN IMMEDIATE")


async def test_a_closed_sqlite_database_is_one_file(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    for number in range(20):
        database = await open_database(sqlite_url)
        async with database.transaction() as transaction:
            await transaction.fetch(both(f"UPDATE package SET price_minor = {number} RETURNING id"))
        await database.fetch(both("SELECT 1"))
        await database.close()

        assert [file.name for file in path.parent.glob(f"{path.name}*")] == [path.name]


async def test_nothing_is_written_through_the_reader_of_sqlite(sqlite: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        await sqlite.fetch(both("DELETE FROM cost_rule"))


async def test_an_error_takes_back_the_whole_transaction(database: Database) -> None:
    before = await database.fetch(both("SELECT count(*) FROM cost_rule"))
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as transaction:
            await transaction.fetch(both("DELETE FROM cost_rule RETURNING action"))
            raise ZeroDivisionError

    assert await database.fetch(both("SELECT count(*) FROM cost_rule")) == before


async def test_reads_see_what_was_committed_and_nothing_else(database: Database) -> None:
    count = both("SELECT count(*) FROM cost_rule")
    ((before,),) = await database.fetch(count)

    async with asyncio.timeout(5), database.transaction() as transaction:
        await transaction.fetch(both("DELETE FROM cost_rule RETURNING action"))
        ((during,),) = await database.fetch(count)

    ((after,),) = await database.fetch(count)
    assert (during, after) == (before, 0)


async def test_what_is_read_together_comes_in_order_and_by_its_own_parameters(
    database: Database,
) -> None:
    some = SqlStatement(
        "SELECT ?1, ?2, ?1 WHERE ?1 < ?2", "SELECT $1::int, $2::int, $1 WHERE $1 < $2"
    )
    texts = both("SELECT $1 || '!' UNION ALL SELECT NULL")

    async with database.transaction() as transaction:
        reads = [
            Read(some, (1, 2)),
            Read(some, (2, 1)),
            Read(texts, ("a",)),
            Read(both("SELECT 7")),
        ]
        given = await transaction.fetch_all(reads)

    assert [list(map(tuple, rows)) for rows in given] == [
        [(1, 2, 1)],
        [],
        [("a!",), (None,)],
        [(7,)],
    ]


@pytest.mark.parametrize("url", ["mysql://host/db", "connects.sqlite3", ""])
def test_a_url_of_another_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite"):
        dialect_of(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite://:memory:", "sqlite://?a=b"])
def test_sqlite_needs_a_file(url: str) -> None:
    with pytest.raises(ValueError, match="file"):
        sqlite_path(url)


@pytest.mark.parametrize("statement", [WALLETS_LOCKED, FIRST_LIVE_LOTS, KNOWN_INTENTS])
async def test_a_transaction_of_postgresql_reads_no_whole_table(
    postgres_url: str, statement: SqlStatement
) -> None:
    """However small the table was when the plan was made that is kept."""
    parameters = [[uuid4()], ["key"]][: statement.postgres.count("[]")]
    explain = SqlStatement("", f"EXPLAIN {statement.postgres}")
    database = await open_database(postgres_url)
    await database.writer.execute_script("ANALYZE")

    async with database.transaction() as transaction:
        within = await transaction.fetch(explain, *parameters)
    await database.close()

    assert "Seq Scan" not in str(within)
    assert "Index" in str(within)
