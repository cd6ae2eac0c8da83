"""More connections than may be open: all beyond are refused at once, and health is still told."""

import resource
from contextlib import ExitStack
from pathlib import Path

import pytest

from server import most_connections
from settings import WrongSettingError
from tests.server.processes import Server, environment_of, serving
from tests.server.raw_http import all_of, answers_in, connected

MOST = 20
RESERVED = 256
QUERY = b"GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: x\r\n\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


def limited(tmp_path: Path) -> dict[str, str]:
    url = f"sqlite://{tmp_path / 'connects.sqlite3'}"
    return environment_of(url, CONNECTS_CONNECTIONS=str(MOST))


def asked(server: Server, request: bytes) -> tuple[int, bytes]:
    with connected(server) as connection:
        connection.sendall(request)
        received = all_of(connection)
    (answer,) = answers_in(received)
    return answer.status, received.lower()


def test_connections_beyond_the_bound_are_refused_and_health_is_told(tmp_path: Path) -> None:
    with serving(limited(tmp_path), tmp_path) as server, ExitStack() as held:
        for _ in range(MOST):
            connection = held.enter_context(connected(server))
            connection.sendall(QUERY)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
            connection.sendall(QUERY[:10])

        status, said = asked(server, QUERY)
        silent, _ = asked(server, b"")
        half, _ = asked(server, QUERY[:10])
        healthy, _ = asked(server, HEALTH)

        assert (status, silent, half, healthy) == (503, 503, 503, 200)
        assert b"\r\nretry-after: 1\r\n" in said
        assert b"\r\nconnection: close\r\n" in said

        held.close()
        assert server.ask("{ __typename }", None) == {"__typename": "Query"}


def test_connections_beyond_the_reserve_are_refused_unasked(tmp_path: Path) -> None:
    with serving(limited(tmp_path), tmp_path) as server, ExitStack() as held:
        connections = [held.enter_context(connected(server)) for _ in range(MOST + RESERVED + 50)]

        last = answers_in(all_of(connections[-1]))

        assert [answer.status for answer in last] == [503]


def test_a_server_without_files_left_serves_on(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'connects.sqlite3'}"

    with serving(environment_of(url), tmp_path) as server:
        assert server.ask("{ __typename }", None) == {"__typename": "Query"}
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (100, 100))
        with ExitStack() as held:
            for _ in range(300):
                held.enter_context(connected(server))
        assert server.ask("{ __typename }", None) == {"__typename": "Query"}
        assert "Traceback" not in server.errors


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "asked_for"),
    [
        (5_000, 5_000, 4_096, None),
        (1_024, 10_000, 4_096, 4_480),
        (1_024, 1_500, 1_116, 1_500),
        (420, 420, 36, 420),
        (1_024, resource.RLIM_INFINITY, 4_096, 4_480),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 4_096, None),
    ],
)
def test_connections_are_as_many_as_there_are_files_for(
    soft: int,
    hard: int,
    connections: int,
    asked_for: int | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits[0]))

    assert most_connections(4_096) == connections

    assert asked == ([asked_for] if asked_for else [])
    assert ("CONNECTS_CONNECTIONS is 4096" in capsys.readouterr().err) == (connections < 4_096)


def test_too_few_files_for_any_connection_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (300, 300))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)

    with pytest.raises(WrongSettingError, match="may open 300 files"):
        most_connections(4_096)
