"""Serves the peer: `python -m benchmarks.textbook DATABASE_URL`. Prints where it listens.

With `--tables` it makes the tables instead.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url

from benchmarks.textbook.schema import schema

POOL = 16


def config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for the PostgreSQL database at `url`."""
    connection = expand_db_url(url)
    connection["credentials"] |= {"minsize": POOL, "maxsize": POOL}
    return {
        "connections": {"default": connection},
        "apps": {"textbook": {"models": ["benchmarks.textbook.models"]}},
        "use_tz": True,
    }


async def make_tables(url: str) -> None:
    await Tortoise.init(config=config(url))
    await Tortoise.generate_schemas()
    await Tortoise.close_connections()


def make_app(url: str) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await Tortoise.init(config=config(url), _enable_global_fallback=True)
        yield
        await Tortoise.close_connections()

    return Starlette(routes=[Route("/graphql", GraphQL(schema))], lifespan=lifespan)


class _AnnouncingServer(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"Answers at http://127.0.0.1:{port}/graphql", flush=True)


if __name__ == "__main__":
    *options, database_url = sys.argv[1:]
    if options == ["--tables"]:
        asyncio.run(make_tables(database_url))
    else:
        _AnnouncingServer(
            uvicorn.Config(make_app(database_url), port=0, log_level="warning", access_log=False)
        ).run()
