"""A ledger on a database that meets faults when a test wants it to."""

from collections.abc import AsyncIterator

import pytest

from models.database import Database
from models.ledger import Ledger
from tests.books import assert_books_balance
from tests.clocks import ManualClock
from tests.faulty import FaultyDatabase


@pytest.fixture
def faulty(database: Database) -> FaultyDatabase:
    return FaultyDatabase.around(database)


@pytest.fixture
async def ledger(faulty: FaultyDatabase, clock: ManualClock) -> AsyncIterator[Ledger]:
    """A ledger on `faulty`; whatever happened to it, the books must balance afterwards."""
    ledger = Ledger(faulty, clock)
    ledger.start()
    yield ledger
    await ledger.close()
    await assert_books_balance(faulty)
