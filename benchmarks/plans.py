"""What a load sends: prepared requests that lack only an idempotency key and a pick.

The pick is the freelancer of an invitation, whom a job can invite only once.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

PICK: Final = "<PICK>"
KEY: Final = "<KEY>"
KEY_DIGITS: Final = 12
KEY_LENGTH: Final = 24


class Plan(NamedTuple):
    """Requests `first`, `first` + 1 ... of an endless list that uses the templates in turn.

    Request n uses template n % len(templates) and pick n // len(templates), so no two requests are
    the same. Its key is `run` and n. A response is a success if it contains `success` exactly
    `times` times. `rate`: requests per second, 0 for as fast as they are answered; `requests`:
    maximum number, 0 for no limit.
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
    """Returns an HTTP request that posts `body`; PICK in it has length `pick_length`."""
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
    """Returns the prefix of a run's keys, which is followed by the request's number."""
    return f"{name[: KEY_LENGTH - KEY_DIGITS]:-<{KEY_LENGTH - KEY_DIGITS}}"
