"""Who pays in the benchmark: clients whose Connects come from the service's own use cases."""

import asyncio
from typing import NamedTuple
from uuid import UUID, uuid4

from app import running_services
from models.commands import Intent, request_hash
from models.rules.instants import FOREVER
from models.rules.kinds import AccountKind
from models.rules.prices import packages_on_sale
from resolvers.authentication import Claims, issue_token
from resolvers.buy_connects import QUANTITY, buy_connects
from resolvers.open_account import open_account
from resolvers.services import Services
from resolvers.users import Users
from schema.ids import global_id
from settings import Settings

DISTINCT_PAYERS = 1000
HOT_PURCHASES = 10
"""With QUANTITY packages in each, far more Connects than a run can spend."""
AT_ONCE = 100


class Payer(NamedTuple):
    """What a client of the API needs to spend from one account, and to read its wallet."""

    token: str
    account_id: str
    wallet_id: str


class Payers(NamedTuple):
    hot: Payer
    distinct: list[Payer]


def make_payers(database_url: str, secret: str) -> Payers:
    """Migrates the database and fills the wallets: one hot, DISTINCT_PAYERS others."""
    settings = Settings.from_environment(
        {"CONNECTS_DATABASE_URL": database_url, "CONNECTS_PAYMENTS": "sandbox"}
    )

    async def run() -> Payers:
        async with running_services(settings) as services:
            maker = await _Maker.of(services, secret)
            hot = await maker.payer("hot", purchases=HOT_PURCHASES, quantity=QUANTITY)
            distinct: list[Payer] = []
            for first in range(0, DISTINCT_PAYERS, AT_ONCE):
                names = [f"distinct-{first + number}" for number in range(AT_ONCE)]
                distinct += await asyncio.gather(*(maker.payer(name) for name in names))
            return Payers(hot, distinct)

    return asyncio.run(run())


class _Maker(NamedTuple):
    services: Services
    users: Users
    secret: str
    package_id: UUID

    @classmethod
    async def of(cls, services: Services, secret: str) -> "_Maker":
        on_sale = packages_on_sale(await services.loaders.packages(), services.clock())
        fitting = [package for package in on_sale if AccountKind.CLIENT in package.for_kinds]
        largest = max(fitting, key=lambda package: package.connects)
        return cls(services, Users(services), secret, largest.id)

    async def payer(self, name: str, purchases: int = 1, quantity: int = 1) -> Payer:
        """A new client with this month's grant and `purchases` paid purchases."""
        user = await self.users.signed_in(Claims(name, name, None, FOREVER))
        opened = await open_account(
            self.services,
            user,
            kind=AccountKind.CLIENT,
            name=name,
            profile=None,
            intent=_intent(user.id),
        )
        account_id = opened.account.id
        for _ in range(purchases):
            await buy_connects(
                self.services,
                user,
                account_id=account_id,
                package_id=self.package_id,
                quantity=quantity,
                payment_method=None,
                intent=_intent(user.id),
            )
        return Payer(
            issue_token(self.secret, name, FOREVER),
            global_id("Account", account_id),
            global_id("Wallet", account_id),
        )


def _intent(user_id: UUID) -> Intent:
    return Intent(user_id, uuid4().hex, request_hash("benchmark", {}))
