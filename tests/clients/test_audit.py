"""GraphQL over HTTP, as graphql-http's audits understand it."""

from tests.clients.node import FOLDER, run
from tests.server.processes import Server


def test_every_audit_is_ok(server: Server) -> None:
    printed = run(FOLDER / "audit.js", server.url)

    assert printed == "61 of 61 ok\n"
