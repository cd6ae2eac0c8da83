"""What is measured, and its GraphQL requests."""

from enum import StrEnum
from typing import Any, Final, NamedTuple

from benchmarks.plans import KEY, PICK

PAGE: Final = 20


class Work(StrEnum):
    """The works, by their names on the command line."""

    SPEND = "spend"
    HOT = "hot"
    BALANCE = "balance"
    NEWEST = "newest"


SPENDS: Final = (Work.SPEND, Work.HOT)
MEANINGS: Final = {
    Work.SPEND: "spends, distinct wallets",
    Work.HOT: "spends, one hot wallet",
    Work.BALANCE: "balance of one wallet",
    Work.NEWEST: f"newest {PAGE} entries",
}


class Form(NamedTuple):
    """Requests of one work, one per wallet, and how to recognise a success: see Plan."""

    templates: list[str]
    picks: list[str]
    success: str
    times: int


class Marker(NamedTuple):
    """What a successful response contains, and how often."""

    text: str
    times: int


MARKERS: Final = {
    Work.SPEND: Marker('"InviteFreelancerSuccess"', 1),
    Work.HOT: Marker('"InviteFreelancerSuccess"', 1),
    Work.BALANCE: Marker('"available"', 1),
    Work.NEWEST: Marker('"availableAfter"', PAGE),
}

INVITE: Final = """
mutation Invite($input: InviteFreelancerInput!) {
  inviteFreelancer(input: $input) {
    __typename
    ... on InviteFreelancerSuccess {
      invitation { id status connects }
      wallet { available }
      entry { sequence connects availableAfter }
      replayed
    }
    ... on InsufficientConnects { required available }
  }
}
"""
BALANCE: Final = "query Balance($id: ID!) { node(id: $id) { id ... on Wallet { available } } }"
NEWEST: Final = (
    "query Newest($id: ID!) { node(id: $id) { id ... on Wallet { entries(first: 20) {"
    " nodes { sequence kind action connects availableAfter createdAt }"
    " pageInfo { hasNextPage endCursor } } } } }"
)


def invitation(job_id: str) -> dict[str, Any]:
    """Returns the body of a spend."""
    input = {
        "jobId": job_id,
        "freelancerId": PICK,
        "connects": 1,
        "message": "We like your bread.",
        "idempotencyKey": KEY,
    }
    return {"query": INVITE, "variables": {"input": input}}


def of_wallet(query: str, id: str) -> dict[str, Any]:
    """Returns the body of a read."""
    return {"query": query, "variables": {"id": id}}
