"""What this package asks of the application that it serves."""

from collections.abc import Callable, Hashable
from typing import Any, Final, Protocol

Clock = Callable[[], int]
"""Gives the time in microseconds since 1970."""
SECOND: Final = 1_000_000
"""In the unit of a Clock."""

Describe = Callable[[Exception, str], tuple[str, dict[str, Any]]]
"""The message and the extensions that answer an exception of the application.

It is given the request's id, too, and logs what is not meant for the caller. What may succeed
later has the extension `retryable`, and a bug the code INTERNAL.
"""
INTERNAL: Final = "INTERNAL_SERVER_ERROR"


class CarriedOut:
    """Base of what mutations answer once what they do is committed.

    Whatever fails from then on does not undo it, so that its errors say so.
    """


class Unauthenticated(Exception):
    """A caller is not accepted; the message says why, without saying what would be accepted."""


class Caller(Protocol):
    """Who asks: a signed-in user, or somebody at an address."""

    @property
    def user(self) -> object | None:
        """None without a token."""

    @property
    def key(self) -> Hashable:
        """What calls are counted by."""


class Context(Protocol):
    """What resolvers are given as `info.context`; one for each operation."""

    @property
    def caller(self) -> Caller: ...

    @property
    def request_id(self) -> str: ...

    @property
    def codes(self) -> list[str]:
        """The codes of the refusals that mutations answered with, for the log."""

    def seconds_left(self) -> float | None:
        """How long the caller's token is good for; None where there is none."""

    def event_id(self, event: object) -> str | None:
        """What a client names an event of a subscription by, to go on after it; None for none."""


class Application(Protocol):
    """Tells callers, and makes contexts for their operations."""

    def known(self, authorization: str | None) -> Caller | None:
        """The caller of an Authorization header that was seen before, at once."""

    async def caller(self, authorization: str | None, address: str | None) -> Caller:
        """The caller of a header, or somebody at an address without one.

        Raises Unauthenticated, Throttled, and what Describe knows.
        """

    def nobody_at(self, address: str | None) -> Caller:
        """Somebody at an address, without a token."""

    def context(self, caller: Any, request_id: str, last_event_id: str | None = None) -> Context:
        """A context for an operation of one of its own callers.

        A subscription goes on after the event with the id `last_event_id`, where there is one.
        """
