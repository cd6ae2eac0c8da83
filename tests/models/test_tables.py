"""What the code believes of the tables is what the migrations made."""

import pytest
from tortoise.models import Model

from models.rules.facts import Draw, Entry, Lot, Wallet
from models.store.ledger_tables import DRAW, ENTRY, LOT, WALLET
from models.store.statements import Table, table_of
from models.tables import MODELS
from tests.books import LEDGER_TABLES, TABLES
from tests.models.sample_rows import ROWS
from tests.raw import Raw, raw

COLUMNS = {
    "sqlite": """SELECT name, "notnull" = 0 FROM pragma_table_info('{table}')""",
    "postgres": "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position",
}
TYPES = """
    SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = '"{table}"'::regclass AND attnum > 0
"""
SAME_TYPE = {"int": "integer", "bool": "boolean", "varchar": "text"}
"""Types of parameters that PostgreSQL takes for a column of another name, losing nothing."""

OF_SEARCH = {"search_row", "search_title", "search_head", "search_all"}
"""Columns that only the database reads and fills, for searching."""


def columns(connection: Raw, table: str) -> dict[object, bool]:
    rows = connection.rows(COLUMNS[connection.dialect].format(table=table))
    return {name: bool(nullable) for name, nullable in rows if name not in OF_SEARCH}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_has_the_columns_of_its_table(filled: Raw, model: type[Model]) -> None:
    table = model._meta.db_table
    fields = {
        field.source_field or name: field.null for name, field in model._meta.fields_map.items()
    }

    assert columns(filled, table) == fields


@pytest.mark.parametrize("table", LEDGER_TABLES, ids=lambda table: table.name)
def test_a_table_of_the_ledger_has_the_columns_it_is_read_and_written_by(
    filled: Raw, table: Table
) -> None:
    assert [column.name for column in table.columns] == list(columns(filled, table.name))


@pytest.mark.parametrize(
    ("table", "fact"), [(WALLET, Wallet), (ENTRY, Entry), (LOT, Lot), (DRAW, Draw)]
)
def test_a_row_of_the_ledger_is_a_fact_column_by_column(
    table: Table, fact: type[Wallet | Entry | Lot | Draw]
) -> None:
    assert tuple(column.name for column in table.columns) == fact._fields


def test_parameters_are_given_in_the_types_of_the_columns(postgres_url: str) -> None:
    with raw(postgres_url) as connection:
        types = {table.name: connection.rows(TYPES.format(table=table.name)) for table in TABLES}

    for table in TABLES:
        given = [(column.name, column.type.partition("(")[0]) for column in table.columns]
        same = {(name, SAME_TYPE.get(type_, type_)) for name, type_ in given}
        assert same == {row for row in types[table.name] if row[0] not in OF_SEARCH}


def test_every_table_is_known(filled: Raw) -> None:
    price_list = {"cost_rule", "grant_rule", "return_rule", "package"}

    assert {table.name for table in TABLES} | price_list == set(ROWS)


def test_rows_can_be_inserted_in_the_order_of_the_models() -> None:
    tables = [table_of(model).name for model in MODELS]

    assert tables == [table for table in ROWS if table in tables]
