"""What this package requires from the application that it serves."""

from collections.abc import Callable, Hashable
from typing import Any, Final, Protocol

Clock = Callable[[], int]
"""Returns the time in microseconds since 1970."""
SECOND: Final = 1_000_000
"""In the unit of a Clock."""

Describe = Callable[[Exception, str], tuple[str, dict[str, Any]]]
"""Returns the message and the extensions that describe an application's exception.

It is also given the request's id and logs what is not meant for the caller. An error that may
succeed later has the extension `retryable`, and a bug has the code INTERNAL.
"""
INTERNAL: Final = "INTERNAL_SERVER_ERROR"


class CarriedOut:
    """Base of what mutations answer once what they do is committed.

    Whatever fails from then on does not undo it, so that its errors say so.
    """


class Unauthenticated(Exception):
    """The caller is not authenticated; the message says why without saying what is accepted."""


class Caller(Protocol):
    """The caller: a signed-in user, or an anonymous client at an address."""

    @property
    def user(self) -> object | None:
        """None without a token."""

    @property
    def key(self) -> Hashable:
        """The key by which calls are counted."""


class Context(Protocol):
    """Passed to resolvers as `info.context`; one per operation."""

    @property
    def caller(self) -> Caller: ...

    @property
    def request_id(self) -> str: ...

    @property
    def codes(self) -> list[str]:
        """The codes of the refusals that mutations answered with, for the log."""

    def seconds_left(self) -> float | None:
        """Seconds until the caller's token expires; None without a token."""

    def event_id(self, event: object) -> str | None:
        """What a client names an event of a subscription by, to go on after it; None for none."""


class Authenticator(Protocol):
    """Identifies callers and creates contexts for their operations."""

    def known(self, authorization: str | None) -> Caller | None:
        """Returns the caller of an Authorization header that was seen before, without waiting."""

    async def caller(self, authorization: str | None, address: str | None) -> Caller:
        """Returns the caller of a header, or an anonymous one without it.

        Raises Unauthenticated, Throttled, and exceptions known to Describe.
        """

    def nobody_at(self, address: str | None) -> Caller:
        """Returns an anonymous caller at an address."""

    def context(self, caller: Any, request_id: str, last_event_id: str | None = None) -> Context:
        """A context for an operation of one of its own callers.

        A subscription goes on after the event with the id `last_event_id`, where there is one.
        """
