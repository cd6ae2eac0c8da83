"""What models/store/internals/tortoise.py takes from Tortoise is there and means what it says."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.store.database import APP, Database, open_database
from models.store.internals import tortoise
from models.store.statements import both

KEY = UUID(int=7)


class Pet(Model):
    number = fields.UUIDField(primary_key=True)
    name = fields.TextField(source_field="called")
    tricks = fields.JSONField[list[str]]()

    class Meta:
        table = "pets"


def test_a_models_table_is_known() -> None:
    assert tortoise.table_name(Pet) == "pets"
    assert list(tortoise.fields_of(Pet)) == ["number", "name", "tricks"]
    assert [tortoise.column_of(Pet, name) for name in tortoise.fields_of(Pet)] == [
        "number",
        "called",
        "tricks",
    ]
    assert tortoise.key_column(Pet) == "number"
    assert isinstance(tortoise.fields_of(Pet)["tricks"], fields.JSONField)


def test_an_instance_holds_the_values_that_it_is_made_of() -> None:
    tricks = ["sit"]

    pet = tortoise.maker_of(Pet)(number=KEY, name="Rex", tricks=tricks)

    assert (pet.pk, pet.name) == (KEY, "Rex")
    assert pet.tricks is tricks
    assert pet._saved_in_db


async def test_migrations_are_planned_in_their_order(database: Database) -> None:
    app = {"models": ["models.tables"], "migrations": "models.migrations"}
    executor = tortoise.MigrationExecutor(
        database.reader, {APP: {**app, "default_connection": "reader"}}
    )

    planned = await executor.plan([tortoise.MigrationTarget(APP, "__latest__")])

    assert planned == []  # the fixture's database has them all


async def test_expired_connections_are_replaced(postgres_url: str) -> None:
    database = await open_database(postgres_url)
    pid = both("SELECT pg_backend_pid()")
    first, same = await database.fetch_as_planned(pid), await database.fetch_as_planned(pid)

    await tortoise.expire_connections(database.reader)
    fresh = await database.fetch_as_planned(pid)
    await database.close()

    assert tuple(first[0]) == tuple(same[0]) != tuple(fresh[0])


async def test_sqlite_has_no_pool_to_expire(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)

    await tortoise.expire_connections(database.reader)
    rows: list[Any] = await database.fetch(both("SELECT 1"))
    await database.close()

    assert list(map(tuple, rows)) == [(1,)]
