"""A migration that is killed, stopped, interrupted or broken off leaves the one before it."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

import models.migrate
from models.migrate import migrate
from models.migration_steps import MigrationError
from models.store.database import Dialect, dialect_of
from tests.databases import Databases, PostgresServer, SqliteFiles
from tests.models.migrated import (
    ALL,
    Snapshot,
    losing,
    migrate_now,
    recorded,
    snapshot,
    snapshot_at_rest,
)
from tests.models.migration_forks import Fault, Forks, forks
from tests.models.sample_rows import NOTHING, ROWS, Values, another, insert, uid
from tests.models.test_migrations import opened
from tests.raw import raw
from tests.server.processes import call, environment_of, serving

KILLS = 100
"""At random moments, of each database."""
SEED = 20261127
SERVED = 20
"""After so many kills a server is started on the database, once."""
STRIDES: dict[Dialect, int] = {"sqlite": 1, "postgres": 4}
"""How far apart the commands are that fail; processes are killed before each, but slowly."""
PAGES = (5, 40, 70, 83)
"""Sizes that an SQLite file reaches in the middle of a migration."""
OF_0_1_0 = ALL[:4]
"""Those that a killed process could leave unrecorded, and that drop nothing."""
IN_0001 = 5
IN_0004 = 5
"""A command in the middle of the first migration, and of the last where only that is missing."""


@pytest.fixture(scope="module")
def forked() -> Iterator[Forks]:
    with forks() as runs:
        yield runs


@pytest.fixture(scope="module")
def stages(databases: Databases) -> list[Snapshot]:
    """What may be there at rest: nothing, the table of records, and each migration in turn."""
    with databases.empty() as url:
        made = [snapshot(url)]
        for name in ALL:
            leave_without(url, name)
            made.append(snapshot(url))
        migrate_now(url)
        return [*made, snapshot(url)]


def leave_without(url: str, name: str) -> None:
    """Migrates the database up to that migration, which is left out."""
    with losing(lambda _, sql: f"'{name}'" in sql), pytest.raises(MigrationError, match="lost"):
        migrate_now(url)


def losing_command(number: int) -> AbstractContextManager[None]:
    return losing(lambda at, _: at == number)


def test_packages_that_were_bought_outlive_the_migration_that_makes_their_table_anew(
    empty_database_url: str,
) -> None:
    leave_without(empty_database_url, "0005_money")
    with raw(empty_database_url) as before:
        for table in ("user", "account", "package", "purchase"):
            for row in ROWS[table]:
                before.run(insert(before.dialect, table, row))
        packages = before.rows("SELECT * FROM package ORDER BY id")
        purchases = before.rows("SELECT * FROM purchase ORDER BY id")

    migrate_now(empty_database_url)

    with raw(empty_database_url) as after:
        assert after.rows("SELECT * FROM package ORDER BY id") == packages
        assert after.rows("SELECT * FROM purchase ORDER BY id") == purchases
        refused = after.attempt(insert(after.dialect, "purchase", another("purchase", NO_PACKAGE)))
        assert refused is not None and refused.kind == "FOREIGN KEY"


NO_PACKAGE: Values = {"id": uid(900), "package_id": NOTHING}


def test_the_stages_differ(stages: list[Snapshot]) -> None:
    assert len({str(stage) for stage in stages}) == len(ALL) + 2


@pytest.mark.slow
async def test_a_migration_that_fails_at_any_command_leaves_the_one_before_and_is_tried_again(
    empty_database_url: str, stages: list[Snapshot]
) -> None:
    url = empty_database_url
    stride = STRIDES[dialect_of(url)]
    seen = [await asyncio.to_thread(snapshot, url)]
    number, failures, done = 0, 0, False
    async with opened(url) as database:
        while not done:
            with losing_command(number):
                try:
                    await migrate(database, url)
                    done = True
                except MigrationError as error:
                    assert "lost" in str(error)
                    failures += 1
            seen.append(await asyncio.to_thread(snapshot, url))
            number = number + stride if seen[-1] == seen[-2] else 0

    assert all(stage in stages for stage in seen)
    assert [stage for stage in stages if stage in seen] == stages
    assert seen[-1] == stages[-1]
    assert failures > 80 / stride


async def test_a_full_disk_rolls_the_migration_back(sqlite_files: SqliteFiles) -> None:
    with sqlite_files.empty() as url:
        async with opened(url) as database:
            for pages in PAGES:
                await database.writer.execute_query(f"PRAGMA max_page_count = {pages}")
                with pytest.raises(MigrationError, match=r"database or disk is full\.$"):
                    await migrate(database, url)
                with raw(url) as connection:
                    assert connection.rows("PRAGMA integrity_check") == [("ok",)]

            await database.writer.execute_query("PRAGMA max_page_count = 1000000")
            applied = recorded(url)
            assert applied + await migrate(database, url) == ALL


@pytest.mark.parametrize("name", OF_0_1_0)
def test_a_migration_that_was_applied_but_not_recorded_is_recorded(
    empty_database_url: str,
    stages: list[Snapshot],
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    later = ALL[ALL.index(name) + 1 :]
    if later:
        leave_without(empty_database_url, later[0])
    else:
        migrate_now(empty_database_url)
    with raw(empty_database_url) as connection:
        connection.run(f"DELETE FROM tortoise_migrations WHERE name = '{name}'")

    migrate_now(empty_database_url)

    assert snapshot(empty_database_url) == stages[-1]
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"Migration {name} was applied but not recorded; now it is recorded."
    ]


def test_what_a_migration_makes_is_there_in_part_and_that_is_said_in_one_line(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_without(empty_database_url, OF_0_1_0[-1])
    with raw(empty_database_url) as connection:
        connection.run("CREATE TABLE return_rule (reason TEXT)")
    before = snapshot(empty_database_url)

    code = call(monkeypatch, environment_of(empty_database_url), "migrate")

    (said,) = capsys.readouterr().err.splitlines()
    assert code == 2
    assert said.startswith(
        f"CONNECTS_DATABASE_URL: Migration {OF_0_1_0[-1]} is not recorded as applied"
    )
    assert "return_rule" in said
    assert snapshot(empty_database_url) == before


@pytest.mark.slow
def test_who_waits_too_long_for_another_process_says_so(
    empty_database_url: str, forked: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = forked.run(empty_database_url, Fault(signal.SIGSTOP, before=IN_0001))
    with monkeypatch.context() as patched:
        patched.setattr(models.migrate, "LOCK_SECONDS", 0.1)
        with pytest.raises(MigrationError, match="Another process"):
            migrate_now(empty_database_url)
    os.kill(held.pid, signal.SIGKILL)

    migrate_now(empty_database_url)

    assert recorded(empty_database_url) == ALL


def test_who_waits_for_a_process_that_is_killed_comes_up(
    empty_database_url: str, forked: Forks, stages: list[Snapshot]
) -> None:
    leave_without(empty_database_url, ALL[-1])
    held = forked.run(empty_database_url, Fault(signal.SIGSTOP, before=IN_0004))
    assert held.code == -signal.SIGSTOP
    forked.begin(empty_database_url)
    try:
        with pytest.raises(TimeoutError):
            forked.end(patience=1)
    finally:
        os.kill(held.pid, signal.SIGKILL)

    assert forked.end().code == 0
    assert snapshot(empty_database_url) == stages[-1]


@pytest.mark.slow
def test_postgresql_breaks_off_what_a_killed_process_asked_for(
    postgres: PostgresServer, forked: Forks
) -> None:
    with postgres.empty() as url:
        leave_without(url, ALL[-1])
        asleep = Fault(before=IN_0004, sleeps=True, locked=True, seconds=0.5)
        assert forked.run(url, asleep).code == -signal.SIGKILL

        assert forked.run(url).code == 0
        assert recorded(url) == ALL


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 128 + signal.SIGINT), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_an_interrupted_migration_is_rolled_back(
    empty_database_url: str,
    forked: Forks,
    stages: list[Snapshot],
    number: signal.Signals,
    code: int,
) -> None:
    leave_without(empty_database_url, ALL[-1])

    assert forked.run(empty_database_url, Fault(number, before=IN_0004)).code == code

    assert snapshot_at_rest(empty_database_url) == stages[-2]
    assert forked.run(empty_database_url).code == 0
    assert snapshot(empty_database_url) == stages[-1]


@pytest.mark.slow
def test_a_process_killed_before_any_command_leaves_a_stage(
    empty_database_url: str, forked: Forks, stages: list[Snapshot]
) -> None:
    code, number, kills, seen = -signal.SIGKILL, 0, 0, [snapshot(empty_database_url)]
    while code == -signal.SIGKILL:
        code = forked.run(empty_database_url, Fault(before=number)).code
        kills += code == -signal.SIGKILL
        seen.append(snapshot_at_rest(empty_database_url))
        number = number + 1 if seen[-1] == seen[-2] else 0

    assert code == 0
    assert all(stage in stages for stage in seen)
    assert seen[-1] == stages[-1]
    assert kills > 80


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_a_stage_and_the_next_comes_up(
    databases: Databases, forked: Forks, stages: list[Snapshot], tmp_path: Path
) -> None:
    moments = random.Random(SEED)  # noqa: S311 - it chooses when to kill
    with databases.empty() as url:
        quiet = forked.run(url)
        assert quiet.code == 0 and quiet.locked_after is not None
    found: Counter[int] = Counter()
    kills = 0
    while kills < KILLS:
        locked = moments.random() < 0.8
        longest = quiet.seconds - quiet.locked_after if locked else quiet.seconds
        with databases.empty() as url:
            fault = Fault(locked=locked, seconds=moments.uniform(0, longest))
            if forked.run(url, fault).code != -signal.SIGKILL:
                continue
            kills += 1
            found[stages.index(snapshot_at_rest(url))] += 1

            assert forked.run(url).code == 0
            assert snapshot(url) == stages[-1]
            if kills % SERVED == 0:
                with serving(environment_of(url), tmp_path) as server:
                    assert len(server.ask("{ connectsPackages { id } }", None)) == 1
    assert len(found) > 2, found
