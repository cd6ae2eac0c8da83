"""The ASGI application: its parts, its lifespan and its routes."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from starlette_compress import CompressMiddleware

from models.checkpoints.schedule import CheckpointSchedule
from models.clock import system_clock
from models.ledger.entry_feed import EntryFeed
from models.ledger.ledger import Ledger
from models.migrate import open_migrated
from models.store.database import Database
from models.store.database_clock import DatabaseClock
from models.store.loaders import Loaders
from models.store.statements import both
from resolvers.demo.story import make_demo_data
from resolvers.history.addresses import signing_key
from resolvers.payments import SandboxPayments
from resolvers.services import Services
from schema.errors import describe
from schema.federation import subgraph_schema
from schema.schema import schema
from schema.sign_in import SignIn
from serving.internals.strawberry import graphql_schema_of
from serving.operations.documents import Documents
from serving.operations.operations import Operations
from serving.operations.persisted import (
    PersistedDocuments,
    WrongDocumentsError,
    read_trusted_documents,
)
from serving.operations.quotas import Quotas
from serving.operations.request_log import RequestLog
from serving.operations.throttle import Throttle
from serving.transport.admission import Admission
from serving.transport.front import Front
from serving.transport.graphiql import GraphiQL
from serving.transport.health import Health
from serving.transport.http import GraphQLEndpoint
from serving.transport.origins import CrossOrigin, Origins
from serving.transport.sockets import SocketEndpoint
from serving.transport.uvicorn import GRAPHQL_PATH, HEALTH_PATH
from settings import Settings, WrongSettingError
from statements.routes import StatementPages, statement_routes

CLOSING_SECONDS: Final = 1.0
"""How long the ledger may take to finish after all requests have been answered."""
ANSWERING_SECONDS: Final = 0.1
_GRAPHQL_PATHS: Final = (GRAPHQL_PATH, f"{GRAPHQL_PATH}/")
"""A proxy or a person may add the slash at the end, which a redirection would lose a body for."""


@asynccontextmanager
async def running_services(settings: Settings, secret: str = "") -> AsyncIterator[Services]:
    """Creates everything that the use cases need, on a migrated database.

    `secret` signs the addresses of statements. Only a server needs one.
    """
    database = await open_migrated(settings.database_url)
    clock = DatabaseClock(database, system_clock)
    try:
        await clock.compare()
    except BaseException:
        await database.close()
        raise
    comparing = asyncio.create_task(clock.keep_comparing())
    ledger = Ledger(database, clock)
    ledger.start()
    loaders = Loaders(database)
    feed = EntryFeed(database, ledger, clock, loaders)
    try:
        yield Services(
            database=database,
            ledger=ledger,
            clock=clock,
            loaders=loaders,
            payments=SandboxPayments() if settings.takes_sandbox_payments else None,
            feed=feed,
            signing_key=signing_key(secret),
        )
    finally:
        comparing.cancel()
        await feed.close()
        await loaders.roll_ups.close()
        await ledger.close(within=CLOSING_SECONDS)
        await database.close()


class Application:
    """The ASGI application. `demo` creates the demo data at startup unless it exists.

    The constructor raises WrongSettingError if the settings are inconsistent.
    """

    def __init__(
        self, settings: Settings, graphiql: GraphiQL | None = None, *, demo: bool = False
    ) -> None:
        self._settings = settings
        self._token_rules = settings.token_rules()
        self._operations = _operations(settings)
        self._graphiql = graphiql
        self._demo = demo
        self._endpoint: GraphQLEndpoint | None = None
        self.admission = Admission()
        routes: list[BaseRoute] = [
            Route("/", _go_to_graphql),
            *(WebSocketRoute(path, _socket) for path in _GRAPHQL_PATHS),
            Route(HEALTH_PATH, _health),
            *statement_routes(),
            *(graphiql.routes() if graphiql else ()),
        ]
        self._others = Starlette(
            routes=routes, middleware=[Middleware(CompressMiddleware)], lifespan=self._lifespan
        )
        self._front = Front(self._others)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self._front(scope, receive, send)

    async def end_subscriptions(self) -> None:
        """Ends subscriptions, which would otherwise keep the server from stopping."""
        services: Services | None = getattr(self._others.state, "services", None)
        if services is not None:
            await services.feed.close()

    async def give_up(self) -> None:
        """Answers all running requests with TRY_AGAIN."""
        services: Services | None = getattr(self._others.state, "services", None)
        if services is None or self._endpoint is None:
            return
        services.ledger.give_up()
        # First, so that mutations report it in their own types.
        await asyncio.sleep(ANSWERING_SECONDS)
        self._endpoint.end()

    @asynccontextmanager
    async def _lifespan(self, others: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with running_services(self._settings, self._token_rules.secret) as services:
            if self._demo:
                await make_demo_data(services)
            _spare_the_collector()
            sign_in = SignIn(services, self._token_rules, self._settings.new_users)
            page = self._graphiql.page if self._graphiql else None
            self._endpoint = GraphQLEndpoint(sign_in, self._operations, page, self.admission)
            origins = Origins(
                self._settings.cors_origins,
                local=not self._settings.in_production,
                setting="CONNECTS_CORS_ORIGINS",
            )
            graphql = CrossOrigin(self._endpoint, origins)
            self._front.straight.update(dict.fromkeys(_GRAPHQL_PATHS, graphql))
            others.state.services = services
            sockets = SocketEndpoint(sign_in, self._operations, origins)
            checkpoints = _checkpoints(self._settings, services)
            health = Health(partial(services.database.fetch, both("SELECT 1")))
            try:
                yield {
                    "sockets": sockets,
                    "health": health,
                    "statements": StatementPages(services),
                    "database": services.database,
                    "clock": services.clock,
                }
            finally:
                if checkpoints is not None:
                    await checkpoints.close()
                await health.close()
                self._operations.log.flush()


def _checkpoints(settings: Settings, services: Services) -> CheckpointSchedule | None:
    """Starts making checkpoints, if there is a key to sign them with."""
    if settings.checkpoint_key is None:
        return None
    schedule = CheckpointSchedule(
        services.database,
        services.clock,
        settings.signing_checkpoints(),
        settings.checkpoint_interval,
    )
    schedule.start()
    return schedule


def _operations(settings: Settings) -> Operations:
    graphql_schema = subgraph_schema() if settings.federation else graphql_schema_of(schema)
    documents = Documents(graphql_schema, introspection=settings.introspection)
    trusted = None
    if settings.trusted_documents:
        try:
            trusted = read_trusted_documents(settings.trusted_documents, documents)
        except WrongDocumentsError as error:
            raise WrongSettingError(f"CONNECTS_TRUSTED_DOCUMENTS {error}.") from error
    persisted = PersistedDocuments(trusted, only_trusted=settings.trusted_documents_only)
    throttle = Throttle(settings.throttle, system_clock) if settings.throttle else None
    quotas = Quotas(settings.streams)
    log = RequestLog(settings.requests_to_log)
    return Operations(
        graphql_schema, documents, persisted, throttle, describe, quotas=quotas, log=log
    )


def _spare_the_collector() -> None:
    """Freezes the objects that exist at startup; requests create mostly short-lived ones.

    With Python's defaults, a sixth of a spend's processor time goes to garbage collection, and a
    third with a full collection for every 2 million new objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


async def _socket(websocket: WebSocket) -> None:
    endpoint: SocketEndpoint = websocket.state.sockets
    await endpoint(websocket)


async def _go_to_graphql(_request: Request) -> Response:
    return RedirectResponse(GRAPHQL_PATH)


async def _health(request: Request) -> Response:
    """Whether the database answers and the clocks agree; for load balancers."""
    database: Database = request.state.database
    clock: DatabaseClock = request.state.clock
    if fault := database.fault or clock.fault:
        return JSONResponse({"status": "unavailable", "reason": fault}, 503)
    health: Health = request.state.health
    if await health.is_well():
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "unavailable"}, 503)
