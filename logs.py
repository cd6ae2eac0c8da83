"""One logging configuration for the server's own messages, uvicorn's and the libraries'.

Tokens and personal data are not logged. Only the path of a request's target is logged, because
clients put tokens, queries and variables into the query string. At debug level, uvicorn and
`websockets` log headers and messages, and the drivers log parameters. Libraries are therefore held
to higher levels, whatever the setting.
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
"""The beginning of a JSON object in base64url, with which every JSON Web Token starts."""


def log_config(level: str) -> dict[str, Any]:
    """Returns the configuration for `logging.config.dictConfig`.

    `level` is debug, info, warning or error. It applies to the server's own messages. uvicorn's are
    logged at info or above, and all others at warning or above, even if `level` is lower.
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
    """Removes everything after the path from the request targets that uvicorn logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("uvicorn") and isinstance(record.args, tuple):
            record.args = tuple(
                _AFTER_THE_PATH.sub("", part) if isinstance(part, str) else part
                for part in record.args
            )
        return True


class WithoutTokens(DefaultFormatter):
    """Replaces anything that looks like a JSON Web Token with `[token]`, also in stack traces."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKEN.sub("[token]", super().format(record))


class AccessWithoutTokens(AccessFormatter):
    """Does the same for access log lines."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKEN.sub("[token]", super().format(record))
