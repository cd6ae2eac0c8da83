"""Forecasts: how long a wallet lasts, and what of it lapses."""

from typing import Any, Final

import strawberry

from resolvers.history import forecasts
from schema.context import Info
from schema.types.money import ConnectsPackage
from schema.types.scalars import Instant

FORECAST_COST: Final = 20
"""In points: it may have to read the entries of 28 days and all lots."""


@strawberry.type(
    description="How a wallet fares if its account goes on spending as it did in the last 28 days, "
    "or since it was opened. One wild day changes nothing: the two highest and the two lowest of "
    "28 days count as the next ones to them. Connects are drawn from the lots that lapse first, "
    "and the monthly grants that are to come are counted in."
)
class Forecast:
    daily_spend: float = strawberry.field(description="How many Connects are spent in a day.")
    runs_out_at: Instant | None = strawberry.field(
        description="When nothing will be left for the first time; null where that is not within "
        "5 years."
    )
    lapses_unused: int = strawberry.field(
        description="How many of the Connects that are available now will lapse unused within "
        "5 years."
    )
    suggested_package: ConnectsPackage | None = strawberry.field(
        description="The smallest package that covers what will be missing in the next 30 days, or "
        "the largest one where none does; null where nothing will be missing or buying is not set "
        "up."
    )


async def forecast(info: Info, wallet: Any) -> Forecast:
    """The forecast for a wallet's row."""
    outlook = await forecasts.outlook(info.context.services, wallet)
    package, runs_out_at = outlook.package, outlook.forecast.runs_out_at
    return Forecast(
        daily_spend=outlook.forecast.pace.daily,
        runs_out_at=None if runs_out_at is None else Instant(runs_out_at),
        lapses_unused=outlook.forecast.lapses_unused,
        suggested_package=None if package is None else ConnectsPackage.of(package, info),
    )
