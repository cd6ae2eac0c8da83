"""Pages of other origins: which may read answers and open WebSockets, and what others are told."""

import logging
import re
from collections.abc import Awaitable, Collection
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

EXPOSED_HEADERS: Final = ("X-Request-ID", "Retry-After")
PREFLIGHT_SECONDS: Final = 600
FORBIDDEN: Final = 403
TOLD: Final = 100
"""So many origins are logged, each once: a page can't fill the log."""
SHOWN_LENGTH: Final = 200
_LOCAL: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
_NOBODY: Final = re.compile(r"(?!)")

_logger = logging.getLogger(__name__)


class Origins:
    """The origins of pages that are let in beside the server's own.

    `named` are written as browsers send them; `local` lets in pages of this machine, at any port.
    `setting` is what lets in more, in words.
    """

    def __init__(
        self, named: Collection[str] = (), *, local: bool = False, setting: str = "a setting"
    ) -> None:
        self.named = frozenset(named)
        self.pattern = _LOCAL if local else _NOBODY
        self._setting = setting
        self._told: set[str] = set()

    def welcome(self, origin: str, host: str | None) -> bool:
        """Whether a page of `origin` may use the server that it calls `host`."""
        if origin in self.named or self.pattern.fullmatch(origin):
            return True
        return bool(host) and origin.partition("://")[2] == host

    def rejection(self, origin: str) -> str:
        """What the page is told. It is logged, too, because browsers do not show it."""
        if origin not in self._told and len(self._told) < TOLD:
            self._told.add(origin)
            _logger.warning(
                "a page of %.*r was refused: %s does not name its origin",
                SHOWN_LENGTH,
                origin,
                self._setting,
            )
        return f"{self._setting} does not name the origin of this page."


class CrossOrigin:
    """Lets pages of other origins read the answers of `endpoint`, as an ASGI application."""

    def __init__(self, endpoint: ASGIApp, origins: Origins) -> None:
        self._endpoint = endpoint
        self._origins = origins
        self._cors = CORSMiddleware(
            endpoint,
            allow_origins=tuple(origins.named),
            allow_origin_regex=origins.pattern.pattern,
            allow_methods=("GET", "POST"),
            allow_headers=("*",),
            expose_headers=EXPOSED_HEADERS,
            max_age=PREFLIGHT_SECONDS,
        )

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        origin = host = None
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
            elif name == b"host":
                host = value
        if origin is None:
            # What a GET is answered may be kept for pages, so that it varies by their origin.
            through = self._endpoint if scope["method"] == "POST" else self._cors
            return through(scope, receive, send)
        return self._for_page(origin.decode("latin-1"), host, scope)(scope, receive, send)

    def _for_page(self, origin: str, host: bytes | None, scope: Scope) -> ASGIApp:
        if self._origins.welcome(origin, None if host is None else host.decode("latin-1")):
            return self._cors
        rejection = self._origins.rejection(origin)
        if scope["method"] == "OPTIONS":
            return PlainTextResponse(rejection + "\n", FORBIDDEN, {"Vary": "Origin"})
        return self._cors
