"""Reads the ledger's tables as five sorted streams, split into pages at the same keys."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from models.rules.facts import Draw, Entry, Lot, Wallet
from models.store.database import NextRows, Open
from models.store.ledger_tables import DRAW, ENTRY, LOT, WALLET
from models.store.statements import SqlStatement, Table, both
from models.store.transactions import Row

RowKey = tuple[Any, ...]
EntryKey = tuple[Any, int]
"""Account and sequence."""

DRAWN = both(
    """
    SELECT account_id, lot_sequence, SUM(connects) FROM draw
    GROUP BY account_id, lot_sequence ORDER BY account_id, lot_sequence
    """
)


class LedgerPage(NamedTuple):
    """A range of the ledger: all rows of a key are in one page, pages and rows in key order.

    Lots and draws are keyed by their entry's account and sequence. `drawn` is the total drawn from
    each lot over the whole ledger. A wallet comes no later than its first entry.

    On SQLite ids are text as stored: this text is what is hashed, and a malformed id cannot stop
    the check.
    """

    wallets: list[Wallet]
    entries: list[Entry]
    lots: dict[EntryKey, Lot]
    draws: dict[EntryKey, list[Draw]]
    drawn: dict[EntryKey, int]


class Merge:
    """Reads the ledger page by page, about `size` rows of each table at a time."""

    def __init__(self, streams: "Sequence[_Stream]", size: int) -> None:
        self._streams = streams
        self._size = size

    @classmethod
    async def start(cls, open_statement: Open, size: int) -> "Merge":
        """Opens the streams in a snapshot."""
        streams = [
            _Stream(await open_statement(_in_key_order(table)), min(table.key_size, 2))
            for table in (WALLET, ENTRY, LOT, DRAW)
        ]
        return cls([*streams, _Stream(await open_statement(DRAWN), 2)], size)

    async def page(self) -> LedgerPage | None:
        """Returns the next page; None after the last."""
        for stream in self._streams:
            await stream.fill(self._size)
        ends = [stream.last_key for stream in self._streams if not stream.exhausted]
        parts = [stream.take(min(ends, default=None)) for stream in self._streams]
        if not any(parts):
            return None
        wallets, entries, lots, draws, drawn = parts
        draws_by_entry: dict[EntryKey, list[Draw]] = {}
        for row in draws:
            draws_by_entry.setdefault((row[0], row[1]), []).append(Draw(*row))
        return LedgerPage(
            wallets=[Wallet(*row) for row in wallets],
            entries=[Entry(*row) for row in entries],
            lots={(row[0], row[1]): Lot(*row) for row in lots},
            draws=draws_by_entry,
            drawn={(row[0], row[1]): row[2] for row in drawn},
        )


def _in_key_order(table: Table) -> SqlStatement:
    key = ", ".join(column.name for column in table.columns[: table.key_size])
    return both(f"SELECT {table.selected} FROM {table.name} ORDER BY {key}")


class _Stream:
    """One table's rows ordered by their first `key_size` columns, read ahead."""

    def __init__(self, next_rows: NextRows, key_size: int) -> None:
        self.exhausted = False
        self._next_rows = next_rows
        self._key_size: Final = key_size
        self._rows: list[Row] = []

    @property
    def last_key(self) -> RowKey:
        return self._key(self._rows[-1])

    async def fill(self, size: int) -> None:
        """Reads until two keys are buffered, so that the first one is known to be complete."""
        while not self.exhausted and not self._holds_two_keys():
            rows = await self._next_rows(size)
            self._rows += rows
            self.exhausted = len(rows) < size

    def take(self, end: RowKey | None) -> list[Row]:
        """Removes and returns the rows before key `end`; all of them for None."""
        count = len(self._rows)
        if end is not None:
            count = bisect_left(self._rows, end, key=self._key)
        taken, self._rows = self._rows[:count], self._rows[count:]
        return taken

    def _holds_two_keys(self) -> bool:
        return bool(self._rows) and self._key(self._rows[0]) != self.last_key

    def _key(self, row: Row) -> RowKey:
        return tuple(row[: self._key_size])
