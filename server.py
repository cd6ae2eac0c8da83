"""The command line. The only file that reads the environment."""

import argparse
import asyncio
import contextlib
import errno
import os
import resource
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import IO, Any

if lacking := [
    name
    for name in ("asyncpg", "cryptography", "strawberry", "tqdm", "uvicorn")
    if not find_spec(name)
]:
    print(
        f"This Python lacks what server.py needs ({', '.join(lacking)}). `make run` installs it "
        "into .venv and starts the server; after that, use .venv/bin/python server.py.",
        file=sys.stderr,
    )
    sys.exit(2)

import asyncpg
import uvicorn
from tqdm import tqdm

from app import Application, running_services
from logs import log_config
from models.checkpoints.files import (
    CheckpointFileError,
    creating,
    read_header,
    read_heads,
    write_newest,
)
from models.checkpoints.keys import parse_32_bytes
from models.checkpoints.making import make_checkpoint
from models.clock import system_clock
from models.migrate import migrate
from models.migration_steps import DATABASE_ERRORS, MigrationError, in_a_line
from models.rules.instants import SECOND, rfc3339
from models.rules.kinds import PurchaseStatus
from models.rules.proof.checkpoints import Checkpoint, Head
from models.rules.refusals import Refusal
from models.store.database import Database, dialect_of, open_database, sqlite_path
from models.store.database_clock import DatabaseClock
from models.store.history import spending_sums
from models.store.statements import both
from models.verify import verify
from resolvers.buy_connects import settle
from resolvers.demo.story import DEMO_USERS
from resolvers.payments import PaymentResult
from resolvers.people.tokens import BadTokenError, issue_token, read_token
from schema.federation import subgraph_sdl
from schema.ids import parse_id
from schema.schema import schema
from serving.transport.bodies import BODY_BYTES
from serving.transport.graphiql import GraphiQL
from serving.transport.socket_protocol import WebSocketProtocol
from serving.transport.uvicorn import RESERVED, HttpProtocol
from settings import SETTINGS, Settings, WrongSettingError

TOKEN_HOURS = 24
DEMO_TOKEN_HOURS = 30 * 24
GRACE_SECONDS = 4.5
"""How long requests may go on when the server stops; then they are answered TRY_AGAIN."""
SHUTDOWN_SECONDS = 5
"""How long it waits for connections to end. All in all it has stopped after ten seconds."""
CONNECTION_SECONDS = 30
BACKLOG = 16_384
"""How many connections may wait to be accepted. The kernel holds it to its own bound, on Linux
net.core.somaxconn. Beyond it the kernel drops a client's packets, and the client waits for a second
and more before it sends them again.
"""
ACCEPTED_TOGETHER = 32
"""How many connections are accepted in a turn of the event loop.

libuv accepts one for each listening descriptor. Under load, with long turns, newcomers would wait
behind thousands.
"""
INTERRUPTED = 128 + signal.SIGINT
OTHER_FILES = 128
"""How many files the server needs at most beside its connections."""


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(text)


def _public_key(text: str) -> bytes:
    try:
        return parse_32_bytes(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


class _AnnouncingServer(uvicorn.Server):
    """Says where it is once it answers.

    Before it stops, it ends the subscriptions, which have no end of their own.
    """

    def __init__(self, app: Application, announce: Callable[[], None], **options: Any) -> None:
        super().__init__(uvicorn.Config(app, **options))
        self._app = app
        self._announce = announce

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: Any = None) -> None:
        giving_up = asyncio.create_task(self._give_up())
        await self._app.end_subscriptions()
        await super().shutdown(sockets)
        giving_up.cancel()

    async def _give_up(self) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        await self._app.give_up()


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.demo and settings.in_production:
        raise WrongSettingError("--demo is not available with CONNECTS_ENV=production.")
    graphiql = None if settings.in_production else GraphiQL(_story_tokens(settings, arguments.demo))
    app = Application(settings, graphiql, demo=arguments.demo)
    # Before anything listens, so that a database that is not there is named in one line.
    asyncio.run(_bring_up_to_date(settings, compares_clocks=True))
    listening = _listening(settings)

    def announce() -> None:
        where = f"http://{settings.host}:{listening.getsockname()[1]}/graphql"
        if settings.in_production:
            print(f"Connects answers at {where}", flush=True)
        else:
            print(f"Connects answers at {where}; open it in a browser for GraphiQL.", flush=True)
        if graphiql and not graphiql.is_complete:
            print(
                "GraphiQL's own files are missing, so its page comes from a CDN. With Node, "
                "`make run` fetches them.",
                flush=True,
            )
        if dialect_of(settings.database_url) == "sqlite":
            path = sqlite_path(settings.database_url)
            afresh = "" if settings.in_production else f"; delete {path}* to start over"
            print(f"Data is stored in {path}{afresh}.", flush=True)
        if arguments.demo:
            _print_demo_tokens(_demo_tokens(settings, True))

    server = _AnnouncingServer(
        app,
        announce,
        log_config=log_config(settings.log_level),
        access_log=not settings.in_production,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        backlog=BACKLOG,
        server_header=False,
        interface="asgi3",
        http=partial(
            HttpProtocol,
            admission=app.admission,
            connections=most_connections(settings.connections),
        ),
        ws=WebSocketProtocol,
        ws_max_size=BODY_BYTES,
        # To compress ten megabytes takes the event loop a third of a second.
        ws_per_message_deflate=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
    )
    # uvicorn raises the signal that it stopped for once more, when all is done.
    signal.signal(signal.SIGTERM, partial(_end, server))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening, *(listening.dup() for _ in range(1, ACCEPTED_TOGETHER))])
    return 0 if server.started else 3


