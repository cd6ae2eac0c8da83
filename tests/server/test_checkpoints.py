"""Checkpoints from the command line and by a running server, and what they prove."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.checkpoints.keys import CheckpointKey
from models.store.database import sqlite_path
from tests.models.verify.tampering import tamper
from tests.processes import ROOT
from tests.server.processes import Environment, call, environment_of, run, serving, token

SECRET = "07" * 32
KEY = CheckpointKey(bytes.fromhex(SECRET)).public.hex()
OTHER_KEY = CheckpointKey(bytes(32)).public.hex()
OPEN = """mutation { openAccount(input: {kind: CLIENT, name: "Ada's", idempotencyKey: "open"}) {
    ... on OpenAccountSuccess { account { id } }
} }"""
HEADS = """{ viewer { accounts { wallet { id head { sequence hash
    checkpoint { at size root previous signature sequence hash proof } } } } } }"""
LEDGER_TABLES = ("draw", "lot", "idempotency", "entry", "wallet")
NO_KEY = {"CONNECTS_CHECKPOINT_KEY": ""}
TRIES = 200


@pytest.fixture
def environment(database_url: str) -> Environment:
    return environment_of(database_url, CONNECTS_CHECKPOINT_KEY=SECRET)


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Environment:
    return environment_of(sqlite_url, CONNECTS_CHECKPOINT_KEY=SECRET)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint.json"


def with_wallets(environment: Environment, folder: Path, *names: str) -> None:
    """Opens an account for each name, in a server that makes no checkpoints."""
    with serving(environment | NO_KEY, folder) as server:
        for name in names:
            server.ask(OPEN, token(name))


def test_a_ledger_is_proved_by_a_file_and_a_key(
    environment: Environment, tmp_path: Path, file: Path
) -> None:
    with_wallets(environment, tmp_path, "ada", "bob")

    made = run(environment, "checkpoint", "--out", str(file))
    with_wallets(environment, tmp_path, "cy")
    against_file = ("verify", "--checkpoint", str(file))
    verified = [
        run(environment, *against_file),
        run(environment | NO_KEY, *against_file, "--public-key", KEY),
        run(environment | NO_KEY, *against_file),
    ]

    assert (made.returncode, made.stderr) == (0, "")
    assert re.fullmatch(
        r"Checkpoint 1 of \S+Z covers 2 wallets; its root is [0-9a-f]{64}\.\n", made.stdout
    )
    assert [(one.returncode, one.stdout) for one in verified] == [(0, "The ledger is sound.\n")] * 3
    assert [one.stderr for one in verified[:2]] == ["", ""]
    assert verified[2].stderr.startswith(f"The key {KEY} is the file's own: ")
    assert verified[2].stderr.count("\n") == 1


def test_a_forged_ledger_is_not_proved(
    environment: Environment, database_url: str, tmp_path: Path, file: Path
) -> None:
    with_wallets(environment, tmp_path, "ada", "bob")
    run(environment, "checkpoint", "--out", str(file))
    account = json.loads(file.read_text())["heads"][1][0]
    sql = "".join(f"DELETE FROM {name} WHERE account_id = '{account}';" for name in LEDGER_TABLES)
    asyncio.run(tamper(database_url, sql))

    alone = run(environment, "verify")
    against = run(environment, "verify", "--checkpoint", str(file))

    assert alone.returncode == 0
    assert (against.returncode, against.stdout) == (1, "The ledger is broken.\n")
    assert against.stderr == (
        f"Invariant 7: wallet of account {account}: is missing, but the checkpoint has it at "
        "entry 1\n"
    )


def test_an_empty_ledger_has_a_checkpoint(environment: Environment, file: Path) -> None:
    made = run(environment, "checkpoint", "--out", str(file))
    verified = run(environment, "verify", "--checkpoint", str(file))

    assert (made.returncode, "covers 0 wallets" in made.stdout) == (0, True)
    assert (verified.returncode, verified.stdout) == (0, "The ledger is sound.\n")


def test_two_processes_at_once_leave_checkpoints_that_are_chained(
    environment: Environment, tmp_path: Path
) -> None:
    with_wallets(environment, tmp_path, "ada", "bob")
    files = [tmp_path / f"{number}.json" for number in range(3)]
    command = [sys.executable, str(ROOT / "server.py"), "checkpoint", "--out"]

    processes = [
        subprocess.Popen([*command, str(path)], env=environment, stdout=subprocess.DEVNULL)
        for path in files
    ]
    codes = [process.wait(timeout=60) for process in processes]

    assert codes == [0, 0, 0]
    made = {path.read_text() for path in files}
    previous = [json.loads(text)["previous"] for text in made]
    assert len(set(previous)) == len(made)
    assert all(
        run(environment, "verify", "--checkpoint", str(path)).returncode == 0 for path in files
    )


def test_a_running_server_makes_them_and_its_answers_are_proved(
    environment: Environment, tmp_path: Path
) -> None:
    with_wallets(environment, tmp_path, "ada", "bob", "cy")

    with serving(environment, tmp_path) as server:
        answer: Any = None
        for _ in range(TRIES):
            answer = server.ask(HEADS, token("bob"))
            if answer["viewer"]["accounts"][0]["wallet"]["head"]["checkpoint"]:
                break
        code = server.stop()

    script = [sys.executable, str(ROOT / "docs" / "check_inclusion.py"), KEY]
    said = subprocess.run(
        script, input=json.dumps(answer), capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("Proved: entry 1 was the newest one of wallet ")
    assert (code, "Traceback" in server.errors) == (0, False)


def test_the_public_key_is_printed_without_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite://{tmp_path / 'none.sqlite3'}"
    environment = environment_of(url, CONNECTS_CHECKPOINT_KEY=SECRET)

    codes = [
        call(monkeypatch, environment, "checkpoint", "--public-key"),
        call(monkeypatch, environment, "checkpoint"),
        call(monkeypatch, environment | NO_KEY, "checkpoint", "--public-key"),
        call(monkeypatch, environment | NO_KEY, "checkpoint"),
    ]

    printed = capsys.readouterr()
    assert codes == [0, 2, 2, 2]
    assert printed.out == f"{KEY}\n"
    no_file, *no_key = printed.err.splitlines()
    assert no_file == f"CONNECTS_DATABASE_URL: there is no file {tmp_path / 'none.sqlite3'}."
    assert len(no_key) == 2
    assert all(line.startswith("CONNECTS_CHECKPOINT_KEY is missing.") for line in no_key)
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_with_a_file_is_said_in_one_line(
    on_sqlite: Environment,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call(monkeypatch, on_sqlite, "checkpoint", "--out", str(file))
    sound = file.read_bytes()
    capsys.readouterr()
    contents = {
        "ends before its first line": b"",
        "does not begin like a checkpoint": b"{}\n",
        "is of a version that is not known here": sound.replace(b'"version":1', b'"version":9'),
        "has a signature that does not fit": sound.replace(b'"size":0', b'"size":1'),
        "ends before its last line": sound.splitlines(keepends=True)[0],
    }

    for message, content in contents.items():
        file.write_bytes(content)

        code = call(monkeypatch, on_sqlite, "verify", "--quiet", "--checkpoint", str(file))

        printed = capsys.readouterr()
        assert (code, printed.out) == (1, "")
        assert printed.err.startswith(f"{file} {message}")
        assert printed.err.count("\n") == 1


def test_wrong_arguments_are_said_in_one_line(
    on_sqlite: Environment,
    tmp_path: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call(monkeypatch, on_sqlite, "checkpoint", "--out", str(file))
    capsys.readouterr()
    against = ("verify", "--checkpoint")
    said = {
        ("verify", "--public-key", KEY): (2, "--public-key goes with --checkpoint FILE."),
        (*against, f"{tmp_path}/none"): (1, f"{tmp_path}/none can't be read: No such file"),
        (*against, str(tmp_path)): (1, f"{tmp_path} can't be read: Is a directory"),
        (*against, str(file), "--public-key", OTHER_KEY): (1, f"{file} was signed with the key"),
        ("checkpoint", "--out", f"{tmp_path}/none/x"): (2, f"{tmp_path}/none/x can't be written"),
        ("checkpoint", "--out", str(tmp_path)): (2, f"{tmp_path} can't be written"),
    }

    for arguments, (expected, message) in said.items():
        code = call(monkeypatch, on_sqlite, *arguments)

        printed = capsys.readouterr()
        assert (code, printed.out) == (expected, "")
        assert printed.err.startswith(message)
        assert printed.err.count("\n") == 1


def test_a_key_that_is_none_is_refused(
    on_sqlite: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        call(monkeypatch, on_sqlite, "verify", "--checkpoint", "x", "--public-key", "xyz")

    assert exited.value.code == 2
    assert "--public-key: must be 64 digits" in capsys.readouterr().err


def test_a_database_that_is_none_is_said_in_one_line(
    on_sqlite: Environment,
    sqlite_url: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sqlite_path(sqlite_url).write_text("no database")

    code = call(monkeypatch, on_sqlite, "checkpoint", "--out", str(file))

    printed = capsys.readouterr()
    assert (code, printed.out, file.exists()) == (2, "", False)
    assert printed.err.startswith("CONNECTS_DATABASE_URL")
    assert printed.err.count("\n") == 1
