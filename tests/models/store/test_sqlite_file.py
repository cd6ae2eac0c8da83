"""The file of an SQLite database, taken away or replaced under it, or without room on its disk."""

import asyncio
import logging
import resource
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

import models.store.sqlite_file
from models.ledger.commands import Posted
from models.ledger.ledger import Ledger
from models.rules.refusals import TryAgain
from models.store.database import Database, open_database, sqlite_path
from models.store.faults import DatabaseFileError
from models.store.statements import both
from tests.books import book_of
from tests.clocks import ManualClock
from tests.models.builders import opened, post_together, spending
from tests.waiting import until

ONE = both("SELECT 1")
BESIDE = ["", "-wal", "-shm"]
SOON = 2.0
MEBIBYTE = 2**20


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    database = await open_database(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
async def posting(sqlite: Database, clock: ManualClock) -> AsyncIterator[Ledger]:
    ledger = Ledger(sqlite, clock)
    ledger.start()
    yield ledger
    await ledger.close()


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return sqlite_path(sqlite_url)


def size_of(path: Path) -> int:
    return path.stat().st_size


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def take_away(path: Path, how: str) -> None:
    if how == "replaced":
        shutil.copyfile(path, path.with_name("other"))
        path.with_name("other").replace(path)
    else:
        path.unlink()


def move(path: Path, to: Path) -> None:
    path.rename(to)


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("how", ["removed", "replaced"])
async def test_no_spend_is_answered_that_is_in_no_file(
    posting: Ledger, path: Path, how: str, beside: str, caplog: pytest.LogCaptureFixture
) -> None:
    holder = await opened(posting)
    gone = path.with_name(f"{path.name}{beside}")
    take_away(gone, how)

    async with asyncio.timeout(SOON):
        answers = await post_together(posting, [spending(holder, 1) for _ in range(5)])

    assert {type(answer) for answer in answers} == {TryAgain}
    said = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    (line,) = (line for line in said if "is restarted" in line)
    assert f"the database file {gone} was {how}" in line


async def test_reads_are_refused_and_the_database_says_why(sqlite: Database, path: Path) -> None:
    before = sqlite.fault
    move(path, path.with_name("elsewhere"))

    await until(lambda: sqlite.fault is not None)

    assert before is None
    assert sqlite.fault == f"the database file {path} was removed"
    with pytest.raises(DatabaseFileError, match="was removed"):
        await sqlite.fetch(ONE)
    with pytest.raises(DatabaseFileError, match="was removed"):
        async with sqlite.transaction():
            pass


async def test_a_file_that_was_put_back_is_used_again(
    posting: Ledger, sqlite: Database, path: Path
) -> None:
    holder = await opened(posting)
    move(path, path.with_name("elsewhere"))
    (refused,) = await post_together(posting, [spending(holder, 1, "intent")])
    move(path.with_name("elsewhere"), path)
    await until(lambda: sqlite.fault is None)

    await posting.post(spending(holder, 1, "intent"))

    assert isinstance(refused, TryAgain)
    assert (await book_of(sqlite, holder.account_id)).wallet.available == 59


async def test_a_log_that_grew_into_a_limit_is_brought_into_the_file(
    posting: Ledger, sqlite: Database, path: Path
) -> None:
    holder = await opened(posting)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Nothing else in this process may write a longer file meanwhile.
    limit = max(size_of(log_of(path)), size_of(path)) + 2**17
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        answers = [
            answer
            for _ in range(40)
            for answer in await post_together(posting, [spending(holder, 1)])
        ]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert {type(answer) for answer in answers} == {Posted}
    assert (await book_of(sqlite, holder.account_id)).wallet.available == 20


async def test_what_no_file_may_hold_is_refused_until_it_may(
    posting: Ledger, sqlite: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.ledger.ledger.PATIENCE_SECONDS", 0.3)
    holder = await opened(posting)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**12, before[1]))
    try:
        answers = await post_together(posting, [spending(holder, 1, f"{n}") for n in range(5)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    monkeypatch.undo()

    assert {type(answer) for answer in answers} == {TryAgain}
    again = await post_together(posting, [spending(holder, 1, f"{n}") for n in range(5)])
    assert {type(answer) for answer in again} == {Posted}
    assert (await book_of(sqlite, holder.account_id)).wallet.available == 55


async def test_a_disk_with_little_room_is_not_filled_by_the_log(
    sqlite: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(path)
    change = both("UPDATE package SET price_minor = price_minor + 1 RETURNING 1")

    async def largest_log() -> int:
        """Commits 700 times, and gives how large the log came to be."""
        sizes = []
        for _ in range(700):
            async with sqlite.transaction() as transaction:
                await transaction.fetch(change)
            sizes.append(size_of(log))
        return max(sizes)

    with_room = await largest_log()
    monkeypatch.setattr(
        models.store.sqlite_file, "_free_bytes", lambda _path: 4 * MEBIBYTE - size_of(log)
    )
    await largest_log()
    with_little = await largest_log()

    assert with_room > 2 * MEBIBYTE
    assert with_little < MEBIBYTE


async def test_a_transaction_left_behind_does_not_keep_the_next_from_beginning(
    sqlite: Database, path: Path
) -> None:
    async with sqlite.writer.acquire_connection() as connection:
        await connection.execute("BEGIN IMMEDIATE")

    async with sqlite.transaction() as transaction:
        await transaction.fetch(ONE)

    with closing(sqlite3.connect(path, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
