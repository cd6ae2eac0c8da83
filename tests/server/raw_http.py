"""HTTP as bytes on a socket, for requests that no client library would send."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.server.processes import Server

PATIENCE_SECONDS = 15.0


class Answer(NamedTuple):
    status: int
    body: bytes


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    where = urlsplit(server.url)
    assert where.hostname is not None
    with socket.create_connection((where.hostname, where.port or 0)) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        yield connection


def all_of(connection: socket.socket) -> bytes:
    """Everything that comes until the server closes the connection."""
    received = b""
    try:
        while data := connection.recv(65_536):
            received += data
    except ConnectionResetError:
        pass
    return received


def answers_in(received: bytes) -> list[Answer]:
    """The answers, each with a content-length, that follow each other in `received`."""
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"\r\ncontent-length: ")[1].split(b"\r\n")[0])
        answers.append(Answer(int(head.split()[1]), rest[:length]))
        received = rest[length:]
    return answers


def answers(server: Server, *pieces: bytes) -> list[Answer]:
    """The answers to what is sent, until the server closes the connection."""
    with connected(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return answers_in(all_of(connection))


def sent_before_the_end(server: Server, pieces: Iterable[bytes]) -> tuple[int, list[Answer]]:
    """How many bytes the server let be sent before it closed the connection, and its answers."""
    sent = 0
    with connected(server) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                sent += len(piece)
        except (ConnectionError, TimeoutError):
            pass
        return sent, answers_in(all_of(connection))


def resident_megabytes(server: Server) -> float:
    """The memory that the server has now."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
