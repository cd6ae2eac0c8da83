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
    Field,
    FloatField,
    IntField,
    JSONField,
    TextField,
)
from tortoise.models import Model

from models.store.internals.tortoise import column_of, fields_of, maker_of, table_name

M = TypeVar("M", bound=Model)
_PLAIN = {BigIntField, CharField, FloatField, IntField, TextField}
"""Fields whose values both drivers give as Python has them."""
_Conversion = tuple[str, Callable[[Any], Any] | None, tuple[type, ...]]
"""A column's name, what makes its values Python's, and the types of those that need it."""


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
    columns = []
    for name, field in fields_of(model).items():
        types = field.get_for_dialect("postgres", "SQL_TYPE")
        columns.append(Column(column_of(model, name), types.lower()))
    return Table(table_name(model), tuple(columns))


def row_of(instance: Model) -> tuple[Any, ...]:
    """The values of a Tortoise model instance, in the order of its table's columns."""
    values, lists = _values_of(type(instance))
    row = values(instance)
    if lists:
        return tuple(as_parameter(value) for value in row)
    return row


def instance_of(model: type[M], row: Sequence[Any]) -> M:
    """The Tortoise model instance of a row of its table's columns, as either driver gives it."""
    conversions, make = _parts_of(model)
    values = {
        name: convert(value) if convert is not None and value.__class__ in converted else value
        for (name, convert, converted), value in zip(conversions, row, strict=True)
    }
    instance: M = make(**values)
    return instance


@cache
def _parts_of(model: type[M]) -> tuple[tuple[_Conversion, ...], Callable[..., M]]:
    """How each column's values become Python's, and what makes an instance of them."""
    return tuple(map(_conversion, *zip(*fields_of(model).items(), strict=True))), maker_of(model)


def _conversion(name: str, field: Field[Any]) -> _Conversion:
    return (
        name,
        None if type(field) in _PLAIN else field.to_python_value,
        (int, str) if isinstance(field, BooleanField) else (str,),
    )


@cache
def _values_of(model: type[Model]) -> tuple[Callable[[Model], tuple[Any, ...]], bool]:
    """What gives the values of an instance's columns, and whether lists may be among them."""
    names = fields_of(model)
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
