"""What a transaction writes: in order, all of it, however it is packed."""

from itertools import count
from uuid import UUID, uuid4

import pytest

from models.store.database import Database
from models.store.statements import both, row_of, table_of
from models.store.transactions import Transaction
from models.store.writes import Write, on_postgres, on_sqlite
from models.tables import Account, Job, User

USERS = table_of(User)
ACCOUNTS = table_of(Account)
_NUMBERS = count()

NAMES = both('SELECT id, name FROM "user"')


def a_user(name: str = "Ada") -> User:
    return User.construct(id=uuid4(), subject=f"subject {next(_NUMBERS)}", name=name, created_at=1)


async def names(source: Database | Transaction) -> dict[UUID, str]:
    return {UUID(str(row[0])): row[1] for row in await source.fetch(NAMES)}


@pytest.mark.parametrize("number", [1, 2, 3, 63, 64, 65, 127, 200])
async def test_any_number_of_rows_is_inserted_and_updated(database: Database, number: int) -> None:
    users = [a_user(f"name {n}") for n in range(number)]

    async with database.transaction() as transaction:
        await transaction.insert(USERS, [row_of(user) for user in users])
    inserted = await names(database)
    async with database.transaction() as transaction:
        await transaction.update(USERS, ("name",), [(u.id, f"new {u.name}") for u in users[1:]])
    updated = await names(database)

    assert inserted == {user.id: user.name for user in users}
    assert updated == {users[0].id: "name 0"} | {u.id: f"new {u.name}" for u in users[1:]}


@pytest.mark.parametrize(
    "name", ["", "NULL", "null", '"', "\\", '\\"', "{}", "{a,b}", ",", " ", "\n", "a\tb", "ß 你 🙂"]
)
async def test_a_text_is_written_as_it_is(database: Database, name: str) -> None:
    other, user = a_user(), a_user(name)

    async with database.transaction() as transaction:
        await transaction.insert(USERS, [row_of(other), row_of(user)])
        await transaction.update(USERS, ("email",), [(other.id, None), (user.id, name)])

    assert await names(database) == {other.id: "Ada", user.id: name}
    emails = await database.fetch(both('SELECT id, email FROM "user"'))
    assert {UUID(str(key)): email for key, email in emails} == {other.id: None, user.id: name}


async def test_one_row_can_be_written_again_and_again(database: Database) -> None:
    user = a_user()

    async with database.transaction() as transaction:
        await transaction.insert(USERS, [row_of(user)])
        await transaction.update(USERS, ("name",), [(user.id, "Bea")])
        await transaction.update(USERS, ("name", "email"), [(user.id, "Clara", "c@example.com")])
        await transaction.update(USERS, ("email",), [(user.id, None)])

    assert await names(database) == {user.id: "Clara"}
    assert [row[0] for row in await database.fetch(both('SELECT email FROM "user"'))] == [None]


async def test_a_read_sees_what_was_written_before_it(database: Database) -> None:
    user = a_user()

    async with database.transaction() as transaction:
        await transaction.insert(USERS, [row_of(user)])
        during = await names(transaction)

    assert during == {user.id: "Ada"}


async def test_an_error_takes_back_what_waited_and_what_did_not(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as transaction:
            await transaction.insert(USERS, [row_of(a_user())])
            await names(transaction)
            await transaction.insert(USERS, [row_of(a_user())])
            raise ZeroDivisionError

    assert await names(database) == {}


async def test_what_the_database_refuses_at_the_commit_leaves_nothing_open(
    database: Database,
) -> None:
    user = a_user()
    with pytest.raises(Exception, match=r"(?i)unique"):
        async with database.transaction() as transaction:
            await transaction.insert(USERS, [row_of(user), row_of(user)])

    async with database.transaction() as transaction:
        await transaction.insert(USERS, [row_of(user)])
    assert await names(database) == {user.id: "Ada"}


def test_writes_of_several_tables_are_one_statement_of_postgresql() -> None:
    writes = [Write(USERS, None, [row_of(a_user())]), Write(ACCOUNTS, ("name",), [(uuid4(), "A")])]

    ((sql, columns),) = on_postgres(writes)

    assert len(columns) == len(USERS.columns) + 2
    assert f"${len(columns)}::text::text[]" in sql


def test_a_table_is_in_a_statement_of_postgresql_once() -> None:
    user = a_user()
    writes = [
        Write(USERS, None, [row_of(user)]),
        Write(ACCOUNTS, ("name",), [(uuid4(), "A")]),
        Write(USERS, ("name",), [(user.id, "Bea")]),
    ]

    assert [sql.count('"user"') for sql, _ in on_postgres(writes)] == [1, 1]


def test_few_statements_of_sqlite_write_any_number_of_rows() -> None:
    texts = set()
    for number in range(1, 129):
        texts |= {sql for sql, _ in on_sqlite(Write(USERS, None, [row_of(a_user())] * number))}

    assert len(texts) == 7


def test_a_new_row_has_its_columns_defaults() -> None:
    job = Job.construct(id=uuid4(), title="Baker")

    assert (job.returnable, job.budget_minor, job.title) == (0, None, "Baker")
