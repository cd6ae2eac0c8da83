"""What every use case is given: the database, the ledger, the clock, the payment company."""

from dataclasses import dataclass

from models.clock import Clock
from models.database import Database
from models.ledger import Ledger
from resolvers.loaders import Loaders
from resolvers.payments import PaymentProvider


@dataclass(frozen=True)
class Services:
    """One for each process. `payments` is None where buying is not set up."""

    database: Database
    ledger: Ledger
    clock: Clock
    loaders: Loaders
    payments: PaymentProvider | None
