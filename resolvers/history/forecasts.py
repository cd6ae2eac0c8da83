"""Forecasts of a wallet: the rule is in `models.rules.forecasts`."""

from typing import Final, NamedTuple

from models.rules import forecasts as rules
from models.rules.facts import Lot, Wallet
from models.rules.forecasts import Forecast, Supply
from models.rules.instants import DAY
from models.rules.kinds import AccountKind
from models.rules.prices import Package
from models.store.history import sums
from models.store.pages import Page
from resolvers import wallets
from resolvers.buy_connects import packages_for_sale
from resolvers.services import Services

LOTS_TOGETHER: Final = 1_000


class ForecastAndPackage(NamedTuple):
    """A forecast, and the package that fits, where one is needed and on sale."""

    forecast: Forecast
    package: Package | None


async def outlook(services: Services, wallet: Wallet) -> ForecastAndPackage:
    """How the wallet fares if its account goes on spending as it did."""
    now, kind = services.clock(), AccountKind(wallet.account_kind)
    async with services.loaders.summing:
        pace = rules.pace(await _spent_by_day(services, wallet, now))
    present = [
        Supply(lot.expires_at, now, lot.remaining) for lot in await _live_lots(services, wallet)
    ]
    prices = await services.loaders.prices()
    grants = rules.grants_ahead(prices, kind, wallet.last_grant_month, now)
    forecast = rules.forecast(pace, present, grants, now)
    on_sale = await packages_for_sale(services, kind)
    return ForecastAndPackage(forecast, rules.package_that_fits(on_sale, forecast.missing))


async def _spent_by_day(services: Services, wallet: Wallet, now: int) -> list[int]:
    account_id = wallet.account_id
    first = await services.loaders.entries.load((account_id, 1))
    days = rules.days_known(first.created_at if first else now, now)
    start = now - days * DAY
    span = await sums.span(services.database, account_id, wallet.sequence, start, now)
    return await sums.spent(services.database, account_id, span, start, DAY, days)


async def _live_lots(services: Services, wallet: Wallet) -> list[Lot]:
    found: list[Lot] = []
    page = Page(LOTS_TOGETHER)
    while True:
        rows, _, has_more = await wallets.lots(services, wallet, True, page)
        found += rows
        if not has_more:
            return found
        page = page._replace(after=rows[-1].drawing_order)
