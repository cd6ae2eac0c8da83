"""Verify and the kept sums of spending."""

import asyncio

import pytest

from models.ledger.ledger import Ledger
from models.rules.history.spending import SpendingBy
from models.store.database import Database
from models.store.history import spending_sums
from models.store.history.spending_sums import SUM, WATERMARK
from models.verify import verify
from tests.books import count, dump
from tests.models.builders import Holder, opened, post_together, spending
from tests.models.verify.tampering import tamper


async def summed(database: Database, ledger: Ledger) -> Holder:
    """A holder with five spends, of which kept sums cover all but the newest."""
    holder = await opened(ledger)
    await post_together(ledger, [spending(holder, n + 1) for n in range(4)])
    for by in SpendingBy:
        while await spending_sums.roll_up(database, holder.account_id, by, 5, step=2):
            pass
    await post_together(ledger, [spending(holder, 9)])
    return holder


async def test_kept_sums_of_the_entries_are_no_violation(
    database: Database, ledger: Ledger
) -> None:
    await summed(database, ledger)

    assert await count(database, "spending_sum") == 5 * (1 + 1 + 4)
    assert await verify(database, limit=100) == []


@pytest.mark.parametrize(
    ("change", "rows", "message"),
    [
        ("UPDATE spending_sum SET connects = connects + 1 WHERE width = 96", 6, "1 Connects and 0"),
        ("UPDATE spending_sum SET spends = spends + 1 WHERE width = 1", 6, "0 Connects and 1"),
        ("DELETE FROM spending_sum WHERE dimension = 'ACTION'", 5, "-10 Connects and -4 spends"),
        ("UPDATE spending_sum SET slot = slot + 1 WHERE dimension = 'MEMBER'", 10, "10 Connects"),
        ("UPDATE spending_watermark SET sequence = 6 WHERE dimension = 'JOB'", 5, "-9 Connects"),
        ("UPDATE spending_watermark SET sequence = 4", 5 + 5 + 5, "4 Connects and 1 spends"),
        ("UPDATE spending_watermark SET sequence = 7 WHERE dimension = 'JOB'", 6, "wallet is at 6"),
        ("DELETE FROM spending_watermark WHERE dimension = 'JOB'", 20, "Connects and 1 spends"),
    ],
)
async def test_altered_sums_are_found_and_rebuilt(
    database: Database, ledger: Ledger, database_url: str, change: str, rows: int, message: str
) -> None:
    holder = await summed(database, ledger)
    before = await dump(database, without=[WATERMARK, SUM])

    await tamper(database_url, change)

    found = await verify(database, limit=100)
    assert len(found) == rows
    assert {violation.invariant for violation in found} == {8}
    assert str(holder.account_id) in found[0].where
    assert any(message in violation.message for violation in found)
    await spending_sums.rebuild(database)
    assert await verify(database, limit=100) == []
    assert await dump(database, without=[WATERMARK, SUM]) == before


async def test_sums_without_a_watermark_are_not_added_to(
    database: Database, ledger: Ledger, database_url: str
) -> None:
    holder = await summed(database, ledger)
    await tamper(database_url, "DELETE FROM spending_watermark")

    for by in SpendingBy:
        assert await spending_sums.roll_up(database, holder.account_id, by, 6)

    assert await verify(database, limit=100) == []


async def test_of_those_who_roll_up_at_once_only_one_adds_each_entry(
    database: Database, ledger: Ledger
) -> None:
    holder = await opened(ledger)
    await post_together(ledger, [spending(holder, 1) for _ in range(40)])

    async def roll_up() -> int:
        steps, by, account_id = 0, SpendingBy.JOB, holder.account_id
        while await spending_sums.rolled_up_to(database, account_id, by) < 41:
            steps += await spending_sums.roll_up(database, account_id, by, 41, step=3)
        return steps

    steps = await asyncio.gather(*(roll_up() for _ in range(4)))

    assert sum(steps) == 14
    assert await count(database, "spending_sum") == 5 * 40
    assert await verify(database, limit=100) == []
