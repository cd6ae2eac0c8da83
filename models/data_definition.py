"""One text of data definition for both databases."""

from collections.abc import Mapping
from typing import Any

from tortoise.migrations.operations import Operation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

_TYPES: Mapping[str, Mapping[str, str]] = {
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
    """Runs data definition written once, with `{uuid}`-like names for the column types.

    Tortoise's own CreateModel silently drops CHECK constraints, and knows neither triggers nor
    SQLite's STRICT tables. `only` runs the statements on that dialect alone.
    """

    def __init__(self, *statements: str, only: str | None = None) -> None:
        self.statements = statements
        self.only = only

    def describe(self) -> str:
        return "Define tables"

    def state_forward(self, app_label: str, state: State) -> None:
        """The models' state in migrations is not used: a test compares models and tables."""

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        if state_editor is None or self.only not in (None, state_editor.DIALECT):
            return
        types: Mapping[str, Any] = _TYPES[state_editor.DIALECT]
        for statement in self.statements:
            sql = statement.format_map(types)
            if state_editor.collect_sql:
                state_editor.collected_sql.append(sql)
            else:
                # Not execute_script: on SQLite that commits first, and a migration that fails
                # half way would stay half applied.
                await state_editor.client.execute_query(sql)
