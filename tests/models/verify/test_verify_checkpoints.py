"""Verify against a checkpoint: what was changed or cut off since, even if all else fits."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from models.checkpoints.files import read_header, read_heads
from models.ledger.ledger import Ledger
from models.rules.facts import Entry
from models.rules.hashchain import entry_hash
from models.store.database import Database
from models.verify import Violation, verify
from tests.books import Book, book_of
from tests.clocks import ManualClock
from tests.models.builders import opened, spending
from tests.models.checkpoints.checkpointing import (
    KEY,
    checkpoint_in,
    many_opened,
    post_at_random,
)
from tests.models.verify.tampering import tamper

ROWS_AT_A_TIME = 3


async def against(database: Database, file: Path, limit: int = 1) -> list[Violation]:
    """What `verify` finds, reading a few rows at a time."""
    header = read_header(file, KEY.public)
    heads = read_heads(file, header.size)
    return await verify(database, limit=limit, heads=heads, rows_at_a_time=ROWS_AT_A_TIME)


@pytest.fixture
async def ledger(database: Database, clock: ManualClock) -> AsyncIterator[Ledger]:
    """A ledger whose books need not balance in the end."""
    ledger = Ledger(database, clock)
    ledger.start()
    yield ledger
    await ledger.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint.json"


@pytest.mark.parametrize("wallets", [0, 1, 9])
async def test_a_ledger_that_grew_since_is_sound(
    database: Database, ledger: Ledger, clock: ManualClock, file: Path, wallets: int
) -> None:
    holders = await many_opened(ledger, wallets)
    await post_at_random(ledger, holders or await many_opened(ledger, 1), 20, seed=1)
    await checkpoint_in(database, clock, file)
    assert await against(database, file) == []

    clock.move_to("2027-02-10T12:00:00+00:00")
    later = await many_opened(ledger, 4)
    await post_at_random(ledger, [*holders, *later], 20, seed=2)

    assert await against(database, file) == []


def rewritten(book: Book, *, without_last: bool) -> str:
    """SQL that gives the wallet another, consistent past: it was opened a second earlier.

    Every hash fits; `without_last`, the newest entry, a spend of lot 1, never happened.
    """
    account = book.wallet.account_id
    entries = book.entries[:-1] if without_last else book.entries
    lots = {lot.sequence: lot for lot in book.lots}
    statements = []
    before = bytes(32)
    for entry in entries:
        draws = [draw for draw in book.draws if draw.sequence == entry.sequence]
        moved = entry._replace(created_at=entry.created_at - 1, prev_hash=before)
        before = entry_hash(moved, lots.get(entry.sequence), draws)
        statements.append(_update(account, moved._replace(hash=before)))
    last = entries[-1]
    statements.append(
        f"UPDATE wallet SET head_hash = {_blob(before)}, sequence = {last.sequence},"
        f" available = {last.available_after} WHERE account_id = '{account}'"
    )
    if without_last:
        gone = book.entries[-1]
        of_entry = f"account_id = '{account}' AND sequence = {gone.sequence}"
        statements += [
            f"UPDATE lot SET remaining = remaining + {-gone.connects}"
            f" WHERE account_id = '{account}' AND sequence = 1",
            f"DELETE FROM draw WHERE {of_entry}",
            f"DELETE FROM idempotency WHERE {of_entry}",
            f"DELETE FROM entry WHERE {of_entry}",
            f"DELETE FROM job WHERE id = '{gone.subject_id}'",
        ]
    return ";".join(statements)


def _update(account: UUID, entry: Entry) -> str:
    return (
        f"UPDATE entry SET created_at = {entry.created_at}, hash = {_blob(entry.hash)},"
        f" prev_hash = {_blob(entry.prev_hash)}"
        f" WHERE account_id = '{account}' AND sequence = {entry.sequence}"
    )


def _blob(value: bytes) -> str:
    return f"X'{value.hex()}'"


def for_dialect(database: Database, sql: str) -> str:
    """The same SQL with its blobs as the database writes them."""
    if database.dialect == "sqlite":
        return sql
    parts = sql.split("X'")
    return parts[0] + "".join(f"'\\x{part}" for part in parts[1:])


@pytest.mark.parametrize("without_last", [False, True], ids=["rewritten", "cut off"])
async def test_a_consistent_forgery_is_found_by_the_checkpoint_alone(
    database_url: str,
    database: Database,
    ledger: Ledger,
    clock: ManualClock,
    file: Path,
    without_last: bool,
) -> None:
    ada, _ = await opened(ledger), await opened(ledger)
    for _ in range(3):
        await ledger.post(spending(ada, 1))
    await checkpoint_in(database, clock, file)
    forgery = rewritten(await book_of(database, ada.account_id), without_last=without_last)

    await tamper(database_url, for_dialect(database, forgery))

    assert await verify(database) == []
    (violation,) = await against(database, file, limit=9)
    assert violation.invariant == 7
    assert str(ada.account_id) in violation.where
    assert violation.message == (
        "ends at entry 3, but the checkpoint has it at entry 4"
        if without_last
        else "has another hash than in the checkpoint"
    )


async def test_what_was_rewritten_and_went_on_is_found(
    database_url: str, database: Database, ledger: Ledger, clock: ManualClock, file: Path
) -> None:
    ada = await opened(ledger)
    await ledger.post(spending(ada, 1))
    await checkpoint_in(database, clock, file)
    forgery = rewritten(await book_of(database, ada.account_id), without_last=True)
    await tamper(database_url, for_dialect(database, forgery))
    for _ in range(4):
        await ledger.post(spending(ada, 1))

    assert await verify(database) == []
    (violation,) = await against(database, file, limit=9)
    assert violation.where == f"entry 2 of account {ada.account_id}"


async def test_a_wallet_that_never_was_is_found(
    database_url: str, database: Database, ledger: Ledger, clock: ManualClock, file: Path
) -> None:
    holders = await many_opened(ledger, 5)
    await checkpoint_in(database, clock, file)
    gone = holders[2].account_id
    of_wallet = f"account_id = '{gone}'"
    tables = ("draw", "lot", "idempotency", "entry", "wallet")

    await tamper(database_url, "".join(f"DELETE FROM {t} WHERE {of_wallet};" for t in tables))

    assert await verify(database) == []
    assert await against(database, file, limit=9) == [
        Violation(
            7, f"wallet of account {gone}", "is missing, but the checkpoint has it at entry 1"
        )
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET connects = connects + 1 WHERE account_id = '{}' AND sequence = 1",
        "DELETE FROM entry WHERE account_id = '{}' AND sequence = 3",
        "DELETE FROM entry WHERE account_id = '{}' AND sequence = 2",
        "DELETE FROM entry WHERE account_id = '{}'",
        "DELETE FROM wallet WHERE account_id = '{}'",
    ],
)
async def test_clumsy_tampering_is_found_with_and_without_a_checkpoint(
    database_url: str, database: Database, ledger: Ledger, clock: ManualClock, file: Path, sql: str
) -> None:
    ada, _ = await opened(ledger), await opened(ledger)
    for _ in range(2):
        await ledger.post(spending(ada, 1))
    await checkpoint_in(database, clock, file)

    await tamper(database_url, sql.format(ada.account_id))

    for found in (await verify(database), await against(database, file)):
        assert len(found) == 1
        assert str(ada.account_id) in found[0].where


async def test_the_checkpoint_of_another_ledger_names_the_first_wallet_that_is_missing(
    database_url: str, database: Database, ledger: Ledger, clock: ManualClock, file: Path
) -> None:
    holders = await many_opened(ledger, 3)
    await checkpoint_in(database, clock, file)
    tables = ("draw", "lot", "idempotency", "entry", "wallet")
    await tamper(database_url, "".join(f"DELETE FROM {table};" for table in tables))
    await opened(ledger)

    found = await against(database, file, limit=9)

    accounts = sorted(str(holder.account_id) for holder in holders)
    assert [violation.where for violation in found] == [
        f"wallet of account {account}" for account in accounts
    ]
