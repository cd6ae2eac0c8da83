"""A database that meets faults when a test wants it to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from models.store.database import Database
from models.store.transactions import Transaction


@dataclass(frozen=True)
class FaultyDatabase(Database):
    """`database` in all but this: each transaction takes the next fault of each list, if any.

    A fault meets it before it begins, before it is committed, or after that, when the answer to
    the commit is lost. `transactions` holds one item for each that was tried.
    """

    before: list[Exception] = field(default_factory=list)
    within: list[Exception] = field(default_factory=list)
    after: list[Exception] = field(default_factory=list)
    transactions: list[None] = field(default_factory=list)

    @classmethod
    def around(cls, database: Database) -> "FaultyDatabase":
        return cls(
            database.dialect, database.writer, database.reader, database.readers, database.file
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self.transactions.append(None)
        _meet(self.before)
        async with super().transaction() as transaction:
            yield transaction
            _meet(self.within)
        _meet(self.after)


def _meet(faults: list[Exception]) -> None:
    if faults:
        raise faults.pop(0)
