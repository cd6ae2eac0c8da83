"""A database that holds something, for tests that only try to break it."""

from collections.abc import Iterator

import pytest

from tests.databases import Databases
from tests.models.sample_rows import ROWS, insert
from tests.raw import Raw, raw


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Raw]:
    """A migrated database with the sample rows, which no test changes for good."""
    with databases.copy() as url, raw(url) as connection:
        for table, rows in ROWS.items():
            for row in rows:
                connection.run(insert(connection.dialect, table, row))
        yield connection
