"""Forecasts over the API: the rule itself is tested in tests/models/rules/test_forecasts.py."""

from dataclasses import replace

from models.rules.instants import DAY
from tests.clocks import ManualClock
from tests.schema.callers import Api

FORECAST = "forecast { dailySpend runsOutAt lapsesUnused suggestedPackage { connects } }"


async def test_who_spends_nothing_lets_everything_lapse(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await clara.buy(20)
    clock.advance(40 * DAY)

    shown = await clara.wallet(f"available {FORECAST}")

    assert shown["forecast"] == {
        "dailySpend": 0,
        "runsOutAt": None,
        "lapsesUnused": shown["available"],
        "suggestedPackage": None,
    }


async def test_a_steady_pace_tells_when_it_runs_out_and_what_to_buy(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    clock.move_to("2026-12-02T00:00:00+00:00")
    for day in range(28):
        guest = await api.freelancer(f"F{day}")
        job = await clara.new_job()
        await clara.invite(job, guest, 3)
        clock.advance(DAY)

    shown = await clara.wallet(f"available {FORECAST}")

    # 60 and 60 were granted, 4 a day spent. 8 are left and 60 come in time: enough for 17 days.
    assert shown["available"] == 8
    assert shown["forecast"] == {
        "dailySpend": 4.0,
        "runsOutAt": "2027-01-16T00:00:00.000000Z",
        "lapsesUnused": 0,
        "suggestedPackage": {"connects": 60},
    }


async def test_one_wild_day_does_not_change_the_forecast(api: Api, clock: ManualClock) -> None:
    clara, farid = await api.client(), await api.freelancer()
    clock.advance(20 * DAY)
    await clara.invite(await clara.new_job(), farid, 40)
    clock.advance(DAY)

    shown = await clara.wallet(FORECAST)

    assert (shown["forecast"]["dailySpend"], shown["forecast"]["runsOutAt"]) == (0, None)


async def test_a_forecast_of_a_new_wallet_can_be_asked(api: Api) -> None:
    clara = await api.client()

    shown = await clara.wallet(FORECAST)

    assert shown["forecast"]["dailySpend"] == 0
    assert shown["forecast"]["lapsesUnused"] == 60


async def test_where_nothing_is_on_sale_no_package_is_suggested(
    api: Api, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.invite(await clara.new_job(), farid, 50)
    clock.advance(DAY)
    member = replace(clara, http=api.paid_by(None).http)

    shown = await member.wallet(FORECAST)

    assert shown["forecast"]["dailySpend"] == 51
    assert shown["forecast"]["suggestedPackage"] is None
