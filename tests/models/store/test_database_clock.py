"""No process books in the database's future, however its own clock runs."""

from functools import partial

import pytest
from starlette.requests import Request

from app import _health
from models.clock import system_clock
from models.ledger.ledger import Ledger
from models.rules.instants import DAY, SECOND, from_datetime
from models.store.database import Database, open_database
from models.store.database_clock import DatabaseClock
from models.store.statements import both
from serving.transport.health import Health
from tests.books import book_of
from tests.models.builders import opening, somebody, spending
from tests.server.processes import call, environment_of

HOUR = 3600 * SECOND
DATABASES_NOW = both("SELECT clock_timestamp()")


def fault_of(clock: DatabaseClock) -> str:
    return clock.fault or ""


async def now_of(database: Database) -> int:
    return from_datetime((await database.fetch(DATABASES_NOW))[0][0])


@pytest.mark.parametrize("by", [3 * SECOND, HOUR, 400 * DAY])
async def test_a_clock_that_is_ahead_gives_no_instant_of_the_databases_future(
    postgres_url: str, by: int
) -> None:
    database = await open_database(postgres_url)
    clock = DatabaseClock(database, lambda: system_clock() + by)
    await clock.compare()

    for _ in range(20):
        given = clock()
        assert given <= await now_of(database)
        assert given > await now_of(database) - 2 * SECOND

    assert "ahead of the database's" in fault_of(clock)
    await database.close()


async def test_a_clock_that_is_behind_is_believed_and_told(postgres_url: str) -> None:
    database = await open_database(postgres_url)
    clock = DatabaseClock(database, lambda: system_clock() - HOUR)
    await clock.compare()

    assert abs(clock() + HOUR - system_clock()) < SECOND
    assert "3,600.0 s behind the database's" in fault_of(clock)
    await database.close()


async def test_a_clock_that_is_set_while_the_server_runs_is_not_believed(
    postgres_url: str,
) -> None:
    database, jumps = await open_database(postgres_url), [0]
    clock = DatabaseClock(database, lambda: system_clock() + sum(jumps))
    await clock.compare()
    assert fault_of(clock) == ""

    jumps.append(HOUR)

    assert clock() <= await now_of(database)
    await clock.compare()
    assert "3,600" in fault_of(clock)
    jumps.clear()
    await clock.compare()
    assert fault_of(clock) == ""
    await database.close()


@pytest.mark.parametrize("by", [-SECOND, 0, SECOND])
async def test_clocks_within_two_seconds_agree(postgres_url: str, by: int) -> None:
    database = await open_database(postgres_url)
    clock = DatabaseClock(database, lambda: system_clock() + by)

    await clock.compare()

    assert fault_of(clock) == ""
    await database.close()


async def test_a_month_is_not_granted_early_by_a_clock_that_is_ahead(postgres_url: str) -> None:
    database = await open_database(postgres_url)
    clock = DatabaseClock(database, lambda: system_clock() + 40 * DAY)
    await clock.compare()
    ledger, holder = Ledger(database, clock), somebody()
    ledger.start()

    await ledger.post(opening(holder))
    await ledger.post(spending(holder, 1))

    await ledger.close()
    book = await book_of(database, holder.account_id)
    assert book.kinds == ["GRANT", "SPEND"]
    assert book.wallet.updated_at <= await now_of(database)
    await database.close()


async def test_on_sqlite_the_machines_clock_is_the_databases(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    clock = DatabaseClock(database, lambda: 5)

    await clock.compare()

    assert (clock(), clock.fault) == (5, None)
    await database.close()


@pytest.mark.parametrize(("by", "side"), [(HOUR, "ahead of"), (-HOUR, "behind")])
def test_the_server_does_not_start_with_a_wrong_clock(
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    by: int,
    side: str,
) -> None:
    monkeypatch.setattr("server.system_clock", lambda: system_clock() + by)

    code = call(monkeypatch, environment_of(postgres_url), "run")

    (said,) = capsys.readouterr().err.splitlines()
    assert code == 2
    assert said.startswith("The server does not start: this machine's clock is 3,600.")
    assert f"s {side} the database's" in said


async def test_health_tells_that_the_clocks_are_too_far_apart(postgres_url: str) -> None:
    database, jumps = await open_database(postgres_url), [0]
    clock = DatabaseClock(database, lambda: system_clock() + sum(jumps))
    health = Health(partial(database.fetch, both("SELECT 1")))
    state = {"database": database, "clock": clock, "health": health}
    answers = []
    for jump in (0, HOUR, -HOUR):
        jumps.append(jump)
        await clock.compare()
        answers.append(await _health(Request({"type": "http", "state": state})))

    well, skewed, well_again = answers
    assert (well.status_code, well_again.status_code) == (200, 200)
    assert skewed.status_code == 503
    assert b"this machine's clock is 3,600" in skewed.body
    await health.close()
    await database.close()
