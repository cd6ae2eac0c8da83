"""Chromium, and what a person does with it in GraphiQL. It reaches no server but the one given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Route, WebSocket, async_playwright, expect

from tests.needs import needs_file, needs_program

SIZE = 1440, 900
ROOT = Path(__file__).parents[2]
expect.set_options(timeout=20_000)  # of a machine that has much else to do

NAMES_OPERATION = """end => document.querySelector(".graphiql-query-editor .CodeMirror")
    .CodeMirror.operationName?.endsWith(end)"""
"""GraphiQL knows which operation to run a moment after a tab is opened."""

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The machine's own Chromium, with an empty profile; what is missing skips the test."""
    path = needs_program("chromium")
    needs_file(
        ROOT / "graphiql/node_modules/graphiql/graphiql.min.js",
        "With Node, `make test` fetches it.",
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Visit:
    """A browser's window on GraphiQL. `outside` has what it tried to reach of other hosts."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.outside: list[str] = []
        self.complaints: list[str] = []

    async def arrive(self) -> None:
        """Opens the page, and waits until it has the schema."""
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self._heard("error", str(error)))
        self.page.on("websocket", self._watch)
        await self.page.context.route("**/*", self._pass)
        await self.page.goto(self.url)
        await expect(self.page.get_by_role("button", name="Execute query")).to_be_visible()
        await expect(self.page.locator(".graphiql-spinner")).to_have_count(0)

    async def run(self, tab: str, *answer: str) -> None:
        """Runs the operation of a tab, by the end of its name, and waits for the answer's parts."""
        await self.page.get_by_role("tab").filter(has_text=tab).click()
        await self.page.wait_for_function(NAMES_OPERATION, arg=tab)
        await self.page.get_by_role("button", name="Execute query").click()
        await self.see(*answer)

    async def see(self, *answer: str) -> None:
        for part in answer:
            await expect(self.page.locator(".result-window")).to_contain_text(part)

    async def answer(self) -> str:
        return await self.page.locator(".result-window").inner_text()

    async def headers(self) -> str:
        """What stands in the headers editor."""
        editor = self.page.locator(".graphiql-editor-tool .CodeMirror").last
        text: str = await editor.evaluate("editor => editor.CodeMirror.getValue()")
        return text

    async def stored(self, name: str) -> str:
        """What the page keeps until its window is closed."""
        text: str = await self.page.evaluate("name => sessionStorage.getItem(name)", name)
        return text

    async def read_about(self, *types: str) -> None:
        """Opens the documentation, and goes from type to type."""
        await self.page.get_by_role("button", name="Show Documentation Explorer").click()
        for name in types:
            link = self.page.locator(".graphiql-doc-explorer").get_by_role(
                "link", name=name, exact=True
            )
            await link.first.click()

    async def _pass(self, route: Route) -> None:
        if self._is_the_server(route.request.url):
            await route.continue_()
        else:
            self.outside.append(route.request.url)
            await route.abort()

    def _watch(self, socket: WebSocket) -> None:
        if not self._is_the_server(socket.url):
            self.outside.append(socket.url)

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _is_the_server(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme == "data" or parts.netloc == urlsplit(self.url).netloc


@asynccontextmanager
async def visiting(browser: Browser, url: str) -> AsyncIterator[Visit]:
    """A visit in a window of its own, with nothing kept from others."""
    width, height = SIZE
    async with await browser.new_context(viewport={"width": width, "height": height}) as context:
        visit = Visit(await context.new_page(), url)
        await visit.arrive()
        yield visit
