"""What is different in production: nothing is made up, and browsers get no page."""

from pathlib import Path
from uuid import UUID

import httpx

from schema.ids import global_id
from tests.server.processes import environment_of, run, serving, token

OPEN = """mutation { openAccount(input: {kind: CLIENT, name: "Ada's", idempotencyKey: "open"}) {
    ... on OpenAccountSuccess { account { id } }
} }"""
BUY = """mutation($account: ID!, $package: ID!) { buyConnects(input: {
    accountId: $account, packageId: $package, idempotencyKey: "buy"
}) { __typename } }"""

PACKAGE = global_id("ConnectsPackage", UUID(int=7))


def test_it_serves_without_graphiql_and_without_the_sandbox(tmp_path: Path) -> None:
    environment = environment_of(
        f"sqlite://{tmp_path / 'production.sqlite3'}", CONNECTS_ENV="production"
    )
    ada = token("ada")

    with serving(environment, tmp_path) as server:
        page = httpx.get(server.url, headers={"accept": "text/html"})
        account = server.ask(OPEN, ada)["openAccount"]["account"]["id"]
        offered = server.ask("{ connectsPackages { id } }", None)["connectsPackages"]
        bought = server.ask(BUY, ada, account=account, package=PACKAGE)
        health = httpx.get(server.url.replace("/graphql", "/health"))
        code = server.stop()

    assert page.status_code == 400
    assert page.headers["content-type"].startswith("application/json")
    assert offered == []
    assert bought["buyConnects"] == {"__typename": "NotAllowed"}
    assert health.json() == {"status": "ok"}
    assert (code, "Traceback" in server.errors) == (0, False)
    assert not list(tmp_path.glob("*.secret"))
    assert f"It keeps its data in {tmp_path / 'production.sqlite3'}.\n" in server.output
    assert "delete" not in server.output


def test_it_does_not_start_without_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "production.sqlite3"

    refused = run(
        environment_of(f"sqlite://{file}", CONNECTS_ENV="production", CONNECTS_AUTH_SECRET="")
    )

    assert refused.returncode == 2
    assert refused.stderr.startswith("CONNECTS_AUTH_SECRET is missing.")
    assert "Traceback" not in refused.stderr
    assert list(tmp_path.iterdir()) == []
