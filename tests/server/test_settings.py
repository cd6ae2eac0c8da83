"""Settings: each wrong one is named, and help lists them all."""

import os
import socket
from pathlib import Path

import pytest

from settings import SETTINGS, Settings
from tests.server.processes import call, environment_of

WRONG = [
    ("CONNECTS_DATABASE_URL", "mysql://localhost/connects"),
    ("CONNECTS_DATABASE_URL", "connects.sqlite3"),
    ("CONNECTS_DATABASE_URL", "sqlite://"),
    ("CONNECTS_DATABASE_URL", "sqlite://:memory:"),
    ("CONNECTS_DATABASE_URL", "sqlite:///no/such/folder/connects.sqlite3"),
    ("CONNECTS_DATABASE_URL", "sqlite:///"),
    ("CONNECTS_DATABASE_URL", "postgres://ada@localhost:port/connects"),
    ("CONNECTS_DATABASE_URL", "postgres://ada@localhost:99999/connects"),
    ("CONNECTS_DATABASE_URL", "postgres://[/connects"),
    ("CONNECTS_DATABASE_URL", "sqlite://connects.sqlite3?mode=ro"),
    ("CONNECTS_DATABASE_URL", "postgres://ada:s#cret@localhost/connects?foo=1"),
    ("CONNECTS_PORT", "http"),
    ("CONNECTS_PORT", "-1"),
    ("CONNECTS_PORT", "65536"),
    ("CONNECTS_PORT", "80.5"),
    ("CONNECTS_PORT", " 80"),
    ("CONNECTS_ENV", "prod"),
    ("CONNECTS_ENV", "Production"),
    ("CONNECTS_AUTH_SECRET", "too short"),
    ("CONNECTS_AUTH_SECRET", "x" * 31),
    ("CONNECTS_AUTH_ISSUER", " https://id.example.com"),
    ("CONNECTS_AUTH_ISSUER", "https://id.example.com\n"),
    ("CONNECTS_AUTH_AUDIENCE", "con\tnects"),
    ("CONNECTS_AUTH_AUDIENCE", "connects\udc80"),
    ("CONNECTS_AUTH_AUDIENCE", " "),
    ("CONNECTS_PAYMENTS", "stripe"),
    ("CONNECTS_CORS_ORIGINS", "*"),
    ("CONNECTS_CORS_ORIGINS", "app.example.com"),
    ("CONNECTS_CORS_ORIGINS", "https://app.example.com/"),
    ("CONNECTS_CORS_ORIGINS", "https://app.example.com,x"),
    ("CONNECTS_PROXIES", "proxy.example.com"),
    ("CONNECTS_PROXIES", "*"),
    ("CONNECTS_CONNECTIONS", "0"),
    ("CONNECTS_CONNECTIONS", "-1"),
    ("CONNECTS_CONNECTIONS", "many"),
    ("CONNECTS_CONNECTIONS", "1000001"),
    ("CONNECTS_THROTTLE", "on"),
    ("CONNECTS_THROTTLE", "1000"),
    ("CONNECTS_THROTTLE", "1000/"),
    ("CONNECTS_THROTTLE", "0/5"),
    ("CONNECTS_THROTTLE", "1000/-5"),
    ("CONNECTS_THROTTLE", f"{'9' * 400}/5"),
    ("CONNECTS_NEW_USERS", "on"),
    ("CONNECTS_NEW_USERS", "60"),
    ("CONNECTS_NEW_USERS", "60/0"),
    ("CONNECTS_NEW_USERS", "60/1/2"),
    ("CONNECTS_NEW_USERS", f"60/{'9' * 5000}"),
    ("CONNECTS_STREAMS", "off"),
    ("CONNECTS_STREAMS", "200"),
    ("CONNECTS_STREAMS", "200/0"),
    ("CONNECTS_STREAMS", "200/50/10"),
    ("CONNECTS_TRUSTED_DOCUMENTS", "/no/such/file.json"),
    ("CONNECTS_TRUSTED_DOCUMENTS", "/"),
    ("CONNECTS_TRUSTED_DOCUMENTS_ONLY", "true"),
    ("CONNECTS_TRUSTED_DOCUMENTS_ONLY", "yes"),
    ("CONNECTS_INTROSPECTION", "off"),
    ("CONNECTS_FEDERATION", "1"),
    ("CONNECTS_LOG_LEVEL", "verbose"),
]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CONNECTS_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(("name", "value"), WRONG, ids=str)
def test_a_wrong_setting_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)

    code = call(monkeypatch, {})

    said = capsys.readouterr().err
    assert code == 2
    assert said.startswith(f"{name} ")
    assert said.count("\n") == 1


def test_a_wrong_file_of_trusted_documents_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "documents.json"
    file.write_text('{"x": "{ viewer { name } }"}')
    monkeypatch.setenv("CONNECTS_TRUSTED_DOCUMENTS", str(file))

    code = call(monkeypatch, {"CONNECTS_AUTH_SECRET": "x" * 32})

    assert code == 2
    assert capsys.readouterr().err.startswith("CONNECTS_TRUSTED_DOCUMENTS has 'x'")


@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid"])
def test_where_nothing_can_listen_is_named(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment = environment_of(
            f"sqlite://{tmp_path / 'connects.sqlite3'}",
            CONNECTS_HOST=host,
            CONNECTS_PORT=str(taken.getsockname()[1]),
        )

        code = call(monkeypatch, environment)

    assert code == 2
    assert capsys.readouterr().err.startswith("CONNECTS_HOST and CONNECTS_PORT: nothing can listen")


def test_the_demo_is_not_for_production(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONNECTS_ENV", "production")
    monkeypatch.setenv("CONNECTS_AUTH_SECRET", "x" * 32)

    code = call(monkeypatch, {}, "run", "--demo")

    assert code == 2
    assert "CONNECTS_ENV" in capsys.readouterr().err


def test_an_empty_setting_is_one_that_is_not_set() -> None:
    settings = Settings.from_environment(dict.fromkeys(SETTINGS, ""))

    assert settings == Settings.from_environment({})


def test_help_lists_every_setting_with_its_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        call(monkeypatch, {}, "--help")

    shown = capsys.readouterr().out
    assert left.value.code == 0
    for name, setting in SETTINGS.items():
        assert name in shown
        assert setting.default in shown
