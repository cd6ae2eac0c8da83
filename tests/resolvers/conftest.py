"""The services that every use case is given, on each database."""

import pytest

from models.database import Database
from models.ledger import Ledger
from resolvers.entry_feed import EntryFeed
from resolvers.loaders import Loaders
from resolvers.payments import SandboxPayments
from resolvers.services import Services
from tests.clocks import ManualClock


@pytest.fixture
def services(database: Database, ledger: Ledger, clock: ManualClock, feed: EntryFeed) -> Services:
    return Services(database, ledger, clock, Loaders(database), SandboxPayments(), feed)
