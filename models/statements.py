"""SQL for both databases, and the bulk writes derived from a table's columns.

A statement has one text for each database. SQLite gets sets of values as JSON text, PostgreSQL
as arrays; either way a batch of any size is one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from tortoise.models import Model


class Statement(NamedTuple):
    sqlite: str
    postgres: str


def both(sql: str) -> Statement:
    """One text for both databases, with parameters written $1, $2 ..."""
    return Statement(sql.replace("$", "?"), sql)


class Column(NamedTuple):
    name: str
    type: str


@dataclass(frozen=True)
class Table:
    """A table's name, its columns in order, and how many of the first ones are its key."""

    name: str
    columns: tuple[Column, ...]
    key_size: int = 1

    @cached_property
    def selected(self) -> str:
        """The columns as a select list, each qualified by the table's name."""
        return ", ".join(f'"{self.name}".{column.name}' for column in self.columns)

    @cached_property
    def insert(self) -> Statement:
        """Inserts rows of all columns."""
        names = ", ".join(column.name for column in self.columns)
        marks = ", ".join("?" for _ in self.columns)
        return Statement(
            f'INSERT INTO "{self.name}" ({names}) VALUES ({marks})',
            f'INSERT INTO "{self.name}" ({names}) SELECT * FROM unnest({_arrays(self.columns)})',
        )

    def update(self, names: tuple[str, ...]) -> Statement:
        """Sets the columns `names`; its rows hold the key first, then the values."""
        return _update(self, names)


@cache
def _update(table: Table, names: tuple[str, ...]) -> Statement:
    key = table.columns[: table.key_size]
    changed = [column for column in table.columns if column.name in names]
    set_marks = ", ".join(
        f"{column.name} = ?{number}" for number, column in enumerate(changed, start=len(key) + 1)
    )
    key_marks = " AND ".join(
        f"{column.name} = ?{number}" for number, column in enumerate(key, start=1)
    )
    columns = (*key, *changed)
    given = ", ".join(column.name for column in columns)
    set_given = ", ".join(f"{column.name} = given.{column.name}" for column in changed)
    key_given = " AND ".join(f"t.{column.name} = given.{column.name}" for column in key)
    return Statement(
        f'UPDATE "{table.name}" SET {set_marks} WHERE {key_marks}',
        f'UPDATE "{table.name}" AS t SET {set_given} '
        f"FROM unnest({_arrays(columns)}) AS given ({given}) WHERE {key_given}",
    )


def _arrays(columns: Sequence[Column]) -> str:
    return ", ".join(f"${number}::{column.type}[]" for number, column in enumerate(columns, 1))


@cache
def table_of(model: type[Model]) -> Table:
    """The table of a Tortoise model, in the order of the model's fields."""
    meta = model._meta
    columns = []
    for name, field in meta.fields_map.items():
        types = field.get_for_dialect("postgres", "SQL_TYPE")
        columns.append(Column(meta.fields_db_projection[name], types.lower()))
    return Table(str(meta.db_table), tuple(columns))


def row_of(instance: Model) -> tuple[Any, ...]:
    """The values of a Tortoise model instance, in the order of its table's columns."""
    return tuple(as_parameter(getattr(instance, name)) for name in instance._meta.fields_map)


def as_parameter(value: object) -> object:
    """`value` as the drivers take it: lists become JSON text."""
    return orjson.dumps(value).decode() if isinstance(value, list) else value


def for_sqlite(value: object) -> object:
    """`value` as SQLite holds it: UUIDs are text, sets of values are a JSON array."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return orjson.dumps(value).decode()
    return value
