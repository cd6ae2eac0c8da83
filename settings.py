"""The settings: what each environment variable means and how it is parsed.

Given the environment by `server.py`, which alone reads it.
"""

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from models.checkpoints.keys import CheckpointKey, parse_32_bytes
from models.store.database import dialect_of, sqlite_path
from models.store.postgres_address import connection_options
from resolvers.people.tokens import SECRET_BYTES, TokenRules
from serving.operations.quotas import Limits
from serving.operations.request_log import Logged
from serving.operations.throttle import Rate
from serving.transport.uvicorn import CONNECTIONS

DEVELOPMENT = "development"
PRODUCTION = "production"
LAST_PORT = 65_535
NUMBER_DIGITS = 9
LEAST_INTERVAL = 60
MOST_CONNECTIONS = 1_000_000
PREFIX = "CONNECTS_"
OTHER_VARIABLES = ("CONNECTS_TEST_", "CONNECTS_BENCH_")
"""How the variables begin that the tests and benchmarks read."""
ALIKE = 0.9
"""How much a name must be like a setting's, of 1, to be taken for one without `CONNECTS_`."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_NOT_OF_PAGES = frozenset({"about", "blob", "data", "file", "ftp", "ftps", "mailto", "ws", "wss"})
"""Schemes that browsers send no origin of."""


class Setting(NamedTuple):
    """One environment variable: what it means, its default, and how its text is read."""

    meaning: str
    default: str
    read: Callable[[str], Any]


class WrongSettingError(Exception):
    """A setting is missing or wrong; the message names it."""


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(filter(None, words))}")
        return text

    return read


def _number(text: str) -> int | None:
    """A number from 0 of up to NUMBER_DIGITS digits; None for anything else."""
    if text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS:
        return int(text)
    return None


def _port(text: str) -> int:
    port = _number(text)
    if port is None or port > LAST_PORT:
        raise ValueError(f"must be a port, 0 to {LAST_PORT}")
    return port


def _count(text: str) -> int:
    count = _number(text)
    if count is None or not 1 <= count <= MOST_CONNECTIONS:
        raise ValueError(f"must be a number, 1 to {MOST_CONNECTIONS:,}")
    return count


def _database_url(text: str) -> str:
    if dialect_of(text) == "sqlite":
        path = sqlite_path(text)
        if path.is_dir() or not path.parent.is_dir():
            raise ValueError(f"must name a file in a folder that exists, unlike {path}")
    else:
        connection_options(text)
    return text


def _secret(text: str) -> str:
    if text and len(text.encode()) < SECRET_BYTES:
        raise ValueError(f"needs at least {SECRET_BYTES} bytes, not {len(text.encode())}")
    return text


def _key(text: str) -> bytes | None:
    return parse_32_bytes(text) if text else None


def _seconds(text: str) -> int:
    seconds = _number(text)
    if seconds is None or seconds < LEAST_INTERVAL:
        raise ValueError(f"must be a number of seconds, {LEAST_INTERVAL} or more")
    return seconds


def _yes_or_no(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _rate(units: str, example: str) -> Callable[[str], Rate | None]:
    """Units at most, and units restored each second; None for `off`."""

    def read(text: str) -> Rate | None:
        if text == "off":
            return None
        rate = _two_numbers(text)
        if rate is None:
            raise ValueError(f"must be off, or MAXIMUM/RESTORED in {units}, as in {example}")
        return Rate(*rate)

    return read


def _claim(text: str) -> str:
    """What a token's claim must be, to the letter; empty for anything."""
    if text and (not text.isprintable() or text != text.strip()):
        raise ValueError("must be text without control characters, or spaces around it")
    return text


def _limits(text: str) -> Limits:
    limits = _two_numbers(text)
    if limits is None:
        raise ValueError("must be ADDRESS/USER in connections, as in 200/50")
    return Limits(*limits)


def _two_numbers(text: str) -> tuple[int, int] | None:
    """Two numbers over 0 with a slash between; None for anything else."""
    first, _, second = text.partition("/")
    numbers = _number(first), _number(second)
    return (numbers[0], numbers[1]) if numbers[0] and numbers[1] else None


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(filter(None, (origin.strip() for origin in text.split(","))))
    for origin in origins:
        if fault := _fault_of_origin(origin):
            raise ValueError(
                f"must hold origins such as https://app.example.com, not {origin!r}: {fault}"
            )
    return origins


def _is_no_page(scheme: str) -> bool:
    """Whether no page comes from a scheme. Apps have some of their own, such as capacitor."""
    return scheme in _NOT_OF_PAGES or not _SCHEME.fullmatch(scheme.lower())


