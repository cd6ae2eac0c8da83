"""Settings, lifespan, routes, command line. The only file that reads the environment."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import secrets
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import asyncpg
import tortoise.exceptions
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from tqdm import tqdm

from models.clock import system_clock
from models.database import Database, dialect_of, open_database, sqlite_path
from models.ledger import Ledger
from models.migrate import migrate, open_migrated
from models.rules.instants import SECOND
from models.rules.kinds import PurchaseStatus
from models.rules.refusals import Refusal
from models.statements import both
from models.verify import verify
from resolvers.authentication import SECRET_BYTES, Unauthenticated, issue_token, read_token
from resolvers.buy_connects import settle
from resolvers.demo import DEMO_USERS, make_demo_data
from resolvers.loaders import Loaders
from resolvers.payments import PaymentResult, SandboxPayments
from resolvers.services import Services
from schema.http import METHODS, GraphQLEndpoint
from schema.ids import parse_id
from schema.schema import schema

DEVELOPMENT = "development"
PRODUCTION = "production"
TOKEN_HOURS = 24
DEMO_TOKEN_HOURS = 30 * 24
SHUTDOWN_SECONDS = 10
LAST_PORT = 65_535


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


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > LAST_PORT:
        raise ValueError(f"must be a port, 0 to {LAST_PORT}")
    return int(text)


def _database_url(text: str) -> str:
    if dialect_of(text) == "sqlite":
        path = sqlite_path(text)
        if path.is_dir() or not path.parent.is_dir():
            raise ValueError(f"must name a file in a folder that exists, unlike {path}")
    elif urlsplit(text).port == 0:
        raise ValueError("has port 0")
    return text


def _secret(text: str) -> str:
    if text and len(text.encode()) < SECRET_BYTES:
        raise ValueError(f"needs at least {SECRET_BYTES} bytes, not {len(text.encode())}")
    return text


SETTINGS = {
    "CONNECTS_DATABASE_URL": Setting(
        "sqlite://FILE or postgres://USER:PASSWORD@HOST:PORT/NAME",
        "sqlite://connects.sqlite3",
        _database_url,
    ),
    "CONNECTS_HOST": Setting("the address to listen on", "127.0.0.1", str),
    "CONNECTS_PORT": Setting("the port to listen on; 0 takes a free one", "8000", _port),
    "CONNECTS_ENV": Setting(
        f"{DEVELOPMENT} or {PRODUCTION}", DEVELOPMENT, _one_of(DEVELOPMENT, PRODUCTION)
    ),
    "CONNECTS_AUTH_SECRET": Setting(
        f"the secret that tokens are signed with, at least {SECRET_BYTES} bytes; "
        "in development one is made once and kept beside the database",
        "",
        _secret,
    ),
    "CONNECTS_PAYMENTS": Setting(
        "sandbox, which takes no money, or none; by default sandbox in development "
        "and none in production",
        "",
        _one_of("", "sandbox", "none"),
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
    payments: str
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises WrongSettingError, naming the variable, for a value that can't be used."""
        values = {}
        for name, setting in SETTINGS.items():
            try:
                text = environment.get(name) or setting.default
                values[name.removeprefix("CONNECTS_").lower()] = setting.read(text)
            except ValueError as error:
                raise WrongSettingError(f"{name} {error}.") from error
        return cls(**values)

    @property
    def in_production(self) -> bool:
        return self.env == PRODUCTION

    @property
    def takes_sandbox_payments(self) -> bool:
        return self.payments == "sandbox" or (not self.payments and not self.in_production)

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


@contextlib.asynccontextmanager
async def running_services(settings: Settings) -> AsyncIterator[Services]:
    """Everything the use cases need, on a database whose tables are up to date."""
    database = await open_migrated(settings.database_url)
    ledger = Ledger(database, system_clock)
    ledger.start()
    try:
        yield Services(
            database=database,
            ledger=ledger,
            clock=system_clock,
            loaders=Loaders(database),
            payments=SandboxPayments() if settings.takes_sandbox_payments else None,
        )
    finally:
        await ledger.close()
        await database.close()


