"""The first thing that anybody does: start the server with demo data, look, stop, start again."""

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.processes import Environment, Server, environment_of, serving

VIEWER = """{ viewer { name accounts { kind wallet {
    available entries { nodes { id } }
} proposals { nodes { id } } jobs { nodes { id } } } } }"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    return environment_of(f"sqlite://{file}", CONNECTS_AUTH_SECRET="")


@pytest.fixture(scope="module")
def demo(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("output")
    with serving(environment, folder, "run", "--demo") as server:
        yield server


def tokens(server: Server) -> list[str]:
    """The tokens that the server prints, after its address."""
    return server.printed(r'\{"Authorization": "Bearer (\S+)"\}', 4)


def test_it_says_where_graphiql_is_and_prints_four_tokens_that_work(demo: Server) -> None:
    names = [demo.ask("{ viewer { name } }", token)["viewer"]["name"] for token in tokens(demo)]

    assert f"{demo.url}; open it in a browser for GraphiQL" in demo.output
    assert names == ["Clara Client", "Farid Freelancer", "Agnes Agency", "Sam Support"]
    assert all(name in demo.output for name in names)


def test_there_is_a_little_history_to_look_at(demo: Server) -> None:
    clara, farid, agnes, sam = (
        demo.ask(VIEWER, token)["viewer"]["accounts"] for token in tokens(demo)
    )

    kinds = [[account["kind"] for account in accounts] for accounts in (clara, farid, agnes, sam)]
    assert kinds == [["CLIENT"], ["FREELANCER"], ["AGENCY"], []]
    assert [account["wallet"]["available"] for (account,) in (clara, farid, agnes)] == [59, 59, 60]
    assert (len(clara[0]["jobs"]["nodes"]), len(farid[0]["proposals"]["nodes"])) == (1, 1)


def test_a_browser_gets_graphiql(demo: Server) -> None:
    page = httpx.get(demo.url, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    root = httpx.get(demo.url.removesuffix("graphql"), follow_redirects=True)

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "graphiql" in page.text.lower()
    assert root.url == demo.url


def test_it_is_healthy(demo: Server) -> None:
    health = httpx.get(demo.url.replace("/graphql", "/health"))

    assert (health.status_code, health.json()) == (200, {"status": "ok"})


def test_only_its_owner_can_read_the_secret(demo: Server, environment: Environment) -> None:
    secret = Path(environment["CONNECTS_DATABASE_URL"].removeprefix("sqlite://") + ".secret")

    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(secret.read_text()) >= 32


def test_it_stops_cleanly_and_finds_everything_again(tmp_path: Path) -> None:
    environment = environment_of(f"sqlite://{tmp_path / 'demo.sqlite3'}", CONNECTS_AUTH_SECRET="")
    with serving(environment, tmp_path, "run", "--demo") as server:
        people = tokens(server)
        before = [server.ask(VIEWER, token) for token in people]
        with httpx.Client() as idle:
            idle.get(server.url.replace("/graphql", "/health"))
            assert server.stop() == 0
        assert "Traceback" not in server.output + server.errors

    with serving(environment, tmp_path, "run", "--demo") as server:
        assert [server.ask(VIEWER, token) for token in people] == before
        assert server.stop() == 0
