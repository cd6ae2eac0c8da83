"""Fixtures: a server with demo data, Chromium, and a visit that must not have left the server."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from tests.browser.browsing import Visit, chromium, visiting
from tests.server.processes import Server, environment_of, serving


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("browser")
    environment = environment_of(f"sqlite://{folder / 'demo.sqlite3'}")
    with serving(environment, folder, "run", "--demo") as server:
        yield server


@pytest.fixture
async def visit(browser: Browser, demo: Server) -> AsyncIterator[Visit]:
    """GraphiQL in a new window. Nothing may be asked of other hosts, nor the console complain."""
    async with visiting(browser, demo.url) as visit:
        yield visit
        assert visit.outside == []
        assert visit.complaints == []
