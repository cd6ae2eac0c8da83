"""Apollo Client's automatic persisted queries."""

from tests.clients.node import client
from tests.server.processes import Server, token

QUERY = "query { viewer { name } }"
MUTATION = """
mutation {
  openAccount(input: {kind: CLIENT, name: "Clara's Kiosk", idempotencyKey: "persisted"}) {
    ... on OpenAccountSuccess { wallet { available } }
  }
}
"""


async def test_a_query_is_sent_once_and_named_by_its_hash_from_then_on(server: Server) -> None:
    async with client("apollo.js", server.url, token("demo-client")) as apollo:
        first = await apollo.execute(QUERY, "persisting")
        second = await apollo.execute(QUERY, "persisting")
        mutation = await apollo.execute(MUTATION, "persisting")

    assert [request["document"] for request in first["requests"]] == [False, True]
    (again,) = second["requests"]
    assert (again["method"], again["document"]) == ("GET", False)
    assert first["data"]["viewer"]["name"] == second["data"]["viewer"]["name"] == "Clara Client"
    assert [request["method"] for request in mutation["requests"]] == ["POST", "POST"]
    assert mutation["data"]["openAccount"]["wallet"]["available"] == 60
