"""What every use case is given: the database, the ledger and its feed, the clock, payments."""

from dataclasses import dataclass

from models.clock import Clock
from models.ledger.entry_feed import EntryFeed
from models.ledger.ledger import Ledger
from models.store.database import Database
from models.store.loaders import Loaders
from resolvers.payments import PaymentProvider


@dataclass(frozen=True)
class Services:
    """One for each process. `payments` is None where buying is not set up.

    `signing_key` is for the addresses of statements (`resolvers.history.addresses`).
    """

    database: Database
    ledger: Ledger
    clock: Clock
    loaders: Loaders
    payments: PaymentProvider | None
    feed: EntryFeed
    signing_key: bytes
