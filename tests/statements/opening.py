"""Opening addresses of statements as a browser does: by their path alone."""

from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from models.rules.instants import rfc3339
from resolvers.services import Services
from statements.routes import StatementPages, statement_routes
from tests.schema.callers import Member


def browser(services: Services) -> httpx.AsyncClient:
    """A client without a token, of a server that gives statements."""
    app: ASGIApp = Starlette(routes=statement_routes())
    pages = StatementPages(services)

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {"statements": pages}}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://test")


async def addresses(member: Member, start: int, end: int) -> dict[str, Any]:
    """The addresses of the member's statement, by their fields."""
    selection = f'statement(from: "{rfc3339(start)}", to: "{rfc3339(end)}")'
    shown: dict[str, Any] = (await member.wallet(f"{selection} {{ csvUrl printUrl }}"))["statement"]
    return shown
