"""Short-lived signed addresses: who has one may open the statement that it names, for a while.

An address holds what it names and until when, and an HMAC of both, made with a key that only the
server has. Nothing is stored, and no token is needed to open it: only members are given any.
"""

import base64
import hmac
import struct
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from models.rules.instants import SECOND
from models.store.history.sums import Span

PATH: Final = "/statements"
KEY: Final = "key"
"""In the query of the address, which the log leaves out."""
LIFETIME: Final = 15 * 60 * SECOND
_FORM: Final = struct.Struct(">16s5q")
_MAC_BYTES: Final = 32
_KEY_LENGTH: Final = 200
_PURPOSE: Final = b"connects: addresses of statements, 1"


class Format(StrEnum):
    """What an address gives."""

    CSV = "csv"
    PRINT = "print"


class Named(NamedTuple):
    """A statement of [start, end): the entries `span` of the account's wallet."""

    account_id: UUID
    start: int
    end: int
    span: Span


class BadAddressError(Exception):
    """The address was not made by this service, or it was changed."""


class ExpiredAddressError(Exception):
    """The address was good, and is no longer."""


def signing_key(secret: str) -> bytes:
    """The key for addresses, made from the secret that tokens are signed with."""
    return hmac.digest(secret.encode(), _PURPOSE, sha256)


def address(key: bytes, form: Format, named: Named, expires_at: int) -> str:
    """The path and query that give the statement until the instant `expires_at`."""
    account_id, start, end, span = named
    text = _FORM.pack(account_id.bytes, start, end, *span, expires_at)
    return f"{PATH}/{form}?{KEY}={_encoded(text + _mac(key, form, text))}"


def read(key: bytes, form: Format, given: str, now: int) -> Named:
    """What the query of an address names. Raises BadAddressError and ExpiredAddressError."""
    try:
        if len(given) > _KEY_LENGTH:
            raise ValueError("longer than all there are")
        raw = base64.urlsafe_b64decode(given.encode("ascii") + b"=" * (-len(given) % 4))
        text, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        # The decoder passes over bits that count for nothing, and over what is no base64.
        if _encoded(raw) != given or not hmac.compare_digest(mac, _mac(key, form, text)):
            raise ValueError("changed")
        account_id, start, end, after, upto, expires_at = _FORM.unpack(text)
    except (ValueError, struct.error) as error:
        raise BadAddressError from error
    if expires_at <= now:
        raise ExpiredAddressError
    return Named(UUID(bytes=account_id), start, end, Span(after, upto))


def _mac(key: bytes, form: Format, text: bytes) -> bytes:
    return hmac.digest(key, form.encode() + b"\0" + text, sha256)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
