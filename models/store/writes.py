"""Bulk writes: rows to insert into or update in one table, and their SQL.

PostgreSQL takes a column as an array, and several writes as parts of one statement. SQLite takes
many rows per statement, because its driver reacquires the interpreter lock for each one.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from models.store.statements import Column, Table, for_sqlite

_MOST_ROWS = 64
"""Rows per SQLite statement. Fewer use powers of two, to limit the number of statements."""

_ColumnSet = tuple[Table, tuple[str, ...] | None]


class Write(NamedTuple):
    """Rows to insert into `table`, or, if `names` is set, keys and new values of those columns."""

    table: Table
    names: tuple[str, ...] | None
    rows: Sequence[Sequence[Any]]


def on_sqlite(write: Write) -> list[tuple[str, list[Any]]]:
    """Returns the statements and parameters that carry out `write`."""
    statements = []
    start, size = 0, _MOST_ROWS
    while start < len(write.rows):
        while size > len(write.rows) - start:
            size //= 2
        values = map(for_sqlite, chain.from_iterable(write.rows[start : start + size]))
        statements.append((_sqlite_text(write.table, write.names, size), list(values)))
        start += size
    return statements


def on_postgres(writes: Sequence[Write]) -> list[tuple[str, list[list[Any]]]]:
    """Returns the statements and parameters that carry out `writes`.

    A table occurs once in each statement, because its parts do not see each other's rows.
    """
    statements: list[list[Write]] = []
    for write in writes:
        tables = {earlier.table.name for earlier in statements[-1]} if statements else set()
        if not statements or write.table.name in tables:
            statements.append([])
        statements[-1].append(write)
    return [
        (
            _postgres_text(tuple((write.table, write.names) for write in parts)),
            [list(column) for write in parts for column in zip(*write.rows, strict=True)],
        )
        for parts in statements
    ]


@cache
def _sqlite_text(table: Table, names: tuple[str, ...] | None, rows: int) -> str:
    columns = _columns(table, names)
    listed = ", ".join(column.name for column in columns)
    row = f"({', '.join('?' for _ in columns)})"
    values = f"VALUES {', '.join(row for _ in range(rows))}"
    if names is None:
        return f'INSERT INTO "{table.name}" ({listed}) {values}'
    return f"WITH given ({listed}) AS ({values}) {_update(table, names)} FROM given {_same(table)}"


@cache
def _postgres_text(parts: tuple[_ColumnSet, ...]) -> str:
    texts = []
    number = 1
    for table, names in parts:
        columns = _columns(table, names)
        listed = ", ".join(column.name for column in columns)
        arrays = ", ".join(f"${n}::{column.type}[]" for n, column in enumerate(columns, number))
        number += len(columns)
        if names is None:
            texts.append(f'INSERT INTO "{table.name}" ({listed}) SELECT * FROM unnest({arrays})')
        else:
            given = f"FROM unnest({arrays}) AS given ({listed})"
            texts.append(f"{_update(table, names)} {given} {_same(table)}")
    earlier = ", ".join(f"part{n} AS ({text})" for n, text in enumerate(texts[:-1]))
    return f"WITH {earlier} {texts[-1]}" if earlier else texts[-1]


def _columns(table: Table, names: tuple[str, ...] | None) -> tuple[Column, ...]:
    if names is None:
        return table.columns
    changed = (column for column in table.columns if column.name in names)
    return (*table.columns[: table.key_size], *changed)


def _update(table: Table, names: tuple[str, ...]) -> str:
    changed = _columns(table, names)[table.key_size :]
    values = ", ".join(f"{column.name} = given.{column.name}" for column in changed)
    return f'UPDATE "{table.name}" AS t SET {values}'


def _same(table: Table) -> str:
    key = table.columns[: table.key_size]
    return "WHERE " + " AND ".join(f"t.{column.name} = given.{column.name}" for column in key)
