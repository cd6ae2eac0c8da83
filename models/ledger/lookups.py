"""Lookups of an entire batch: one statement per kind, whatever their number."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar, cast

from tortoise.models import Model

from models.ledger.commands import Lookup
from models.store.statements import SqlStatement, instance_of, table_of
from models.store.transactions import Read, Row
from models.tables import MODELS

M = TypeVar("M", bound=Model)
Kind = tuple[type[Model], tuple[str, ...]]


class LookedUp:
    """The rows selected by a batch's lookups, kept up to date while the batch runs."""

    def __init__(self) -> None:
        self.rows: dict[Lookup[Any], list[Any]] = {}
        self._kinds: dict[type[Model], list[tuple[str, ...]]] = {}
        self._models: list[type[Model]] = []
        self._seen: dict[tuple[type[Model], Any], Model] = {}

    def reads(self, lookups: Iterable[Lookup[Any]]) -> list[Read]:
        """Returns the reads that lock the rows, in a fixed model order to avoid deadlocks."""
        kinds: dict[tuple[Kind, bool], dict[tuple[Any, ...], None]] = {}
        for lookup in lookups:
            self.rows[lookup] = []
            kind = (lookup.model, lookup.columns)
            kinds.setdefault((kind, lookup.exclusive), {})[lookup.key] = None
        reads = []
        for (kind, exclusive), keys in sorted(kinds.items(), key=_locking_order):
            self._models.append(kind[0])
            self._kinds.setdefault(kind[0], []).append(kind[1])
            columns = tuple(map(list, zip(*keys, strict=True)))
            reads.append(Read(_statement(*kind, exclusive), columns))
        return reads

    def found(self, results: Iterable[Iterable[Row]]) -> None:
        """Takes the results of `reads`."""
        seen = self._seen
        for model, rows in zip(self._models, results, strict=True):
            for row in rows:
                fresh = instance_of(model, row)
                self._add(seen.setdefault((model, fresh.pk), fresh))

    def shared(self, row: M) -> M:
        """Returns the lookups' instance of the row, if there is one, so that changes are shared."""
        return cast(M, self._seen.get((type(row), row.pk), row))

    def insert(self, row: Model) -> None:
        """Makes a row that the batch inserts visible to later commands."""
        self._add(row)

    def _add(self, row: Model) -> None:
        for columns in self._kinds.get(type(row), ()):
            key = tuple(getattr(row, column) for column in columns)
            for exclusive in (False, True):
                rows = self.rows.get(Lookup(type(row), columns, key, exclusive))
                if rows is not None and row not in rows:
                    rows.append(row)


def _locking_order(item: tuple[tuple[Kind, bool], Any]) -> tuple[int, tuple[str, ...], bool]:
    (model, columns), exclusive = item[0]
    return (MODELS.index(model), columns, not exclusive)


@cache
def _statement(model: type[Model], columns: tuple[str, ...], exclusive: bool) -> SqlStatement:
    table = table_of(model)
    types = {column.name: column.type for column in table.columns}
    names = ", ".join(f'"{table.name}".{column}' for column in columns)
    unnested = ", ".join(
        f"${number}::{types[column]}[]" for number, column in enumerate(columns, 1)
    )
    values = ", ".join(f"v{number}.value" for number in range(1, len(columns) + 1))
    joined = " JOIN ".join(
        f"json_each(?{number}) AS v{number}" + (f" ON v{number}.key = v1.key" if number > 1 else "")
        for number in range(1, len(columns) + 1)
    )
    selected = f'SELECT {table.selected} FROM "{table.name}"'
    lock = "FOR NO KEY UPDATE" if exclusive else "FOR SHARE"
    return SqlStatement(
        f"{selected} WHERE ({names}) IN (SELECT {values} FROM {joined})",
        f"{selected} WHERE ({names}) IN (SELECT * FROM unnest({unnested})) "
        f'ORDER BY "{table.name}".{table.columns[0].name} {lock}',
    )
