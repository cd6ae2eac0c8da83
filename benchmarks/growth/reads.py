"""Reads of a big ledger against those of a small one, and a late page against the first."""

import json
from http.client import HTTPConnection
from typing import Any, Final

from benchmarks import ours
from benchmarks.contestants import Served
from benchmarks.growth.findings import (
    Extent,
    Findings,
    Side,
    alternate,
    failed,
    times_longer,
)
from benchmarks.growth.ledgers import ENTRIES, Filled, filled, lengthen, served_on
from benchmarks.plans import request
from benchmarks.works import MARKERS, PAGE, Form, Work
from schema.ids import global_id

WALLETS: Final = 400
GOAL: Final = 1.2
_PAGE: Final = """
query Page($id: ID!, $after: String) {
  node(id: $id) { ... on Wallet { entries(first: 20, after: $after) {
    nodes { sequence kind action connects availableAfter createdAt }
    pageInfo { hasNextPage endCursor }
  } } }
}
"""
_EARLIEST: Final = """
query Earliest($id: ID!) {
  node(id: $id) { ... on Wallet { entries(last: 21) { edges { cursor } } } }
}
"""


def measure(extent: Extent) -> Findings:
    """Measures a balance, then the last page of the longest wallet."""
    each = max(ENTRIES, (extent.entries - extent.long) // WALLETS)
    extent.say(f"making {WALLETS * each + extent.long:,} entries")
    with filled(extent.postgres, WALLETS) as small, filled(extent.postgres, WALLETS) as big:
        accounts = [owner.account_id for owner in big.seeded.distinct]
        lengthen(big, {each: accounts, extent.long: [big.seeded.hot.account_id]})
        with served_on(small) as few, served_on(big) as many:
            balances = alternate([Side(few, Work.BALANCE), Side(many, Work.BALANCE)], extent)
            newest = alternate([Side(few, Work.NEWEST), Side(many, Work.NEWEST)], extent)
            pages = _pages(many, big, extent)
    sizes = f"{WALLETS * each + extent.long:,} entries in the ledger, not {WALLETS * ENTRIES:,}"
    found = [
        times_longer(f"a balance with {sizes}", balances, GOAL),
        times_longer(f"the newest {PAGE} with {sizes}", newest, GOAL),
        times_longer(f"page {extent.long // PAGE:,} of a wallet, not page 1", pages, GOAL),
    ]
    return Findings(found, failed("reads", [*balances, *newest, *pages]))


def _pages(server: Served, ledger: Filled, extent: Extent) -> list[list[Any]]:
    """Returns the first and the last page of the longest wallet."""
    hot = ledger.seeded.hot
    id = global_id("Wallet", hot.account_id)
    asked = ours.read(hot, ledger.secret, _EARLIEST)
    cursor = _answer(server, asked)["data"]["node"]["entries"]["edges"][0]["cursor"]
    token = asked.partition("Bearer ")[2].partition("\r\n")[0]
    forms = {}
    for name, after in (("first page", None), ("last page", cursor)):
        body = {"query": _PAGE, "variables": {"id": id, "after": after}}
        forms[name] = Form([request(body, token=token)], [], *MARKERS[Work.NEWEST])
    paging = Served(server.server, ledger.url, forms, before=0)
    return alternate([Side(paging, name) for name in forms], extent)


def _answer(server: Served, asked: str) -> Any:
    head, _, body = asked.partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    connection = HTTPConnection("127.0.0.1", server.server.port)
    try:
        connection.request("POST", "/graphql", body, headers)
        return json.load(connection.getresponse())
    finally:
        connection.close()
