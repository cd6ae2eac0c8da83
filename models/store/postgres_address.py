"""The address of a PostgreSQL, as managed databases give it, with libpq's names for its options.

Read here rather than by Tortoise or asyncpg, which take what they do not know for a setting of the
session, and whose errors repeat parts of the password. No message here repeats the address.
"""

import ssl
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

LAST_PORT: Final = 65_535
DEFAULT_PORT: Final = 5432
LONGEST_CONNECT_SECONDS: Final = 60
SYSTEM: Final = "system"
"""As sslrootcert: the certificate authorities that the operating system trusts."""
_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_ENCRYPTING: Final = ("require", "verify-ca", "verify-full")
"""Those that never fall back to a connection in plain text."""
_SETTINGS: Final = ("application_name", "options")
"""What PostgreSQL is told of a session when it begins."""
_TLS_OPTIONS: Final = ("sslmode", "sslrootcert", "sslcert", "sslkey")
_OPTIONS: Final = (*_TLS_OPTIONS, "host", "connect_timeout", *_SETTINGS)
_FORM: Final = "postgres://USER:PASSWORD@HOST:PORT/NAME"
_ESCAPES: Final = "write # as %23, / as %2F, ? as %3F and % as %25"
_KNOWN_ELSEWHERE: Final = {
    "channel_binding": "asyncpg has no channel binding; leave it out, and use sslmode=verify-full",
    "pgbouncer": "that is an option of Prisma's; leave it out",
    "schema": "that is an option of Prisma's; leave it out",
    "ssl": "it is written sslmode=require, or verify-full",
}


def connection_options(address: str) -> dict[str, Any]:
    """What asyncpg needs to connect: host, port, user, password, database, ssl and more.

    `timeout`, in seconds, is there where the address says how long connecting may take. Raises
    ValueError, which says what is wrong and repeats nothing but names of options.
    """
    if any(character.isspace() or not character.isprintable() for character in address):
        raise ValueError("has a space or a control character; write it as %20, or leave it out")
    if "#" in address:
        raise ValueError(f"has a #; in a user or password, {_ESCAPES}")
    place, _, query = address.partition("://")[2].partition("?")
    authority, _, database = place.partition("/")
    if "@" not in authority and "@" in f"{database}?{query}":
        raise ValueError(f"has an @ behind a / or ?; in a user or password, {_ESCAPES}")
    user_and_password, _, host_and_port = authority.rpartition("@")
    user, _, password = user_and_password.partition(":")
    given = _options_in(query)
    host, port = _host_and_port(host_and_port)
    host = host or given.pop("host", "")
    _check_host(host)
    if not database or "/" in database:
        raise ValueError(f"must end with the name of one database, as in {_FORM}")
    timeout = _seconds(given.pop("connect_timeout", ""))
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "user": _decoded(user) or None,
        "password": _decoded(password) or None,
        "database": _decoded(database),
        "ssl": _encryption(given, is_local=host.startswith("/")),
        "server_settings": {name: value for name, value in given.items() if name in _SETTINGS},
    }
    return options if timeout is None else {**options, "timeout": timeout}


def _options_in(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        if name not in _OPTIONS:
            raise ValueError(_unknown(name))
        if not equals or not value:
            raise ValueError(f"has the option {name} without a value")
        if name in options:
            raise ValueError(f"has the option {name} twice")
        options[name] = _decoded(value)
    return options


def _unknown(name: str) -> str:
    # Only what looks like a name is repeated: a password with an & or ? in it may stand here.
    shown = f" {name}" if name.isidentifier() and name.isascii() and len(name) < len(_FORM) else ""
    why = _KNOWN_ELSEWHERE.get(name, f"supported are {', '.join(_OPTIONS)}")
    return f"has an unsupported option{shown}: {why}"


def _decoded(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
        decoded.encode()
    except UnicodeError:
        decoded = "\0"
    if "\0" in decoded:
        raise ValueError("has a % that does not begin text in UTF-8; % itself is written %25")
    return decoded


def _host_and_port(text: str) -> tuple[str, int]:
    """The host, empty where there is none, and the port."""
    if "," in text:
        raise ValueError("names several hosts; only one is supported")
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or rest[:1] not in ("", ":"):
            raise ValueError("has an IPv6 address that is not in brackets, as in [::1]")
    else:
        host, colon, port = text.partition(":")
        rest = colon + port
    return _decoded(host), _port(rest[1:]) if rest else DEFAULT_PORT


def _port(text: str) -> int:
    return _number(text, LAST_PORT, "has a port that is not a number")


def _number(text: str, most: int, otherwise: str) -> int:
    """A number from 1 to `most`. Raises ValueError, which begins with `otherwise`."""
    if text.isascii() and text.isdecimal() and len(text) <= len(str(LAST_PORT)):
        number = int(text)
        if 1 <= number <= most:
            return number
    raise ValueError(f"{otherwise} from 1 to {most}")


def _check_host(host: str) -> None:
    if not host:
        raise ValueError(f"names no host; write {_FORM}, or ?host=/FOLDER for a socket's folder")
    if host.startswith("/"):
        return
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError("has an invalid host name") from None


def _seconds(text: str) -> int | None:
    if not text:
        return None
    most = LONGEST_CONNECT_SECONDS
    return _number(text, most, "has a connect_timeout that is not a number of seconds")


def _encryption(given: dict[str, str], *, is_local: bool) -> str | bool | ssl.SSLContext:
    """What asyncpg is given as `ssl`. A socket's folder has no TLS unless it is asked for."""
    mode = given.get("sslmode", "disable" if is_local else "prefer")
    if mode not in _MODES:
        raise ValueError(f"has an unknown sslmode; use one of {', '.join(_MODES)}")
    certificates = [name for name in _TLS_OPTIONS[1:] if name in given]
    if mode in _ENCRYPTING:
        return _context(mode, given)
    if certificates:
        needed = ", ".join(_ENCRYPTING)
        raise ValueError(f"has {certificates[0]}, which needs a sslmode of {needed}")
    return False if mode == "disable" else mode


def _context(mode: str, given: dict[str, str]) -> ssl.SSLContext:
    """TLS from 1.2 on. `verify-full` without sslrootcert trusts whom the system trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = mode == "verify-full"
    root = given.get("sslrootcert")
    if root == SYSTEM and mode != "verify-full":
        raise ValueError("has sslrootcert=system, which needs sslmode=verify-full")
    if root is None and mode == "verify-ca":
        raise ValueError("has sslmode=verify-ca, which needs sslrootcert, a file of certificates")
    if root is None and mode == "require":
        context.verify_mode = ssl.CERT_NONE
    elif root in (None, SYSTEM):
        context.load_default_certs()
    else:
        _load("sslrootcert", root, lambda: context.load_verify_locations(root))
    if "sslkey" in given and "sslcert" not in given:
        raise ValueError("has sslkey without sslcert")
    if "sslcert" in given:
        certificate, key = given["sslcert"], given.get("sslkey")
        # A key with a passphrase must not have OpenSSL ask for it at the terminal.
        load = context.load_cert_chain
        both = certificate if key is None else f"{certificate} with sslkey={key}"
        _load("sslcert", both, lambda: load(certificate, key, password=""))
    return context


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL gives no reason for a file without anything in PEM."""
    return error.reason or "it holds no certificate and key in PEM"


def _load(name: str, path: str | None, load: Callable[[], None]) -> None:
    try:
        load()
    except ssl.SSLError as error:
        raise ValueError(f"has {name}={path}, which can't be used: {_reason(error)}") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ValueError(f"has {name}={path}, which can't be read: {reason}") from None