def make_app(settings: Settings, *, demo: bool = False) -> Starlette:
    """The ASGI application. `demo` makes the demo data at the start, unless it is there."""
    secret = settings.secret()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with running_services(settings) as services:
            if demo:
                await make_demo_data(services)
            _spare_the_collector()
            endpoint = GraphQLEndpoint(services, secret, graphiql=not settings.in_production)
            yield {"graphql": endpoint, "services": services}

    return Starlette(
        routes=[
            Route("/", _go_to_graphql),
            Route("/graphql", _graphql, methods=METHODS),
            Route("/health", _health),
        ],
        lifespan=lifespan,
    )


def _spare_the_collector() -> None:
    """What is there at the start stays; a request makes much that is gone with it.

    As Python comes, a sixth of a spend's processor time went to looking for garbage.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


async def _graphql(request: Request) -> Response:
    endpoint: GraphQLEndpoint = request.state.graphql
    return await endpoint(request)


async def _go_to_graphql(_request: Request) -> Response:
    return RedirectResponse("/graphql")


async def _health(request: Request) -> Response:
    """Whether the database answers; for load balancers."""
    services: Services = request.state.services
    try:
        await services.database.fetch(both("SELECT 1"))
    except Exception:
        logging.getLogger(__name__).exception("the database does not answer")
        return JSONResponse({"status": "unavailable"}, 503)
    return JSONResponse({"status": "ok"})


class _AnnouncingServer(uvicorn.Server):
    """Says where it is once it really listens: only then is the port known."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[int], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce(self.servers[0].sockets[0].getsockname()[1])


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.demo and settings.in_production:
        raise WrongSettingError("--demo is not for CONNECTS_ENV=production.")
    app = make_app(settings, demo=arguments.demo)
    # Before anything listens, so that a database that is not there is named in one line.
    asyncio.run(_bring_up_to_date(settings))

    def announce(port: int) -> None:
        where = f"http://{settings.host}:{port}/graphql"
        if settings.in_production:
            print(f"Connects answers at {where}", flush=True)
        else:
            print(f"Connects answers at {where}; open it in a browser for GraphiQL.", flush=True)
        if dialect_of(settings.database_url) == "sqlite":
            path = sqlite_path(settings.database_url)
            print(f"It keeps its data in {path}; delete {path}* to start afresh.", flush=True)
        if arguments.demo:
            _print_demo_tokens(settings)

    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=not settings.in_production,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        server_header=False,
    )
    server = _AnnouncingServer(config, announce)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 3


def _print_demo_tokens(settings: Settings) -> None:
    print("Paste one of these into GraphiQL's headers:\n")
    for user in DEMO_USERS:
        token = _token(settings, user.subject, DEMO_TOKEN_HOURS, name=user.name)
        print(f'{user.name}, {user.role}:\n{{"Authorization": "Bearer {token}"}}\n', flush=True)


def _token(settings: Settings, subject: str, hours: int, **claims: str) -> str:
    expires_at = system_clock() + hours * 3600 * SECOND
    return issue_token(settings.secret(), subject, expires_at, **claims)


def _issue(settings: Settings, arguments: argparse.Namespace) -> int:
    claims = {
        name: value
        for name, value in (("name", arguments.name), ("email", arguments.email))
        if value is not None
    }
    token = _token(settings, arguments.user, arguments.hours, **claims)
    try:
        read_token(settings.secret(), token, system_clock())
    except Unauthenticated as error:
        print(f"Such a token would be refused. {error}", file=sys.stderr)
        return 2
    print(token)
    return 0


async def _bring_up_to_date(settings: Settings) -> list[str]:
    database = await _open(settings)
    try:
        return await migrate(database, settings.database_url)
    except tortoise.exceptions.BaseORMException as error:
        raise WrongSettingError(
            f"CONNECTS_DATABASE_URL names no database of ours: {error}."
        ) from error
    finally:
        await database.close()


async def _open(settings: Settings) -> Database:
    try:
        return await open_database(settings.database_url)
    except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise WrongSettingError(f"CONNECTS_DATABASE_URL can't be opened: {error}.") from error


