"""Public identifiers: UUIDv7 (RFC 9562), which sort by creation time.

`parse_uuid` parses a UUID into a type that is implemented in C.
"""

from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from models.store.internals.asyncpg import parse_uuid

__all__ = ["new_id", "parse_uuid"]

_FRACTION_BITS: Final = 12
_FRACTION_SHIFT: Final = 64
_FRACTION_MASK: Final = ((1 << _FRACTION_BITS) - 1) << _FRACTION_SHIFT
_MILLISECOND: Final = 1000


def new_id(instant: int) -> UUID:
    """Creates an id for `instant` (microseconds since 1970).

    The 12 bits after the milliseconds hold the fraction of a millisecond (RFC 9562, section 6.2,
    method 3), so ids sort by microsecond.
    """
    fraction = ((instant % _MILLISECOND) << _FRACTION_BITS) // _MILLISECOND
    random = uuid7(nanoseconds=instant * 1000).int & ~_FRACTION_MASK
    return UUID(int=random | fraction << _FRACTION_SHIFT)
