"""Settings: each wrong one is named, and help lists them all."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import server
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
    ("CONNECTS_CORS_ORIGINS", "https://app.example.com:443"),
    ("CONNECTS_CORS_ORIGINS", "https://app.example.com:x"),
    ("CONNECTS_CORS_ORIGINS", "https://app.example.com:"),
    ("CONNECTS_CORS_ORIGINS", "https://app.example.com?a=b"),
    ("CONNECTS_CORS_ORIGINS", "https://ada@app.example.com"),
    ("CONNECTS_CORS_ORIGINS", "https://App.example.com"),
    ("CONNECTS_CORS_ORIGINS", "https://bücher.example"),
    ("CONNECTS_CORS_ORIGINS", "https://[::1"),
    ("CONNECTS_CORS_ORIGINS", "https://"),
    ("CONNECTS_CORS_ORIGINS", "ftp://x"),
    ("CONNECTS_CORS_ORIGINS", "1app://x"),
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
    ("CONNECTS_CHECKPOINT_KEY", "too short"),
    ("CONNECTS_CHECKPOINT_KEY", "AB" * 32),
    ("CONNECTS_CHECKPOINT_KEY", "/etc/connects/key.pem"),
    ("CONNECTS_CHECKPOINT_INTERVAL", "59"),
    ("CONNECTS_CHECKPOINT_INTERVAL", "daily"),
    ("CONNECTS_CHECKPOINT_INTERVAL", "1" * 10),
    ("CONNECTS_LOG_REQUESTS", "none"),
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


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("http://localhost:3000/", "remove the trailing slash"),
        ("http://localhost:3000/app", "remove the path"),
        ("http://localhost:80", "remove the scheme's default port"),
        ("http://Localhost:3000", "lower case"),
        ("localhost:3000", "begins with https:// or http://"),
        ("ftp://x", "begins with https:// or http://, or the scheme of an app"),
        ("wss://app.example.com", "begins with https:// or http://, or the scheme of an app"),
    ],
)
def test_what_is_wrong_with_an_origin_is_said(
    origin: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONNECTS_CORS_ORIGINS", f"https://app.example.com,{origin}")

    code = call(monkeypatch, {})

    said = capsys.readouterr().err
    assert code == 2
    assert f"{origin!r}: " in said
    assert words in said


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://app.example.com",
        "http://[::1]:3000",
        "app://x",
        "capacitor://localhost",
    ],
)
def test_origins_are_taken_as_browsers_send_them(origin: str) -> None:
    settings = Settings.from_environment({"CONNECTS_CORS_ORIGINS": f" {origin} ,"})

    assert settings.cors_origins == (origin,)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CONNECTS_DATABSE_URL", "CONNECTS_DATABASE_URL"),
        ("CONNECTS_AUTH_ISUER", "CONNECTS_AUTH_ISSUER"),
        ("CONNECTS_CORS_ORIGIN", "CONNECTS_CORS_ORIGINS"),
        ("CONNECT_PORT", "CONNECTS_PORT"),
        ("connects_port", "CONNECTS_PORT"),
        ("CONNECTS_SERVICE_ADDRESS", None),
    ],
)
def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(
    name: str,
    meant: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, "")

    code = call(monkeypatch, {})

    said = capsys.readouterr().err
    assert code == 2
    assert said.startswith(f"{name} is not a setting. ")
    assert (f"Did you mean {meant}?" in said) == (meant is not None)


@pytest.mark.parametrize("name", ["CONNECTS_TEST_POSTGRES_URL", "PORT", "CONNECTION_STRING"])
def test_variables_of_others_are_left_alone(name: str) -> None:
    assert Settings.from_environment({name: "x"}) == Settings.from_environment({})


def test_without_its_packages_it_says_how_to_get_them() -> None:
    alone = [sys.executable, "-S", "-E", str(Path(server.__file__)), "--help"]

    refused = subprocess.run(alone, capture_output=True, text=True, timeout=30, check=False)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "uvicorn" in refused.stderr
    assert "`make run`" in refused.stderr
    assert refused.stderr.count("\n") == 1


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

    said = capsys.readouterr().err
    assert code == 2
    assert said.startswith("CONNECTS_HOST and CONNECTS_PORT: cannot listen")
    assert ("CONNECTS_PORT=0 takes a free port" in said) == (host == "127.0.0.1")


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
