"""The routes of statements: what a signed address gives, to whoever has it.

An address that was changed is answered with 403, one that has expired with 410. What is open at a
time is bounded, for each account and for all.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from models.rules.instants import to_datetime
from resolvers.history import statements
from resolvers.history.addresses import (
    KEY,
    PATH,
    BadAddressError,
    ExpiredAddressError,
    Format,
    Named,
)
from resolvers.services import Services
from statements import csv_file, printed

MOST_OPEN: Final = 32
MOST_OF_ACCOUNT: Final = 4
LONGEST_SECONDS: Final = 600.0
"""How long a client may take for a statement."""
RETRY_SECONDS: Final = 5
_SAFE: Final = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_AGAIN: Final = "Ask for the statement again and use the address that it gives."


class StatementPages:
    """Gives statements by their addresses. One for each process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._open: Counter[UUID] = Counter()

    async def respond(self, request: Request) -> ASGIApp:
        """The response to a request for an address."""
        form = Format(request.url.path.rpartition("/")[2])
        try:
            key = request.query_params.get(KEY, "")
            named = statements.read_address(self._services, form, key)
        except BadAddressError:
            return _refusal(403, f"This address is not valid. {_AGAIN}")
        except ExpiredAddressError:
            return _refusal(410, f"This address has expired. {_AGAIN}")
        account_id = named.account_id
        if self._open[account_id] >= MOST_OF_ACCOUNT or self._open.total() >= MOST_OPEN:
            retry = {"Retry-After": str(RETRY_SECONDS)}
            return _refusal(503, "Too many statements are open. Try again in a moment.", retry)
        self._open[account_id] += 1
        try:
            response = await self._response(form, named, request.method == "HEAD")
        except BaseException:
            self._close(account_id)
            raise
        return _Counted(response, self, account_id)

    async def _response(self, form: Format, named: Named, only_head: bool) -> Response:
        if form is Format.CSV:
            headers = {"Content-Disposition": f'attachment; filename="{_file_name(named)}"'}
            pages = statements.lines(self._services, named)
            return _streamed(csv_file.written(pages), "text/csv", headers, only_head)
        account = await self._services.loaders.accounts.load(named.account_id)
        statement = await statements.of_named(self._services, named)
        pages = statements.lines(self._services, named, printed.MOST_LINES)
        text = printed.written(account.name if account else "", statement, pages)
        headers = {"Content-Security-Policy": printed.POLICY}
        return _streamed(text, "text/html", headers, only_head)

    def _close(self, account_id: UUID) -> None:
        self._open[account_id] -= 1
        if not self._open[account_id]:
            del self._open[account_id]

    async def send(
        self, response: Response, account_id: UUID, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Sends a response in LONGEST_SECONDS at most, and counts it no longer."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await response(scope, receive, send)
        finally:
            self._close(account_id)


class _Counted:
    """A response that counts as open until it is sent."""

    def __init__(self, response: Response, pages: StatementPages, account_id: UUID) -> None:
        self._response = response
        self._pages = pages
        self._account_id = account_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._pages.send(self._response, self._account_id, scope, receive, send)


def statement_routes() -> list[Route]:
    """The routes, for an application whose lifespan state has `statements`: StatementPages."""
    return [Route(f"{PATH}/{form}", _statement, name=form) for form in Format]


async def _statement(request: Request) -> Any:
    pages: StatementPages = request.state.statements
    return await pages.respond(request)


def _streamed(
    text: AsyncIterator[bytes], media_type: str, headers: dict[str, str], only_head: bool
) -> Response:
    media_type = f"{media_type}; charset=utf-8"
    if only_head:
        return Response(headers={**_SAFE, **headers}, media_type=media_type)
    return StreamingResponse(text, headers={**_SAFE, **headers}, media_type=media_type)


def _refusal(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", status, {**_SAFE, **(headers or {})})


def _file_name(named: Named) -> str:
    """Of the days that the statement begins and ends with."""
    start, end = (to_datetime(at).date().isoformat() for at in (named.start, named.end))
    return f"connects-{start}-{end}.csv"