async def _open_ledger(settings: Settings) -> Database:
    """Opens a database that has a ledger, and makes none."""
    url = settings.database_url
    if dialect_of(url) == "sqlite" and not sqlite_path(url).exists():
        raise WrongSettingError(f"CONNECTS_DATABASE_URL: there is no file {sqlite_path(url)}.")
    database = await _open(settings)
    try:
        await database.fetch(both("SELECT 1 FROM entry LIMIT 1"))
    except (sqlite3.Error, asyncpg.PostgresError) as error:
        await database.close()
        raise WrongSettingError(f"CONNECTS_DATABASE_URL names no ledger: {error}.") from error
    return database


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    applied = asyncio.run(_bring_up_to_date(settings))
    print(f"Applied: {', '.join(applied)}" if applied else "The tables are up to date.")
    return 0


def _settle(settings: Settings, arguments: argparse.Namespace) -> int:
    parsed = parse_id(arguments.purchase)
    if parsed is None or parsed.type_name != "Purchase":
        print(f"{arguments.purchase!r} is not the id of a Purchase.", file=sys.stderr)
        return 2
    purchase_id = parsed.id
    result = PaymentResult.DECLINED if arguments.declined else PaymentResult.PAID

    async def run() -> PurchaseStatus:
        async with running_services(settings) as services:
            await settle(services, purchase_id, result)
            purchase = await services.loaders.purchases.load(purchase_id)
            assert purchase is not None
            return purchase.status

    try:
        status = asyncio.run(run())
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    print(f"The purchase is {status}.")
    return 0


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    async def run() -> int:
        database = await _open_ledger(settings)
        try:
            with tqdm(unit=" entries", disable=arguments.quiet or None) as bar:

                def progress(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                faults = await verify(database, progress, limit=arguments.limit)
        finally:
            await database.close()
        for fault in faults:
            print(f"Invariant {fault.invariant}: {fault.where}: {fault.message}", file=sys.stderr)
        print("The ledger is sound." if not faults else "The ledger is broken.")
        return 1 if faults else 0

    return asyncio.run(run())


def _schema(_settings: Settings, _arguments: argparse.Namespace) -> int:
    print(schema.as_str())
    return 0


def _parser() -> argparse.ArgumentParser:
    settings = "\n".join(
        f"  {name}\n      {setting.meaning}"
        + (f" (default: {setting.default})" if setting.default else "")
        for name, setting in SETTINGS.items()
    )
    parser = argparse.ArgumentParser(
        prog="python server.py",
        description="Connects: the currency of a freelance marketplace, as a GraphQL server.",
        epilog=f"settings, from the environment:\n{settings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = commands.add_parser("run", help="serve (the default command)")
    run.add_argument("--demo", action="store_true", help="make demo data and print its tokens")
    run.set_defaults(command=_run)
    parser.set_defaults(command=_run, demo=False)

    token = commands.add_parser("token", help="issue a token for a user")
    token.add_argument("user", metavar="USER", help="the token's sub")
    token.add_argument("--name", help="the user's name")
    token.add_argument("--email", help="the user's e-mail address")
    token.add_argument("--hours", type=int, default=TOKEN_HOURS, help="how long it is good for")
    token.set_defaults(command=_issue)

    commands.add_parser("migrate", help="bring the database's tables up to date").set_defaults(
        command=_migrate
    )

    settling = commands.add_parser(
        "sandbox-settle", help="report a pending sandbox payment as paid"
    )
    settling.add_argument("purchase", metavar="PURCHASE_ID", help="the id of the purchase")
    settling.add_argument("--declined", action="store_true", help="report it as declined")
    settling.set_defaults(command=_settle)

    verifying = commands.add_parser("verify", help="check that the ledger is sound; 1 if not")
    verifying.add_argument("--limit", type=_positive, default=1, help="how many faults to report")
    verifying.add_argument("--quiet", action="store_true", help="no progress bar")
    verifying.set_defaults(command=_verify)

    commands.add_parser("schema", help="print the GraphQL schema").set_defaults(command=_schema)
    return parser


def main() -> int:
    """The command line. Exits 2 where a setting or an argument is wrong."""
    arguments = _parser().parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        status: int = arguments.command(settings, arguments)
    except WrongSettingError as error:
        print(error, file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
