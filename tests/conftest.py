"""Fixtures: a migrated database of each kind, a clock that stands still, a ledger, and the API."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from models.ledger.entry_feed import EntryFeed
from models.ledger.ledger import Ledger
from models.store.database import Database, open_database
from models.store.loaders import Loaders
from resolvers.payments import SandboxPayments
from resolvers.services import Services
from tests.books import assert_books_balance
from tests.clocks import ManualClock, instant
from tests.databases import Databases, PostgresServer, SqliteFiles, postgres_server
from tests.faulty import FaultyDatabase
from tests.schema.callers import Api

CLOSING_SECONDS = 30
POLL_SECONDS = 0.02
START = "2026-11-22T09:30:00+00:00"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(Path(tmp_path_factory.mktemp("sqlite")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as url:
        server = PostgresServer(url)
        yield server
        server.close()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where a test gets databases of one kind; whoever asks for it runs on both kinds."""
    fixture = {"sqlite": "sqlite_files", "postgres": "postgres"}[request.param]
    databases: Databases = request.getfixturevalue(fixture)
    return databases


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A migrated database of its own for each test, which runs on both kinds."""
    with databases.copy() as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles) -> Iterator[str]:
    """A migrated SQLite file, for what only SQLite does."""
    with sqlite_files.copy() as url:
        yield url


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A migrated PostgreSQL database, for what only PostgreSQL does."""
    with postgres.copy() as url:
        yield url


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database without any tables, for each test and on both kinds."""
    with databases.empty() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(instant(START))


@pytest.fixture
def faulty(database: Database) -> FaultyDatabase:
    """The same database, meeting the faults that a test puts in its way."""
    return FaultyDatabase.around(database)


@pytest.fixture
async def ledger(faulty: FaultyDatabase, clock: ManualClock) -> AsyncIterator[Ledger]:
    """A ledger; whatever was done to it, the books must balance afterwards."""
    ledger = Ledger(faulty, clock)
    ledger.start()
    yield ledger
    closing = asyncio.create_task(ledger.close())
    await asyncio.wait({closing}, timeout=CLOSING_SECONDS)
    assert closing.done() and not closing.cancelled(), "the ledger was broken off, or hangs"
    await assert_books_balance(faulty)


@pytest.fixture
async def feed(database: Database, ledger: Ledger, clock: ManualClock) -> AsyncIterator[EntryFeed]:
    """A feed that polls often; whatever was done to it, nobody is left in it."""
    feed = EntryFeed(database, ledger, clock, Loaders(database), poll_seconds=POLL_SECONDS)
    yield feed
    await feed.close()
    assert feed.subscribers == 0


@pytest.fixture
def services(database: Database, ledger: Ledger, clock: ManualClock, feed: EntryFeed) -> Services:
    """What every use case is given, with the payment sandbox."""
    loaders, payments = Loaders(database), SandboxPayments()
    return Services(database, ledger, clock, loaders, payments, feed, b"a key of the tests")


@pytest.fixture
def api(services: Services) -> Api:
    return Api.of(services)
