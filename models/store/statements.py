"""SQL for both databases, and tables as lists of columns.

A statement has one text for each database. SQLite gets sets of values as JSON text, PostgreSQL
as arrays; either way a batch of any size is one statement.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
from tortoise.fields import (
    BigIntField,
    BooleanField,
    CharField,
    FloatField,
    IntField,
    JSONField,
    TextField,
)
from tortoise.models import Model

M = TypeVar("M", bound=Model)
_PLAIN = {BigIntField, CharField, FloatField, IntField, TextField}
"""Fields whose values both drivers give as Python has them."""
_Convert = Callable[[Any], Any]


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
    values, lists = _values_of(type(instance))
    row = values(instance)
    if lists:
        return tuple(as_parameter(value) for value in row)
    return row


def instance_of(model: type[M], row: Sequence[Any]) -> M:
    """The Tortoise model instance of a row of its table's columns, as either driver gives it."""
    values = {
        name: convert(value) if convert is not None and value.__class__ in converted else value
        for (name, convert, converted), value in zip(_conversions_of(model), row, strict=True)
    }
    return model.construct(_saved_in_db=True, **values)


@cache
def _conversions_of(
    model: type[Model],
) -> tuple[tuple[str, _Convert | None, tuple[type, ...]], ...]:
    """Each column's name, what makes its values Python's, and the types of those that need it."""
    return tuple(
        (
            name,
            None if type(field) in _PLAIN else field.to_python_value,
            (int, str) if isinstance(field, BooleanField) else (str,),
        )
        for name, field in model._meta.fields_map.items()
    )


@cache
def _values_of(model: type[Model]) -> tuple[Callable[[Model], tuple[Any, ...]], bool]:
    """What gives the values of an instance's columns, and whether lists may be among them."""
    names = model._meta.fields_map
    return attrgetter(*names), any(isinstance(field, JSONField) for field in names.values())


def as_parameter(value: object) -> object:
    """`value` as the drivers take it: lists become JSON text."""
    return orjson.dumps(value).decode() if isinstance(value, list) else value


def for_sqlite(value: object) -> object:
    """`value` as SQLite holds it: UUIDs are text, sets of values are a JSON array."""
    if isinstance(value, UUID):
        # Half the time that str() takes.
        return orjson.dumps(value, default=_uuid_text)[1:-1].decode()
    if isinstance(value, list):
        return orjson.dumps(value, default=_uuid_text).decode()
    return value


def _uuid_text(value: object) -> str:
    """The text of asyncpg's kind of UUID, which orjson does not know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value)} is nothing that SQLite holds")
