"""DDL written once for both databases."""

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
    """DDL with placeholders such as `{uuid}` for column types that differ between databases.

    Tortoise's CreateModel silently drops CHECK constraints and supports neither triggers nor
    SQLite's STRICT tables. `only` restricts the statements to one dialect. `models.migrate` runs
    them, because Tortoise's executor records a migration after its transaction.
    """

    def __init__(self, *statements: str, only: Dialect | None = None) -> None:
        self.statements = statements
        self.only = only

    def statements_for(self, dialect: Dialect) -> list[str]:
        """Returns the statements to run on `dialect`, in order, one command each."""
        if self.only not in (None, dialect):
            return []
        return [statement.format_map(_TYPES[dialect]) for statement in self.statements]