def _fault_of_origin(origin: str) -> str | None:
    """Why it is no origin, letter for letter as browsers send them; None where it is one."""
    scheme, separator, place = origin.partition("://")
    host, slash, path = place.partition("/")
    port = host.rpartition("]")[2].partition(":")[2]
    default_port = str(_DEFAULT_PORTS.get(scheme, ""))
    faults = {
        "list each origin; * is not accepted": "*" in origin,
        "an origin begins with https:// or http:// and names a host": not separator or not host,
        "an origin begins with https:// or http://, or the scheme of an app": _is_no_page(scheme),
        "remove the trailing slash": slash and not path,
        "remove the path": path,
        "an origin is a scheme, a host and a port": any(letter in host for letter in "?#@ \\"),
        "write it in lower case, as browsers send it": origin != origin.lower(),
        "write a non-ASCII host in Punycode (xn--), as browsers send it": not origin.isascii(),
        "remove the scheme's default port, as browsers do": port and port == default_port,
        f"its port must be a number, 1 to {LAST_PORT}": ":" in host and not _is_port(host),
    }
    return next((fault for fault, is_there in faults.items() if is_there), None)


def _is_port(host: str) -> bool:
    """Whether what follows the host is a port, or nothing."""
    try:
        return urlsplit(f"http://{host}").port != 0 and not host.endswith(":")
    except ValueError:
        return False


def _addresses(text: str) -> tuple[str, ...]:
    addresses = tuple(filter(None, (address.strip() for address in text.split(","))))
    for address in addresses:
        try:
            ip_network(address)
        except ValueError:
            raise ValueError(
                f"must hold addresses or networks such as 10.0.0.0/8, not {address!r}"
            ) from None
    return addresses


def _file(text: str) -> Path | None:
    if text and not Path(text).is_file():
        raise ValueError(f"must name a file; there is no file {text}")
    return Path(text) if text else None


SETTINGS = {
    "CONNECTS_DATABASE_URL": Setting(
        "sqlite://FILE or postgres://USER:PASSWORD@HOST:PORT/NAME, with the options sslmode, "
        "sslrootcert, sslcert, sslkey, application_name, connect_timeout, options and host",
        "sqlite://connects.sqlite3",
        _database_url,
    ),
    "CONNECTS_HOST": Setting("the address to listen on", "127.0.0.1", str),
    "CONNECTS_PORT": Setting("the port to listen on; 0 takes a free one", "8000", _port),
    "CONNECTS_ENV": Setting(
        f"{DEVELOPMENT} or {PRODUCTION}", DEVELOPMENT, _one_of(DEVELOPMENT, PRODUCTION)
    ),
    "CONNECTS_AUTH_SECRET": Setting(
        "the secret that signs tokens and statement URLs: at least "
        f"{SECRET_BYTES} bytes; "
        "in development one is generated and kept beside the database",
        "",
        _secret,
    ),
    "CONNECTS_AUTH_ISSUER": Setting(
        "the required `iss` of tokens; by default it is not checked", "", _claim
    ),
    "CONNECTS_AUTH_AUDIENCE": Setting(
        "the required `aud` of tokens, alone or in a list; by default tokens with an `aud` are "
        "refused",
        "",
        _claim,
    ),
    "CONNECTS_PAYMENTS": Setting(
        "sandbox, which takes no money, or none; by default sandbox in development "
        "and none in production",
        "",
        _one_of("", "sandbox", "none"),
    ),
    "CONNECTS_CORS_ORIGINS": Setting(
        "comma-separated origins whose pages may call the API (CORS); none by default; in "
        "development, localhost is also allowed",
        "",
        _origins,
    ),
    "CONNECTS_PROXIES": Setting(
        "comma-separated addresses of trusted proxies, whose X-Forwarded-For is trusted; none by "
        "default",
        "",
        _addresses,
    ),
    "CONNECTS_CONNECTIONS": Setting(
        "the most open connections of a server process; further ones are answered with 503",
        str(CONNECTIONS),
        _count,
    ),
    "CONNECTS_THROTTLE": Setting(
        "MAXIMUM/RESTORED: the most points of cost that a caller has, and how many are restored "
        "per second; or off",
        "10000/500",
        _rate("points", "10000/500"),
    ),
    "CONNECTS_NEW_USERS": Setting(
        "MAXIMUM/RESTORED: the most new users from one address at once, and how many more per "
        "second; the same for new accounts, and ten times that for one token issuer; or off",
        "60/1",
        _rate("users", "60/1"),
    ),
    "CONNECTS_STREAMS": Setting(
        "ADDRESS/USER: the most open WebSockets and event streams of an address without a token, "
        "and of a user",
        "200/50",
        _limits,
    ),
    "CONNECTS_TRUSTED_DOCUMENTS": Setting(
        "a JSON file of documents by SHA-256 hash, which clients may send instead", "", _file
    ),
    "CONNECTS_TRUSTED_DOCUMENTS_ONLY": Setting(
        "true: execute no other documents", "false", _yes_or_no
    ),
    "CONNECTS_INTROSPECTION": Setting(
        "false: no introspection and no suggestions in error messages",
        "true",
        _yes_or_no,
    ),
    "CONNECTS_FEDERATION": Setting(
        "true: serve the schema as an Apollo Federation 2 subgraph", "false", _yes_or_no
    ),
    "CONNECTS_CHECKPOINT_KEY": Setting(
        "the Ed25519 key that checkpoints are signed with, as 64 digits in hexadecimal "
        "(openssl rand -hex 32); without it none are made",
        "",
        _key,
    ),
    "CONNECTS_CHECKPOINT_INTERVAL": Setting(
        f"how many seconds after one checkpoint the next is made, {LEAST_INTERVAL} or more",
        "86400",
        _seconds,
    ),
    "CONNECTS_LOG_REQUESTS": Setting(
        "which requests are logged: all, mutations, or errors; refused and failed ones always are; "
        "by default all in development and mutations in production",
        "",
        _one_of("", *Logged),
    ),
    "CONNECTS_LOG_LEVEL": Setting(
        "debug, info, warning or error", "info", _one_of("debug", "info", "warning", "error")
    ),
}


