"""SQL for both databases, and tables as lists of columns.

A statement has one text per database. SQLite takes sets of values as JSON text, PostgreSQL as
arrays. A batch of any size is therefore one statement.
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
"""Fields whose values both drivers already return as the right Python types."""
_Conversion = tuple[str, Callable[[Any], Any] | None, tuple[type, ...]]
"""A column's name, its converter to Python, and the types of values that need it."""


class SqlStatement(NamedTuple):
    sqlite: str
    postgres: str


def both(sql: str) -> SqlStatement:
    """One text for both databases, with parameters written $1, $2 ..."""
    return SqlStatement(sql.replace("$", "?"), sql)


class Column(NamedTuple):
    name: str
    type: str


@dataclass(frozen=True)
class Table:
    """A table's name, its columns in order, and how many leading columns are its key."""

    name: str
    columns: tuple[Column, ...]
    key_size: int = 1

    @cached_property
    def selected(self) -> str:
        """The columns as a select list, each qualified by the table's name."""
        return ", ".join(f'"{self.name}".{column.name}' for column in self.columns)


@cache
def table_of(model: type[Model]) -> Table:
    """Returns the table of a Tortoise model, with columns in the order of its fields."""
    columns = []
    for name, field in fields_of(model).items():
        types = field.get_for_dialect("postgres", "SQL_TYPE")
        columns.append(Column(column_of(model, name), types.lower()))
    return Table(table_name(model), tuple(columns))


def row_of(instance: Model) -> tuple[Any, ...]:
    """Returns a Tortoise instance's values in the order of its table's columns."""
    values, lists = _values_of(type(instance))
    row = values(instance)
    if lists:
        return tuple(as_parameter(value) for value in row)
    return row


def instance_of(model: type[M], row: Sequence[Any]) -> M:
    """Builds a Tortoise instance from a row of its table's columns, from either driver."""
    conversions, make = _parts_of(model)
    values = {
        name: convert(value) if convert is not None and value.__class__ in converted else value
        for (name, convert, converted), value in zip(conversions, row, strict=True)
    }
    instance: M = make(**values)
    return instance


@cache
def _parts_of(model: type[M]) -> tuple[tuple[_Conversion, ...], Callable[..., M]]:
    """Returns the converters of the columns, and the function that builds an instance."""
    return tuple(map(_conversion, *zip(*fields_of(model).items(), strict=True))), maker_of(model)


def _conversion(name: str, field: Field[Any]) -> _Conversion:
    return (
        name,
        None if type(field) in _PLAIN else field.to_python_value,
        (int, str) if isinstance(field, BooleanField) else (str,),
    )


@cache
def _values_of(model: type[Model]) -> tuple[Callable[[Model], tuple[Any, ...]], bool]:
    """Returns a getter of an instance's columns, and whether any may be lists."""
    names = fields_of(model)
    return attrgetter(*names), any(isinstance(field, JSONField) for field in names.values())


def as_parameter(value: object) -> object:
    """Converts `value` for the drivers: lists become JSON text."""
    return orjson.dumps(value).decode() if isinstance(value, list) else value


def for_sqlite(value: object) -> object:
    """Converts `value` for SQLite: UUIDs become text, sets of values a JSON array."""
    if isinstance(value, UUID):
        # Takes half the time of str().
        return orjson.dumps(value, default=_uuid_text)[1:-1].decode()
    if isinstance(value, list):
        return orjson.dumps(value, default=_uuid_text).decode()
    return value


def _uuid_text(value: object) -> str:
    """Converts asyncpg's UUIDs to text; orjson does not know them."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value)} cannot be stored in SQLite")
