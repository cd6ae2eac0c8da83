"""Rules for the head of a request, beyond HTTP's grammar.

A proxy and this server must not interpret a request differently. Requests that state twice where a
body ends, who the caller is or which host is meant are therefore refused.
"""

from typing import Final

HEADERS: Final = 200
"""How many headers a request may have."""
LENGTH_DIGITS: Final = 15
"""How many digits Content-Length may have."""
RawHeaders = list[tuple[bytes, bytes]]
_ONCE: Final = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"expect",
        b"host",
        b"origin",
        b"transfer-encoding",
    }
)


class BadHeadError(Exception):
    """The head of a request violates a rule; the message, in ASCII, says which."""


def checked_head(version: str, headers: RawHeaders) -> dict[bytes, bytes]:
    """Returns the headers by lower-case name; the last one if a name is repeated.

    `version` is a string such as 1.1. Raises BadHeadError.
    """
    if len(headers) > HEADERS:
        raise BadHeadError(f"A request may have at most {HEADERS} headers.")
    named = dict(headers)
    if len(named) != len(headers):
        _check_repeated(headers)
    length = named.get(b"content-length")
    if length is not None and (len(length) > LENGTH_DIGITS or not length.isdigit()):
        _check_length(length)
    if version != "1.1":
        _check_version(version, named)
    elif b"host" not in named:
        raise BadHeadError("An HTTP/1.1 request needs a Host header.")
    if b"transfer-encoding" in named:
        _check_transfer(named)
    return named


def _check_repeated(headers: RawHeaders) -> None:
    seen = set()
    for name, _ in headers:
        if name in _ONCE and name in seen:
            raise BadHeadError(f"The header {name.decode().title()} may occur only once.")
        seen.add(name)


def _check_length(length: bytes) -> None:
    """The parser keeps the spaces after a value, which are not part of it."""
    digits = length.strip(b" \t")
    if len(digits) > LENGTH_DIGITS or not digits.isdigit():
        raise BadHeadError(f"Content-Length must be 1 to {LENGTH_DIGITS} digits.")


def _check_version(version: str, named: dict[bytes, bytes]) -> None:
    if version != "1.0":
        raise BadHeadError("The supported versions are HTTP/1.1 and HTTP/1.0.")
    if b"transfer-encoding" in named:
        raise BadHeadError("HTTP/1.0 has no Transfer-Encoding.")


def _check_transfer(named: dict[bytes, bytes]) -> None:
    if b"content-length" in named:
        raise BadHeadError("Send Content-Length or Transfer-Encoding, not both.")
    if named[b"transfer-encoding"].strip(b" \t").lower() != b"chunked":
        raise BadHeadError("The only supported Transfer-Encoding is chunked.")


def check_upgrade(method: bytes, named: dict[bytes, bytes], *, is_web_socket: bool) -> None:
    """Raises BadHeadError if a request for another protocol has a body.

    The parser does not separate such a body from the request after it.
    """
    has_body = b"transfer-encoding" in named or named.get(b"content-length", b"0").strip() != b"0"
    if is_web_socket and (has_body or method != b"GET"):
        raise BadHeadError("A WebSocket handshake is a GET request without a body.")
    if has_body:
        raise BadHeadError("Upgrade is supported for WebSockets only. Omit the header.")
