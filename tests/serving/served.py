"""The endpoints on a real server and a real port, in the event loop of the test."""

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from resolvers.services import Services
from schema.schema import schema
from schema.sign_in import SignIn
from serving.operations.operations import Operations
from serving.operations.throttle import Rate
from serving.transport.bodies import BODY_BYTES
from serving.transport.http import GraphQLEndpoint
from serving.transport.origins import Origins
from serving.transport.socket_protocol import WebSocketProtocol
from serving.transport.sockets import SocketEndpoint
from serving.transport.uvicorn import HttpProtocol
from tests.schema.callers import RULES, operations_on
from tests.waiting import PATIENCE_SECONDS, until


class Server(uvicorn.Server):
    """A server that is told to stop by its test, and not by signals."""

    @property
    def address(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()
        return f"{host}:{port}"


def listening_with_little_room() -> socket.socket:
    """A listening socket whose connections are soon full when nobody reads."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
    listening.bind(("127.0.0.1", 0))
    return listening


@asynccontextmanager
async def serving(
    services: Services,
    operations: Operations | None = None,
    origins: Collection[str] = (),
    *,
    keep_alive: int = 5,
    newcomers: Rate | None = None,
) -> AsyncIterator[Server]:
    """A server that answers over HTTP and WebSockets. `keep_alive` is in seconds."""
    operations = operations or operations_on(schema._schema)
    sign_in = SignIn(services, RULES, newcomers)
    http = GraphQLEndpoint(sign_in, operations)
    sockets = SocketEndpoint(sign_in, operations, Origins(origins))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await http(scope, receive, send)
        else:
            await sockets(WebSocket(scope, receive, send))

    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=BODY_BYTES,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=1,
    )
    server = Server(config)
    running = asyncio.create_task(server._serve([listening_with_little_room()]))
    await until(lambda: server.started)
    try:
        yield server
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, PATIENCE_SECONDS)
