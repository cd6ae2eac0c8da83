"""Public identifiers: UUIDv7 (RFC 9562), so that rows made later sort later."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id(instant: int) -> UUID:
    """A new id made at `instant` (microseconds since 1970)."""
    return uuid7(nanoseconds=instant * 1000)
