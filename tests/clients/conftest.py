"""What these tests need: Node, the npm packages, and servers with the demo data."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.clients.node import PACKAGES
from tests.needs import needs_file, needs_program
from tests.server.processes import Server, environment_of, serving


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    needs_program("node")
    needs_file(PACKAGES / ".package-lock.json", "npm ci in tests/clients fetches it, as make does.")


@pytest.fixture(scope="session")
def server(packages: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the demo data, for all tests that open accounts of their own."""
    with _with_demo_data(tmp_path_factory.mktemp("clients")) as server:
        yield server


@pytest.fixture
def fresh_server(packages: None, tmp_path: Path) -> Iterator[Server]:
    """A server with the demo data, for one test."""
    with _with_demo_data(tmp_path) as server:
        yield server


def _with_demo_data(folder: Path) -> AbstractContextManager[Server]:
    url = f"sqlite://{folder / 'clients.sqlite3'}"
    return serving(environment_of(url, CONNECTS_THROTTLE="off"), folder, "run", "--demo")
