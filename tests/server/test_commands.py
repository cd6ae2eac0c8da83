"""The commands beside a running server: tokens, migrations, settling payments, verifying."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from schema.ids import global_id
from tests.server.processes import (
    Environment,
    Server,
    call,
    environment_of,
    run,
    serving,
    token,
)

OPEN = """mutation { openAccount(input: {kind: CLIENT, name: "Ada's", idempotencyKey: "open"}) {
    ... on OpenAccountSuccess { account { id } }
} }"""
BUY = """mutation($account: ID!, $package: ID!, $key: String!) { buyConnects(input: {
    accountId: $account, packageId: $package, idempotencyKey: $key, paymentMethod: "sandbox:pending"
}) { ... on BuyConnectsSuccess { purchase { id status } } ... on PaymentDeclined { code } } }"""
AVAILABLE = "{ viewer { accounts { wallet { available } } } }"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(f"sqlite://{tmp_path / 'connects.sqlite3'}")


def buy(server: Server, bearer: str, key: str) -> Any:
    """A purchase of 10 Connects whose payment is pending."""
    account = server.ask(OPEN, bearer)["openAccount"]["account"]["id"]
    package = server.ask("{ connectsPackages { id } }", None)["connectsPackages"][0]["id"]
    return server.ask(BUY, bearer, account=account, package=package, key=key)["buyConnects"]


def available(server: Server, bearer: str) -> object:
    (account,) = server.ask(AVAILABLE, bearer)["viewer"]["accounts"]
    return account["wallet"]["available"]


@pytest.mark.slow
def test_a_pending_payment_is_settled_while_the_server_runs(
    environment: Environment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bearer = token("ada")
    with serving(environment, tmp_path) as server:
        pending = buy(server, bearer, "one")["purchase"]["id"]
        declined = buy(server, bearer, "other")["purchase"]["id"]

        settled = run(environment, "sandbox-settle", pending)
        codes = [
            call(monkeypatch, environment, "sandbox-settle", pending),
            call(monkeypatch, environment, "sandbox-settle", pending, "--declined"),
            call(monkeypatch, environment, "sandbox-settle", declined, "--declined"),
            call(monkeypatch, environment, "sandbox-settle", declined),
            call(monkeypatch, environment, "verify", "--quiet"),
        ]

        assert (settled.returncode, settled.stdout) == (0, "The purchase is PAID.\n")
        assert codes == [0, 1, 0, 1, 0]
        printed = capsys.readouterr()
        assert printed.err.splitlines() == [
            "The purchase is PAID already. Nothing was changed.",
            "The purchase is DECLINED already. Nothing was changed.",
        ]
        assert printed.out.splitlines() == [
            "The purchase is PAID.",
            "The purchase is DECLINED.",
            "The ledger is sound.",
        ]
        assert available(server, bearer) == 70
        assert buy(server, bearer, "one")["purchase"]["status"] == "PAID"
        assert buy(server, bearer, "other") == {"code": "PAYMENT_DECLINED"}


def test_what_is_no_purchase_cannot_be_settled(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown, account = (global_id(name, uuid4()) for name in ("Purchase", "Account"))

    codes = [call(monkeypatch, environment, "sandbox-settle", id) for id in ("x", account, unknown)]

    assert codes == [2, 2, 1]
    assert capsys.readouterr().err.splitlines() == [
        "'x' is not the id of a Purchase.",
        f"'{account}' is not the id of a Purchase.",
        "There is no such purchase.",
    ]


def test_a_broken_ledger_is_found_and_the_wallet_is_named(
    environment: Environment, tmp_path: Path
) -> None:
    with serving(environment, tmp_path) as server:
        server.ask(OPEN, token("ada"))
    with closing(sqlite3.connect(tmp_path / "connects.sqlite3")) as connection, connection:
        connection.execute("UPDATE wallet SET available = available + 1")
        ((account,),) = connection.execute("SELECT account_id FROM wallet").fetchall()

    broken = run(environment, "verify")
    rebuilt = run(environment, "verify", "--rebuild-spending")

    assert rebuilt.stdout == ("Spending was summed again from 0 entries.\nThe ledger is broken.\n")
    assert (broken.returncode, broken.stdout) == (1, "The ledger is broken.\n")
    assert re.search(rf"^Invariant \d: .*{account}", broken.stderr, re.MULTILINE)


def test_a_token_is_issued_for_whom_one_likes(environment: Environment, tmp_path: Path) -> None:
    development = environment | {"CONNECTS_AUTH_SECRET": ""}
    ada = ("token", "ada", "--name", "Ada", "--email", "ada@example.com")

    with serving(development, tmp_path) as server:
        issued = run(development, *ada)
        viewer = server.ask("{ viewer { name email } }", issued.stdout.strip())

    assert (issued.returncode, issued.stderr) == (0, "")
    assert viewer == {"viewer": {"name": "Ada", "email": "ada@example.com"}}


@pytest.mark.parametrize(
    "arguments",
    [("",), ("x" * 256,), ("ada", "--hours", "99999999999"), ("ada", "--hours", "0")],
    ids=["nobody", "a long name", "too long", "expired"],
)
def test_no_token_is_issued_that_would_be_refused(
    environment: Environment,
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = call(monkeypatch, environment, "token", *arguments)

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("Such a token would be refused.")


@pytest.mark.slow
def test_an_issued_token_fits_the_configured_issuer_and_audience(
    environment: Environment, tmp_path: Path
) -> None:
    settings = environment | {
        "CONNECTS_AUTH_ISSUER": "https://id.example.com",
        "CONNECTS_AUTH_AUDIENCE": "connects",
    }
    issued = [run(one, "token", "ada").stdout.strip() for one in (settings, environment)]

    with serving(settings, tmp_path) as server:
        statuses = [
            httpx.post(
                server.url,
                json={"query": "{ viewer { name } }"},
                headers={"authorization": f"Bearer {bearer}"},
            ).status_code
            for bearer in issued
        ]

    assert statuses == [200, 401]
