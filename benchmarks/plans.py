"""What one round asks of the server: prepared requests, ready but for the idempotency key."""

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

import orjson

from benchmarks.payers import Payer, Payers

Kind = Literal["distinct wallets", "one hot wallet", "balance reads"]

KEY_LENGTH = 24
_KEY = "?" * KEY_LENGTH
_SPEND = """
mutation Post($input: PostJobInput!) {
  postJob(input: $input) {
    __typename
    ... on PostJobSuccess {
      job { id title status expiresAt }
      wallet { id available }
      entry { sequence connects availableAfter }
      replayed
    }
    ... on UserError { code message retryable }
  }
}
"""
_READ = """
query Balance($id: ID!) {
  node(id: $id) { __typename ... on Wallet { available held } }
}
"""


class Plan(NamedTuple):
    """The bytes of `requests` are cut where the idempotency key goes, if they have one.

    An answer that contains `success` is a success. Keys begin with `run`, so that no two rounds
    share one.
    """

    port: int
    seconds: float
    run: str
    requests: list[tuple[str, ...]]
    success: str


def plan(kind: Kind, payers: Payers, *, port: int, seconds: float, run: str) -> Plan:
    """A round of `kind`. Payers take turns, so that requests in flight are of different ones."""
    if kind == "balance reads":
        requests = [_read(payer, port) for payer in _shuffled(payers.distinct)]
        return Plan(port, seconds, run, requests, '"__typename":"Wallet"')
    spending = [payers.hot] if kind == "one hot wallet" else _shuffled(payers.distinct)
    requests = [_spend(payer, port) for payer in spending]
    return Plan(port, seconds, run, requests, '"__typename":"PostJobSuccess"')


def _shuffled(payers: Sequence[Payer]) -> list[Payer]:
    return random.sample(payers, len(payers))


def _spend(payer: Payer, port: int) -> tuple[str, ...]:
    input = {
        "accountId": payer.account_id,
        "title": "A website for a bakery",
        "description": "Ten pages, opening hours, and a form to order cakes.",
        "skills": ["design", "html"],
        "budget": {"amountMinor": 80_000, "currency": "USD"},
        "expectedConnects": 1,
        "idempotencyKey": _KEY,
    }
    before, after = _request(payer, port, {"query": _SPEND, "variables": {"input": input}}).split(
        _KEY
    )
    return before, after


def _read(payer: Payer, port: int) -> tuple[str, ...]:
    return (_request(payer, port, {"query": _READ, "variables": {"id": payer.wallet_id}}),)


def _request(payer: Payer, port: int, body: dict[str, object]) -> str:
    text = orjson.dumps(body).decode()
    return (
        "POST /graphql HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {payer.token}\r\n"
        "Content-Type: application/json\r\n"
        "Accept: application/json\r\n"
        f"Content-Length: {len(text)}\r\n"
        f"\r\n{text}"
    )
