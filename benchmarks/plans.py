"""What a load sends: prepared requests, ready but for an idempotency key and a pick.

The pick is the freelancer of an invitation, whom a job invites only once.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

PICK: Final = "<PICK>"
KEY: Final = "<KEY>"
KEY_DIGITS: Final = 12
KEY_LENGTH: Final = 24


class Plan(NamedTuple):
    """Requests `first`, `first` + 1 ... of an endless list that takes the templates in turn.

    Request n is made of template n % len(templates), and of pick n // len(templates), so that no
    two requests are the same. Its key is `run` and n. An answer is a success where it holds
    `success` as often as `times` says. `rate`: requests per second, 0 for as fast as they are
    answered; `requests`: how many at most, 0 for as many as there is time for.
    """

    port: int
    seconds: float
    run: str
    first: int
    templates: list[str]
    picks: list[str]
    success: str
    times: int
    rate: float = 0
    requests: int = 0


def request(body: Mapping[str, object], *, pick_length: int = 0, token: str = "") -> str:
    """An HTTP request that posts `body` as JSON; PICK in it will take `pick_length` characters."""
    text = orjson.dumps(body).decode()
    length = len(text)
    if KEY in text:
        length += KEY_LENGTH - len(KEY) + pick_length - len(PICK)
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        "POST /graphql HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        f"{authorization}"
        "Content-Type: application/json\r\n"
        "Accept: application/json\r\n"
        f"Content-Length: {length}\r\n"
        f"\r\n{text}"
    )


def run_name(name: str) -> str:
    """How the keys of a run begin; what follows is the request's number."""
    return f"{name[: KEY_LENGTH - KEY_DIGITS]:-<{KEY_LENGTH - KEY_DIGITS}}"