@dataclass(frozen=True)
class Settings:
    database_url: str
    host: str
    port: int
    env: str
    auth_secret: str
    auth_issuer: str
    auth_audience: str
    payments: str
    cors_origins: tuple[str, ...]
    proxies: tuple[str, ...]
    connections: int
    throttle: Rate | None
    new_users: Rate | None
    streams: Limits
    trusted_documents: Path | None
    trusted_documents_only: bool
    introspection: bool
    federation: bool
    checkpoint_key: bytes | None
    checkpoint_interval: int
    log_requests: str
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises WrongSettingError, naming the variable, for a value that can't be used.

        Also for a variable that is no setting and looks like one.
        """
        _check_names(environment)
        values = {}
        for name, setting in SETTINGS.items():
            try:
                text = environment.get(name) or setting.default
                values[name.removeprefix(PREFIX).lower()] = setting.read(text)
            except ValueError as error:
                raise WrongSettingError(f"{name} {error}.") from error
        if values["trusted_documents_only"] and not values["trusted_documents"]:
            raise WrongSettingError(
                "CONNECTS_TRUSTED_DOCUMENTS_ONLY is true, but CONNECTS_TRUSTED_DOCUMENTS is not"
                " set."
            )
        return cls(**values)

    @property
    def in_production(self) -> bool:
        return self.env == PRODUCTION

    @property
    def requests_to_log(self) -> Logged:
        if self.log_requests:
            return Logged(self.log_requests)
        return Logged.MUTATIONS if self.in_production else Logged.ALL

    @property
    def takes_sandbox_payments(self) -> bool:
        return self.payments == "sandbox" or (not self.payments and not self.in_production)

    def signing_checkpoints(self) -> CheckpointKey:
        """The key for checkpoints. Raises WrongSettingError where there is none."""
        if self.checkpoint_key is None:
            raise WrongSettingError(
                "CONNECTS_CHECKPOINT_KEY is missing. Set it to the key that checkpoints are signed "
                "with, as made by `openssl rand -hex 32`."
            )
        return CheckpointKey(self.checkpoint_key)

    def token_rules(self) -> TokenRules:
        """What tokens must be. Raises WrongSettingError where production has no secret."""
        return TokenRules(self.secret(), self.auth_issuer, self.auth_audience)

    def secret(self) -> str:
        """The secret for tokens. Raises WrongSettingError where production has none."""
        if self.auth_secret:
            return self.auth_secret
        if self.in_production:
            raise WrongSettingError(
                "CONNECTS_AUTH_SECRET is missing. In production it must be set to a random text "
                f"of at least {SECRET_BYTES} bytes, the same for every server process."
            )
        return _kept_secret(self.database_url)


def _check_names(environment: Mapping[str, str]) -> None:
    """Raises WrongSettingError for a name that is nearly a setting's, or begins like one."""
    for name in sorted(environment):
        is_ours = name.upper().startswith(PREFIX)
        if name in SETTINGS or name.startswith(OTHER_VARIABLES):
            continue
        known = {setting.removeprefix(PREFIX): setting for setting in SETTINGS}
        if is_ours:
            near = get_close_matches(name.upper().removeprefix(PREFIX), known, 1)
        else:
            near = get_close_matches(name, SETTINGS, 1, ALIKE)
        nearest = f" Did you mean {known.get(near[0], near[0])}?" if near else ""
        if is_ours or near:
            raise WrongSettingError(
                f"{name} is not a setting.{nearest} `python server.py --help` lists them all."
            )


def _kept_secret(database_url: str) -> str:
    """Development's secret: made once, kept beside the database, readable by its owner only."""
    in_file = dialect_of(database_url) == "sqlite"
    path = Path(f"{sqlite_path(database_url)}.secret" if in_file else "connects.secret")
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.write(handle, secrets.token_urlsafe(48).encode())
        os.close(handle)
        # Of two processes that come here at once, one links its file, and both read that one.
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    return path.read_text(encoding="ascii")
