"""PostgreSQL over TLS, as managed databases offer it, by the options of their addresses."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from models.store.database import open_database
from models.store.statements import both
from schema.ids import global_id
from tests.faults.freezing import freezer
from tests.models.store.tls import PASSWORD, TlsServer, tls_server
from tests.server.processes import call, environment_of

SESSION = both(
    "SELECT s.ssl, a.application_name FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) "
    "WHERE pid = pg_backend_pid()"
)
PURCHASE = global_id("Purchase", uuid4())


@pytest.fixture(scope="module")
def server() -> Iterator[TlsServer]:
    with tls_server() as server:
        yield server


@pytest.mark.parametrize(
    ("host", "mode"),
    [
        ("127.0.0.1", None),
        ("127.0.0.1", "require"),
        ("127.0.0.1", "verify-ca"),
        ("localhost", "verify-full"),
    ],
)
async def test_the_connection_is_encrypted(server: TlsServer, host: str, mode: str | None) -> None:
    options = {"application_name": "connects-test", "connect_timeout": 5}
    if mode is not None:
        options["sslmode"] = mode
    if mode in ("verify-ca", "verify-full"):
        options["sslrootcert"] = str(server.root)

    database = await open_database(server.address(host, **options))
    rows = [await database.fetch(SESSION), await database.fetch_as_planned(SESSION)]
    await database.close()

    assert [tuple(row) for (row,) in rows] == [(True, "connects-test")] * 2


def test_a_ledger_is_made_and_verified_over_tls(
    server: TlsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = server.address("localhost", sslmode="verify-full", sslrootcert=server.root)

    codes = [
        call(monkeypatch, environment_of(address), *command)
        for command in (("migrate",), ("verify", "--quiet"))
    ]

    assert codes == [0, 0]
    assert capsys.readouterr().out.endswith("The ledger is sound.\n")


@pytest.mark.parametrize(
    ("host", "options", "words"),
    [
        ("127.0.0.1", {"sslmode": "disable"}, "no encryption"),
        ("127.0.0.1", {"sslmode": "verify-full"}, "self-signed certificate"),
        ("127.0.0.1", {"sslmode": "verify-full", "sslrootcert": "ROOT"}, "IP address mismatch"),
        ("localhost", {"sslmode": "verify-full", "sslrootcert": "system"}, "self-signed"),
    ],
)
@pytest.mark.parametrize("command", [("migrate",), ("sandbox-settle", PURCHASE), ("verify",)])
def test_a_connection_that_is_not_to_be_trusted_is_refused_in_a_line(
    server: TlsServer,
    command: tuple[str, ...],
    host: str,
    options: dict[str, str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {
        name: str(server.root) if value == "ROOT" else value for name, value in options.items()
    }

    code = call(monkeypatch, environment_of(server.address(host, **given)), *command)

    said = capsys.readouterr().err
    assert code == 2
    assert said.startswith("CONNECTS_DATABASE_URL can't be opened: ")
    assert words in said
    assert said.count("\n") == 1
    assert PASSWORD not in said


def test_a_server_without_tls_is_refused_where_tls_is_required(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with freezer(postgres_url) as plain:
        codes = [
            call(monkeypatch, environment_of(f"{plain.url}?sslmode={mode}"), "migrate")
            for mode in ("prefer", "require")
        ]

    assert codes == [0, 2]
    assert "rejected SSL upgrade" in capsys.readouterr().err
