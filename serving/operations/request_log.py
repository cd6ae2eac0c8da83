"""A line in the log for each request, under the id that the client was given.

Holds no token, variable or document: of a document only the operation's name. The lines of a tick
of the event loop are written together at its end, because writing takes longer than all the rest.
"""

import asyncio
import logging
from collections.abc import Collection, Hashable, Iterable
from enum import StrEnum
from typing import Any, Final

from graphql import OperationType

NAME_LENGTH: Final = 100
CODES: Final = 5
"""So many different codes are named at most."""
_NONE: Final = "-"

_logger = logging.getLogger(__name__)


class Logged(StrEnum):
    """Which requests have a line; those that were refused or failed always have one."""

    ALL = "all"
    MUTATIONS = "mutations"
    ERRORS = "errors"


class RequestLog:
    """The lines of this process. Belongs to one event loop."""

    def __init__(self, logged: Logged = Logged.ERRORS) -> None:
        self._all = logged is Logged.ALL
        self._mutations = logged is not Logged.ERRORS
        self._lines: list[str] = []

    def wants(self, operation_type: OperationType) -> bool:
        """Whether an operation of that type has a line though all went well."""
        wanted = self._all or (self._mutations and operation_type is OperationType.MUTATION)
        return wanted and _logger.isEnabledFor(logging.INFO)

    def add(
        self,
        request_id: str,
        codes: Collection[str],
        *,
        caller: Hashable = None,
        operation: str | None = None,
        kind: str = _NONE,
        seconds: float | None = None,
        cost: int | None = None,
    ) -> None:
        """Writes a line. `codes` are those of its errors and refusals; none where all went well."""
        milliseconds = _NONE if seconds is None else f"{seconds * 1000:.1f}"
        line = (
            f"request {request_id} {kind} {_name(operation)} "
            f"code={','.join(codes) or 'OK'} caller={_NONE if caller is None else caller} "
            f"ms={milliseconds} cost={_NONE if cost is None else cost}"
        )
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.flush)
        self._lines.append(line)

    def flush(self) -> None:
        """Writes what is not written yet."""
        lines, self._lines = self._lines, []
        if lines:
            _logger.info("\n".join(lines))


def codes_in(errors: Iterable[Any]) -> list[str]:
    """The codes of top-level errors as they are told, each once."""
    return [*dict.fromkeys(error["extensions"]["code"] for error in errors)][:CODES]


def _name(operation: str | None) -> str:
    """A name that a document could have; a request may bring any text."""
    if operation is None or not (operation.isascii() and operation.isidentifier()):
        return _NONE
    return operation[:NAME_LENGTH]
