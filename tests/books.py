"""The books as the database holds them: read back, compared, and checked from first entry to last.

Written apart from what keeps them: nothing here asks the rules how a wallet comes about, except
how an entry is hashed.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.rules.facts import GENESIS, Draw, Entry, Lot, Wallet
from models.rules.hashchain import entry_hash
from models.store.checkpoints.rows import CHECKPOINT, CHECKPOINT_HEADS, CHECKPOINT_NODE
from models.store.database import Database
from models.store.history import spending_sums
from models.store.ledger_tables import (
    DRAW,
    ENTRY,
    IDEMPOTENCY,
    LOT,
    WALLET,
    draw_from,
    entry_from,
    lot_from,
    wallet_from,
)
from models.store.statements import SqlStatement, Table, both, table_of
from models.store.transactions import Row
from models.tables import MODELS

LEDGER_TABLES = (WALLET, ENTRY, LOT, DRAW, IDEMPOTENCY)
CHECKPOINT_TABLES = (CHECKPOINT, CHECKPOINT_HEADS, CHECKPOINT_NODE)
SPENDING_TABLES = (spending_sums.WATERMARK, spending_sums.SUM)
TABLES = (
    *(table_of(model) for model in MODELS),
    *LEDGER_TABLES,
    *CHECKPOINT_TABLES,
    *SPENDING_TABLES,
)

Dump = Mapping[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Book:
    """All that is known of one wallet, each list in its own order."""

    wallet: Wallet
    entries: list[Entry]
    lots: list[Lot]
    draws: list[Draw]

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    @property
    def live_lots(self) -> list[Lot]:
        return [lot for lot in self.lots if lot.remaining]

    def draws_of(self, sequence: int | None) -> list[tuple[int, int]]:
        """What an entry took: pairs of a lot's sequence and Connects."""
        return [(d.lot_sequence, d.connects) for d in self.draws if d.sequence == sequence]


async def book_of(database: Database, account_id: UUID) -> Book:
    """The book of one wallet, checked."""
    (wallet,) = await _rows(database, WALLET, "account_id", account_id)
    book = Book(
        wallet_from(wallet),
        [entry_from(row) for row in await _rows(database, ENTRY, "sequence", account_id)],
        [lot_from(row) for row in await _rows(database, LOT, "sequence", account_id)],
        [draw_from(row) for row in await _rows(database, DRAW, "lot_sequence", account_id)],
    )
    assert_balanced(book)
    return book


async def assert_books_balance(database: Database) -> None:
    """Every wallet's book, checked."""
    for (account_id,) in await database.fetch(both("SELECT account_id FROM wallet")):
        await book_of(database, account_id if isinstance(account_id, UUID) else UUID(account_id))


async def dump(database: Database, *, without: Collection[Table] = ()) -> Dump:
    """Every row of every table, in an order that does not depend on how they were written."""
    return {
        table.name: sorted(map(tuple, await _rows(database, table)), key=repr)
        for table in TABLES
        if table not in without
    }


async def count(database: Database, table: str) -> int:
    ((rows,),) = await database.fetch(both(f'SELECT count(*) FROM "{table}"'))
    assert isinstance(rows, int)
    return rows


def assert_balanced(book: Book) -> None:
    """What must always hold of one wallet."""
    _assert_wallet_is_the_sum_of_its_lots(book)
    _assert_entries_follow_from_each_other(book)
    _assert_draws_add_up(book)
    months = Counter(lot.grant_month for lot in book.lots if lot.grant_month is not None)
    assert set(months.values()) <= {1}, "a month was granted twice"


def _assert_wallet_is_the_sum_of_its_lots(book: Book) -> None:
    wallet = book.wallet
    assert wallet.available == sum(lot.remaining for lot in book.lots) >= 0
    assert wallet.held == sum(lot.held for lot in book.lots) >= 0
    assert wallet.available == sum(entry.connects for entry in book.entries)
    assert wallet.held == (book.entries[-1].held_after if book.entries else 0)
    live = [lot.expires_at for lot in book.live_lots]
    assert wallet.next_event_at <= min(live, default=wallet.next_event_at)


def _assert_entries_follow_from_each_other(book: Book) -> None:
    lots = {lot.sequence: lot for lot in book.lots}
    head, available, time = GENESIS, 0, 0
    for sequence, entry in enumerate(book.entries, start=1):
        available += entry.connects
        draws = [draw for draw in book.draws if draw.sequence == sequence]
        assert entry.sequence == sequence
        assert entry.available_after == available
        assert entry.created_at >= time
        assert entry.prev_hash == head
        assert entry.hash == entry_hash(entry, lots.get(sequence), draws)
        head, time = entry.hash, entry.created_at
    assert (book.wallet.sequence, book.wallet.head_hash) == (len(book.entries), head)
    assert not book.entries or book.wallet.updated_at == time


def _assert_draws_add_up(book: Book) -> None:
    entries = {entry.sequence: entry for entry in book.entries}
    for lot in book.lots:
        drawn = sum(draw.connects for draw in book.draws if draw.lot_sequence == lot.sequence)
        assert lot.granted - drawn == lot.remaining
        assert lot.granted == entries[lot.sequence].connects
    for entry in book.entries:
        drawn = sum(draw.connects for draw in book.draws if draw.sequence == entry.sequence)
        assert drawn == (
            0 if entry.sequence in {lot.sequence for lot in book.lots} else -entry.connects
        )


async def _rows(
    database: Database, table: Table, order: str = "", account_id: UUID | None = None
) -> list[Row]:
    sql = f'SELECT {table.selected} FROM "{table.name}"'
    if account_id is None:
        return await database.fetch(both(sql))
    ordered = f"{sql} WHERE account_id = $1 ORDER BY account_id, {order}"
    return await database.fetch(SqlStatement(ordered.replace("$", "?"), ordered), account_id)
