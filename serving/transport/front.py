"""The front: which application a request goes to."""

from collections.abc import Awaitable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """Sends HTTP requests for the paths in `straight` to their applications, all else to `others`.

    Starlette's middleware and routes take as long as finding a small query's user and operation.
    `straight` is filled once what it needs is running.
    """

    def __init__(self, others: ASGIApp) -> None:
        self.straight: Final[dict[str, ASGIApp]] = {}
        self._others = others

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and (app := self.straight.get(scope["path"])) is not None:
            return app(scope, receive, send)
        return self._others(scope, receive, send)
