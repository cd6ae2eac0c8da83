"""Undocumented parts of uvicorn in use.

`serving.transport.uvicorn` and `serving.transport.socket_protocol` are subclasses of uvicorn's
protocols, because uvicorn limits neither heads, trailers, pipelines nor frames, and has no timeout
for a first request. The attributes below are those that they read, call and override.

- One timer per connection, instead of one set after each response and cancelled by the next
  request: 1 µs per request.
- `cycle_behind`: a body that arrived with its head is read, and a response written, without ASGI
  messages: 7 µs of a small query's 28, and about 11 % of a balance.

`tests/serving/internals/test_uvicorn.py` fails if a release removes one of these, or if a protocol
uses one that is not listed; `tests/serving/transport` and `tests/server` fail if one behaves
differently.
"""

from collections.abc import Callable
from typing import Any, Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = [
    "HIGH_WATER_LIMIT",
    "STATUS_LINE",
    "ASGI3Application",
    "ClientDisconnected",
    "HttpToolsProtocol",
    "RequestResponseCycle",
    "WebSocketsSansIOProtocol",
    "asks_for_web_socket",
    "cycle_behind",
]

HTTP_ATTRIBUTES: Final = frozenset(
    {
        "_start_asgi_task",
        "_unset_keepalive_if_required",
        "_unsupported_upgrade_warning",
        "access_log",
        "access_logger",
        "app",
        "connection_lost",
        "connection_made",
        "connections",
        "cycle",
        "data_received",
        "flow",
        "handle_websocket_upgrade",
        "headers",
        "logger",
        "loop",
        "on_body",
        "on_header",
        "on_headers_complete",
        "on_message_begin",
        "on_message_complete",
        "on_response_complete",
        "parser",
        "pipeline",
        "root_path",
        "scope",
        "send_400_response",
        "server_state",
        "tasks",
        "timeout_keep_alive",
        "timeout_keep_alive_handler",
        "timeout_keep_alive_task",
        "transport",
        "url",
    }
)
"""Of HttpToolsProtocol."""
CYCLE_ATTRIBUTES: Final = frozenset(
    {
        "access_log",
        "body",
        "default_headers",
        "disconnected",
        "flow",
        "keep_alive",
        "message_event",
        "more_body",
        "on_response",
        "response_complete",
        "response_started",
        "scope",
        "send",
        "transport",
    }
)
"""Of RequestResponseCycle, which is one request and its response."""
WEB_SOCKET_ATTRIBUTES: Final = frozenset(
    {
        "close_sent",
        "close_timeout",
        "close_timer",
        "conn",
        "connection_lost",
        "curr_msg_data_type",
        "data_received",
        "disconnected",
        "frames",
        "handle_events",
        "handle_ping",
        "handshake_complete",
        "handshake_initiated",
        "loop",
        "pause_writing",
        "queue",
        "read_paused",
        "receive",
        "resume_writing",
        "run_asgi",
        "send",
        "send_receive_event_to_app",
        "transport",
        "writable",
    }
)
"""Of WebSocketsSansIOProtocol."""
SERVER_ATTRIBUTES: Final = frozenset({"should_exit", "shutdown", "started", "startup"})
"""Of uvicorn.Server."""


def asks_for_web_socket(protocol: HttpToolsProtocol) -> bool:
    """Whether the received head asks for a WebSocket and the server supports them."""
    return protocol._should_upgrade()


def cycle_behind(channel: Callable[..., Any]) -> RequestResponseCycle | None:
    """Returns the request behind `channel`, the `receive` or `send` of an ASGI application.

    None for anything else, such as another server, or a middleware, which must see the ASGI
    messages.
    """
    cycle = getattr(channel, "__self__", None)
    return cycle if type(cycle) is RequestResponseCycle else None
