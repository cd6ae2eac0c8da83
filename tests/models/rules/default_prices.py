"""The default price list, read from the text of the migration that brings it."""

import ast
from importlib import import_module
from typing import Any
from uuid import UUID

from models.rules.prices import CostRule, GrantRule, Package, PriceList

_MIGRATION = import_module("models.migrations.0002_price_list")
_BOOSTS = import_module("models.migrations.0007_boosts")
_WORDS = {"TRUE": "True", "FALSE": "False", "NULL": "None"}


def _rows(sql: str) -> list[Any]:
    values = sql.partition("VALUES")[2].strip()
    for word, literal in _WORDS.items():
        values = values.replace(word, literal)
    return list(ast.literal_eval(f"[{values}]"))


def _package(row: tuple[Any, ...]) -> Package:
    values: list[Any] = [UUID(row[0]), *row[1:4], tuple(ast.literal_eval(row[4])), *row[5:]]
    return Package(*values)


DEFAULT_PRICES = PriceList(
    tuple(CostRule(*row) for made in (_MIGRATION, _BOOSTS) for row in _rows(made.COST_RULES)),
    tuple(GrantRule(*row) for row in _rows(_MIGRATION.GRANT_RULES)),
)
DEFAULT_PACKAGES = [
    _package(row) for sql in _MIGRATION.Migration.operations[1].statements for row in _rows(sql)
]
