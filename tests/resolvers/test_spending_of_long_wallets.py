"""Spending of a wallet with a million entries reads few of them, once its sums are kept."""

from itertools import product

import pytest

from models.rules.history.spending import Interval, SpendingBy
from models.rules.instants import DAY
from models.store.database import Database, open_database
from models.store.history import spending_sums
from models.store.history.roll_ups import LATE
from models.store.history.sums import Span
from resolvers.history import spending, statements
from resolvers.history.spending import SpendingQuery
from tests.models.builders import opened
from tests.resolvers.long_wallets import lengthen, roll_up
from tests.resolvers.test_spending_adds_up import ledger_of

ENTRIES = 1_000_000
YEAR = 365 * DAY
MOST_STATEMENTS = 16


class Counted:
    """Counts what is read: the statements, and the entries that they sum."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements = self.entries = 0
        fetch, of_entries = Database.fetch, spending_sums.of_entries

        async def counted_fetch(database: Database, *given: object) -> object:
            self.statements += 1
            return await fetch(database, *given)  # type: ignore[arg-type]

        async def counted_entries(*given: object) -> object:
            assert isinstance(given[-1], Span)
            self.entries += given[-1].upto - given[-1].after
            return await of_entries(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(Database, "fetch", counted_fetch)
        monkeypatch.setattr(spending_sums, "of_entries", counted_entries)

    def reset(self) -> None:
        self.statements = self.entries = 0


@pytest.mark.slow
async def test_a_million_entries_are_not_read_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await open_database(database_url)
    with ledger_of(database) as (services, clock):
        services.ledger.start()
        holder, other = await opened(services.ledger), await opened(services.ledger)
        users = (holder.user_id, other.user_id)
        start = clock.now
        await lengthen(database_url, holder.account_id, users, ENTRIES, start, YEAR)
        clock.advance(YEAR + DAY)
        await roll_up(database, holder.account_id, ENTRIES - LATE)
        wallet = await services.loaders.wallets.load(holder.account_id)
        assert wallet is not None
        assert wallet.sequence == ENTRIES
        counted = Counted(monkeypatch)
        # Inside quarters of an hour, which have 29 entries each.
        ranges = [(start, clock.now), (start + 40 * DAY + 1, start + 240 * DAY - 1)]
        for (start, end), by, interval in product(ranges, SpendingBy, (None, *Interval)):
            if interval is Interval.DAY and end - start > 240 * DAY:
                # More than 1,000 rows.
                continue
            counted.reset()
            asked = SpendingQuery(start, end, by, interval, "Asia/Kathmandu")

            rows = await spending.spending(services, wallet, asked)

            assert counted.statements <= MOST_STATEMENTS, asked
            assert counted.entries <= LATE + 4 * 29, asked
            statement = await statements.statement(services, wallet, start, end)
            assert sum(row.spent.connects for row in rows) == statement.parts.spent
        await services.loaders.roll_ups.close()
        await services.ledger.close()
    await database.close()
