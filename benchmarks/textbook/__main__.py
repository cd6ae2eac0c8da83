"""Serves the contestant: `python -m benchmarks.textbook DATABASE_URL`, secret in AUTH_SECRET.

Prints its address.
"""

import contextlib
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url

from benchmarks.textbook.schema import schema

POOL = 16
SECRET = os.environ["AUTH_SECRET"]


def config(url: str) -> dict[str, Any]:
    """Returns Tortoise's configuration for the PostgreSQL database at `url`."""
    connection = expand_db_url(url)
    connection["credentials"] |= {"minsize": POOL, "maxsize": POOL}
    return {
        "connections": {"default": connection},
        "apps": {"textbook": {"models": ["benchmarks.textbook.models"]}},
        "use_tz": True,
    }


def subject_of(request: Request | WebSocket) -> str:
    """Returns the subject of the request's bearer token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    options: Any = {"require": ["sub", "exp"]}
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options=options)
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    if scheme.lower() != "bearer":
        raise HTTPException(401)
    return str(claims["sub"])


class AuthenticatedGraphQL(GraphQL[dict[str, Any], None]):
    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> dict[str, Any]:
        return {"request": request, "response": response, "subject": subject_of(request)}


def make_app(url: str) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await Tortoise.init(config=config(url), _enable_global_fallback=True)
        yield
        await Tortoise.close_connections()

    return Starlette(routes=[Route("/graphql", AuthenticatedGraphQL(schema))], lifespan=lifespan)


class _AnnouncingServer(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"Answers at http://127.0.0.1:{port}/graphql", flush=True)


if __name__ == "__main__":
    app = make_app(sys.argv[1])
    _AnnouncingServer(uvicorn.Config(app, port=0, log_level="warning", access_log=False)).run()
