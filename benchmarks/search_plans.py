"""The statements of a search, and how the database executes them."""

from dataclasses import dataclass, field

from models.store.database import Database
from models.store.statements import SqlStatement
from models.store.transactions import Row


@dataclass(frozen=True)
class Recording(Database):
    """Behaves like `database` and records the searches."""

    statements: list[tuple[SqlStatement, tuple[object, ...]]] = field(default_factory=list)

    @classmethod
    def around(cls, database: Database) -> "Recording":
        return cls(database.dialect, database.writer, database.reader, database.readers)

    async def fetch_as_planned(self, statement: SqlStatement, *parameters: object) -> list[Row]:
        self.statements.append((statement, parameters))
        return await super().fetch_as_planned(statement, *parameters)


async def plan(database: Database, statement: SqlStatement, parameters: tuple[object, ...]) -> str:
    """Returns the plan of `statement`: measured on PostgreSQL, estimated on SQLite."""
    explain = SqlStatement(
        f"EXPLAIN QUERY PLAN {statement.sqlite}",
        f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {statement.postgres}",
    )
    rows = await database.fetch_as_planned(explain, *parameters)
    return "\n".join(f"  {row[-1]}" for row in rows)
