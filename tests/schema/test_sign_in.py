"""Callers are remembered by their headers, as long as their tokens are good, and not too many."""

import pytest

from models.rules.instants import SECOND
from resolvers.people.tokens import issue_token
from resolvers.services import Services
from schema import sign_in
from schema.sign_in import SignIn
from serving.application import Unauthenticated
from tests.books import count
from tests.clocks import ManualClock
from tests.schema.callers import RULES, SECRET, Api


def header(services: Services, name: str) -> str:
    """One that is good for a second."""
    return f"Bearer {issue_token(SECRET, name, services.clock() + SECOND)}"


async def test_a_caller_is_known_who_was_seen_before(api: Api) -> None:
    callers = SignIn(api.services, RULES)
    ada = header(api.services, "ada")
    before = callers.known(ada)

    caller = await callers.caller(ada, "here")

    assert before is None
    assert callers.known(ada) is caller
    assert callers.known(None) is None
    assert callers.known(header(api.services, "ben")) is None


async def test_nobody_is_known_by_a_token_that_has_expired(api: Api, clock: ManualClock) -> None:
    callers = SignIn(api.services, RULES)
    ada = header(api.services, "ada")
    await callers.caller(ada, "here")

    clock.now += SECOND

    assert callers.known(ada) is None
    with pytest.raises(Unauthenticated):
        await callers.caller(ada, "here")


async def test_those_who_were_forgotten_are_found_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "REMEMBERED", 2)
    callers = SignIn(api.services, RULES)
    headers = [header(api.services, name) for name in ("ada", "ben", "cleo", "dora")]

    first = [(await callers.caller(one, "here")).key for one in headers]
    known = [callers.known(one) is not None for one in headers]
    again = [(await callers.caller(one, "here")).key for one in headers]

    assert known == [False, False, True, True]
    assert again == first
    assert await count(api.services.database, "user") == 4
