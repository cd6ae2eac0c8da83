"""The API on each database, with a clock that stands still and the payment sandbox."""

import pytest

from models.database import Database
from models.ledger import Ledger
from resolvers.entry_feed import EntryFeed
from resolvers.loaders import Loaders
from resolvers.payments import SandboxPayments
from resolvers.services import Services
from tests.clocks import ManualClock
from tests.schema.callers import Api


@pytest.fixture
def api(database: Database, ledger: Ledger, clock: ManualClock, feed: EntryFeed) -> Api:
    return Api.of(Services(database, ledger, clock, Loaders(database), SandboxPayments(), feed))
