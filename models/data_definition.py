"""One text of data definition for both databases."""

from collections.abc import Mapping

from tortoise.migrations.operations import Operation

from models.store.database import Dialect

_TYPES: Mapping[Dialect, Mapping[str, str]] = {
    "postgres": {
        "uuid": "UUID",
        "text": "TEXT",
        "integer": "INTEGER",
        "bigint": "BIGINT",
        "real": "DOUBLE PRECISION",
        "boolean": "BOOLEAN",
        "bytes": "BYTEA",
        "json": "JSONB",
        "search_row": "",
        "search_key": "PRIMARY KEY",
        "table_end": "",
    },
    "sqlite": {
        "uuid": "TEXT",
        "text": "TEXT",
        "integer": "INTEGER",
        "bigint": "INTEGER",
        "real": "REAL",
        "boolean": "INTEGER",
        "bytes": "BLOB",
        "json": "TEXT",
        "search_row": "search_row INTEGER PRIMARY KEY,",
        "search_key": "UNIQUE",
        "table_end": " STRICT",
    },
}


class DefineTables(Operation):
    """Data definition written once, with `{uuid}`-like names for the column types.

    Tortoise's own CreateModel silently drops CHECK constraints, and knows neither triggers nor
    SQLite's STRICT tables. `only` keeps the statements to that dialect. `models.migrate` runs
    them; Tortoise's executor cannot, since it records a migration after its transaction.
    """

    def __init__(self, *statements: str, only: Dialect | None = None) -> None:
        self.statements = statements
        self.only = only

    def statements_for(self, dialect: Dialect) -> list[str]:
        """The statements to run on `dialect`, in order, one command each."""
        if self.only not in (None, dialect):
            return []
        return [statement.format_map(_TYPES[dialect]) for statement in self.statements]
