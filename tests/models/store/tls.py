"""A PostgreSQL that takes connections over TLS only, with a certificate for `localhost`.

The one from PyPI is built without TLS, so this takes one of the system's.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.needs import missing, needs_program

PATIENCE_SECONDS = 30
PASSWORD = "pass#word/?@"
USER = "ada:wong"
UNPRIVILEGED = "nobody"
"""Who runs it where the tests run as root, which PostgreSQL refuses."""


@dataclass(frozen=True)
class TlsServer:
    port: int
    root: Path
    """The certificate that signed its own, which is the same."""

    def address(self, host: str, **options: object) -> str:
        """The URL of its database, with the user and the password."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgres://ada%3Awong:pass%23word%2F%3F%40@{host}:{self.port}/postgres?{query}"


@contextmanager
def tls_server() -> Iterator[TlsServer]:
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="connects-tls-"))
    try:
        folder.chmod(0o755)
        certificate, key = _certificate(folder)
        data = _initialised(programs, folder)
        port = _free_port()
        process = subprocess.Popen(
            [
                *(programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", ""),
                *("-c", "ssl=on", "-c", f"ssl_cert_file={certificate}"),
                *("-c", f"ssl_key_file={key}", "-c", "fsync=off"),
            ],
            stderr=subprocess.DEVNULL,
            user=_user(),
            cwd="/",
        )
        try:
            asyncio.run(_until_it_answers(process, port))
            yield TlsServer(port, certificate)
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """The folder of the programs of a PostgreSQL that is built with TLS."""
    for config in sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_config"), reverse=True):
        built = subprocess.run([config, "--configure"], capture_output=True, text=True, check=True)
        if "openssl" in built.stdout and (config.parent / "postgres").exists():
            return config.parent
    return missing("There is no PostgreSQL with TLS in /usr/lib/postgresql.")


def _user() -> str | None:
    return UNPRIVILEGED if os.geteuid() == 0 else None


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "server.crt", folder / "server.key"
    _run(
        *(needs_program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", key, "-out", certificate),
    )
    _hand_over(key)
    return certificate, key


def _initialised(programs: Path, folder: Path) -> Path:
    data, password = folder / "data", folder / "password"
    data.mkdir(mode=0o700)
    password.write_text(PASSWORD)
    _hand_over(data)
    _hand_over(password)
    _run(
        *(programs / "initdb", "-D", data, "-U", USER, "--pwfile", password, "--no-sync"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
        user=_user(),
    )
    (data / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")
    return data


def _run(*command: str | Path, user: str | None = None) -> None:
    subprocess.run(command, capture_output=True, check=True, user=user, cwd="/")


def _hand_over(path: Path) -> None:
    if _user() is not None:
        shutil.chown(path, UNPRIVILEGED)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def _until_it_answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=port, user=USER, password=PASSWORD, database="postgres"
            )
        except (OSError, asyncpg.PostgresError):
            assert process.poll() is None, "PostgreSQL has ended"
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            await asyncio.sleep(0.05)
        else:
            await connection.close()
            return