def _end(server: uvicorn.Server, _signal: int, _frame: FrameType | None) -> None:
    """Ends the process, unless the server has ended in order."""
    if not server.should_exit:
        sys.exit(0)


def most_connections(wished: int) -> int:
    """How many connections may be open: `wished`, if the system gives as many files.

    Asks the system for them. Raises WrongSettingError where it leaves none for connections.
    """
    wanted = wished + RESERVED + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        given = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (given, hard))
        soft = given
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wished
    connections = soft - RESERVED - OTHER_FILES
    if connections < 1:
        raise WrongSettingError(
            f"CONNECTS_CONNECTIONS: this process may open {soft} files, and needs "
            f"{RESERVED + OTHER_FILES} beside its connections. Raise the limit (ulimit -n)."
        )
    print(
        f"CONNECTS_CONNECTIONS is {wished}, but this process may open only {soft} files: "
        f"at most {connections} connections are kept. Raise the limit (ulimit -n).",
        file=sys.stderr,
        flush=True,
    )
    return connections


def _listening(settings: Settings) -> socket.socket:
    """The socket that is listened on. Raises WrongSettingError where there can't be one."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server(
            (settings.host, settings.port), family=family, backlog=BACKLOG
        )
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        hint = " Another process listens there; CONNECTS_PORT=0 takes a free port." * is_taken
        raise WrongSettingError(
            f"CONNECTS_HOST and CONNECTS_PORT: cannot listen on {settings.host}, port "
            f"{settings.port}: {error.strerror}.{hint}"
        ) from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Ends connections whose client takes nothing, which a closed one would wait for as well.
        milliseconds = CONNECTION_SECONDS * 1000
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    return listening


def _demo_tokens(settings: Settings, demo: bool) -> dict[str, str]:
    """A token for each demo user, by subject; none without demo data."""
    return {
        user.subject: _token(settings, user.subject, DEMO_TOKEN_HOURS, name=user.name)
        for user in DEMO_USERS
        if demo
    }


def _story_tokens(settings: Settings, demo: bool) -> dict[str, str]:
    """The token of each demo user, by the first name that the story calls them."""
    tokens = _demo_tokens(settings, demo)
    return {user.name.partition(" ")[0]: tokens[user.subject] for user in DEMO_USERS if demo}


def _print_demo_tokens(tokens: Mapping[str, str]) -> None:
    print("GraphiQL signs in as these; elsewhere, send one of these headers:\n")
    for user in DEMO_USERS:
        token = tokens[user.subject]
        print(f'{user.name}, {user.role}:\n{{"Authorization": "Bearer {token}"}}\n', flush=True)


def _token(settings: Settings, subject: str, hours: int, **claims: str) -> str:
    """A token that this server accepts, as far as the settings go."""
    rules = settings.token_rules()
    expires_at = system_clock() + hours * 3600 * SECOND
    wanted = {"iss": rules.issuer, "aud": rules.audience}
    given = {name: value for name, value in wanted.items() if value}
    return issue_token(rules.secret, subject, expires_at, **given, **claims)


def _issue(settings: Settings, arguments: argparse.Namespace) -> int:
    claims = {
        name: value
        for name, value in (("name", arguments.name), ("email", arguments.email))
        if value is not None
    }
    token = _token(settings, arguments.user, arguments.hours, **claims)
    try:
        read_token(settings.token_rules(), token, system_clock())
    except BadTokenError as error:
        print(f"Such a token would be refused. {error}", file=sys.stderr)
        return 2
    print(token)
    return 0


async def _bring_up_to_date(settings: Settings, *, compares_clocks: bool = False) -> list[str]:
    database = await _open(settings)
    try:
        clock = DatabaseClock(database, system_clock)
        if compares_clocks:
            await clock.compare()
        if clock.fault:
            raise WrongSettingError(f"The server does not start: {clock.fault}. Set the clock.")
        return await migrate(database, settings.database_url)
    finally:
        await database.close()


async def _open(settings: Settings) -> Database:
    try:
        return await open_database(settings.database_url)
    except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = _why_it_cannot_be_opened(error)
        raise WrongSettingError(f"CONNECTS_DATABASE_URL can't be opened: {reason}.") from error


def _why_it_cannot_be_opened(error: Exception) -> str:
    if isinstance(error.__cause__, asyncpg.InvalidCatalogNameError):
        # Tortoise hides it behind an error of its own.
        return f"{in_a_line(error.__cause__)}; create it, or correct the address"
    return in_a_line(error) if str(error) else "it did not answer in time"


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
        raise WrongSettingError(
            f"CONNECTS_DATABASE_URL names no ledger: {in_a_line(error)}."
        ) from error
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

    # So that a database that is not there is named in one line.
    asyncio.run(_bring_up_to_date(settings))
    try:
        status = asyncio.run(run())
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    if status.value != result.value:
        print(f"The purchase is {status} already. Nothing was changed.", file=sys.stderr)
        return 1
    print(f"The purchase is {status}.")
    return 0


def _checkpoint(settings: Settings, arguments: argparse.Namespace) -> int:
    key = settings.signing_checkpoints()
    if arguments.public_key:
        print(key.public.hex())
        return 0

    async def run(file: IO[bytes] | None) -> Checkpoint:
        database = await _open_ledger(settings)
        try:
            await migrate(database, settings.database_url)
            clock = DatabaseClock(database, system_clock)
            await clock.compare()
            checkpoint = await make_checkpoint(database, clock, key)
            return checkpoint if file is None else await write_newest(database, file)
        finally:
            await database.close()

    try:
        with creating(arguments.out) if arguments.out else contextlib.nullcontext() as file:
            checkpoint = asyncio.run(run(file))
    except CheckpointFileError as error:
        print(f"{arguments.out} {error}.", file=sys.stderr)
        return 2
    except DATABASE_ERRORS as error:
        print(f"The checkpoint can't be made: {in_a_line(error)}.", file=sys.stderr)
        return 1
    print(
        f"Checkpoint {checkpoint.number} of {rfc3339(checkpoint.at)} covers {checkpoint.size:,} "
        f"wallets; its root is {checkpoint.root.hex()}."
    )
    return 0


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.checkpoint is None:
        if arguments.public_key is not None:
            raise WrongSettingError("--public-key goes with --checkpoint FILE.")
        return _verify_ledger(settings, arguments, ())
    pinned = arguments.public_key
    if pinned is None and settings.checkpoint_key is not None:
        pinned = settings.signing_checkpoints().public
    try:
        header = read_header(arguments.checkpoint, pinned)
        if pinned is None:
            print(
                f"The key {header.public_key.hex()} is the file's own: whoever changed the file "
                "may have put it there. Give the key that you know with --public-key.",
                file=sys.stderr,
            )
        return _verify_ledger(settings, arguments, read_heads(arguments.checkpoint, header.size))
    except CheckpointFileError as error:
        print(f"{arguments.checkpoint} {error}.", file=sys.stderr)
        return 1


def _verify_ledger(settings: Settings, arguments: argparse.Namespace, heads: Iterable[Head]) -> int:
    async def run() -> int:
        database = await _open_ledger(settings)
        try:
            with tqdm(unit=" entries", disable=arguments.quiet or None) as bar:

                def progress(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                if arguments.rebuild_spending:
                    entries = await spending_sums.rebuild(database)
                    print(f"Spending was summed again from {entries:,} entries.")
                faults = await verify(database, progress, limit=arguments.limit, heads=heads)
        finally:
            await database.close()
        for fault in faults:
            print(f"Invariant {fault.invariant}: {fault.where}: {fault.message}", file=sys.stderr)
        print("The ledger is sound." if not faults else "The ledger is broken.")
        return 1 if faults else 0

    return asyncio.run(run())


def _schema(settings: Settings, _arguments: argparse.Namespace) -> int:
    print(subgraph_sdl() if settings.federation else schema.as_str())
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
    token.add_argument("--hours", type=int, default=TOKEN_HOURS, help="how long it is valid")
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
    verifying.add_argument(
        "--limit", type=_positive, default=1, help="how many violations to report"
    )
    verifying.add_argument("--quiet", action="store_true", help="no progress bar")
    verifying.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="check that nothing before this checkpoint was changed or cut off, either",
    )
    verifying.add_argument(
        "--public-key",
        type=_public_key,
        metavar="KEY",
        help="the key that the checkpoint must be signed with; by default that of "
        "CONNECTS_CHECKPOINT_KEY",
    )
    verifying.add_argument(
        "--rebuild-spending",
        action="store_true",
        help="first delete the kept sums of spending, and sum the entries again",
    )
    verifying.set_defaults(command=_verify)

    checkpoint = commands.add_parser("checkpoint", help="sign the heads of all wallets now")
    checkpoint.add_argument(
        "--out", type=Path, metavar="FILE", help="write it to a file for `verify`"
    )
    checkpoint.add_argument(
        "--public-key", action="store_true", help="only print the key to check signatures with"
    )
    checkpoint.set_defaults(command=_checkpoint)

    commands.add_parser("schema", help="print the GraphQL schema").set_defaults(command=_schema)
    return parser


def main() -> int:
    """The command line. Exits 2 where a setting, an argument or the database is wrong."""
    arguments = _parser().parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        status: int = arguments.command(settings, arguments)
    except WrongSettingError as error:
        print(error, file=sys.stderr)
        return 2
    except MigrationError as error:
        print(f"CONNECTS_DATABASE_URL: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main())
