"""The log: one configuration for the server's own messages, uvicorn's and the libraries'.

Tokens and personal data stay out of it. Of a request's target only the path is written, because
clients put tokens, queries and variables into the query string. uvicorn and `websockets` write
headers and messages at the level debug, and the drivers write parameters: libraries are held to
higher levels, whatever the setting says.
"""

import logging
import re
from copy import deepcopy
from typing import Any, Final

from uvicorn.config import LOGGING_CONFIG
from uvicorn.logging import AccessFormatter, DefaultFormatter

OWN_LOGGERS: Final = ("app", "models", "resolvers", "schema", "server", "serving", "statements")
_AFTER_THE_PATH: Final = re.compile(r"(?:[?;#]|%3[BF]|%23).*", re.IGNORECASE | re.DOTALL)
_TOKEN: Final = re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*)*")
"""The beginning of a JSON object in base64url, as each JSON Web Token has it."""


def log_config(level: str) -> dict[str, Any]:
    """The configuration for `logging.config.dictConfig`. `level` is debug, info, warning or error.

    The server's own messages are written from `level` on, uvicorn's from info on at the most, and
    those of all others from warning on at the most.
    """
    config = deepcopy(LOGGING_CONFIG)
    config["filters"] = {"paths": {"()": PathsOnly}}
    for handler in config["handlers"].values():
        handler["filters"] = ["paths"]
    config["formatters"]["default"]["()"] = WithoutTokens
    config["formatters"]["access"]["()"] = AccessWithoutTokens
    for logger in config["loggers"].values():
        logger["level"] = _at_least(logging.INFO, level)
    config["loggers"] |= {name: {"level": level.upper()} for name in OWN_LOGGERS}
    config["root"] = {"handlers": ["default"], "level": _at_least(logging.WARNING, level)}
    return config


def _at_least(least: int, level: str) -> int:
    return max(least, logging.getLevelNamesMapping()[level.upper()])


class PathsOnly(logging.Filter):
    """Cuts what follows the path in the targets of requests that uvicorn writes about."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("uvicorn") and isinstance(record.args, tuple):
            record.args = tuple(
                _AFTER_THE_PATH.sub("", part) if isinstance(part, str) else part
                for part in record.args
            )
        return True


class WithoutTokens(DefaultFormatter):
    """Writes `[token]` for what looks like a JSON Web Token, in a stack trace as well."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKEN.sub("[token]", super().format(record))


class AccessWithoutTokens(AccessFormatter):
    """The same for the lines about requests."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKEN.sub("[token]", super().format(record))
