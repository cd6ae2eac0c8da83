"""Takes docs/graphiql.png of a server with new demo data: `make screenshot`."""

import asyncio
import sys
import tempfile
from pathlib import Path

import pytest

from tests.browser.browsing import ROOT, chromium, visiting
from tests.server.processes import environment_of, serving

PICTURE = ROOT / "docs/graphiql.png"


async def take() -> None:
    with tempfile.TemporaryDirectory() as name:
        environment = environment_of(f"sqlite://{name}/demo.sqlite3")
        with serving(environment, Path(name), "run", "--demo") as server:
            async with chromium() as browser, visiting(browser, server.url) as visit:
                await visit.read_about("Query", "User", "Account", "Wallet")
                await visit.run("Clara1Viewer", '"Clara Client"')
                await visit.page.screenshot(path=PICTURE)


if __name__ == "__main__":
    try:
        asyncio.run(take())
    except pytest.skip.Exception as reason:
        sys.exit(str(reason))
