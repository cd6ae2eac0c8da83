"""The README's story, told through clients whose connections break."""

import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from schema.types.user_error import REPLAYED
from tests.clients.network import network
from tests.clients.node import client
from tests.server.processes import Server, token
from tests.test_pages import PLACEHOLDER, SUBJECTS, agreed, examples

_REPLAYED = '"replayed": true'


@pytest.mark.slow
@pytest.mark.parametrize("script", ["apollo.js", "urql.js"])
async def test_each_mutation_takes_effect_once_though_its_first_answer_is_lost(
    fresh_server: Server, script: str
) -> None:
    names: dict[str, str] = {}
    mutations = 0

    async with AsyncExitStack() as stack:
        between = await stack.enter_async_context(network(fresh_server.url, loses=True))
        clients = {
            subject: await stack.enter_async_context(client(script, between.url, token(subject)))
            for subject in SUBJECTS.values()
        }
        for example in examples("docs/story.md"):
            query = PLACEHOLDER.sub(lambda word: names.get(word[0], word[0]), example.query)
            mutations += query.startswith("mutation")

            told = await clients[example.subject].execute(query)

            # What the README shows is the first outcome, and it is what the second attempt gives.
            shown = json.loads(json.dumps(example.answer).replace('"replayed": false', _REPLAYED))
            if query.startswith("mutation"):
                shown = _remembered(shown)
            given = {"data": _asked_for(shown["data"], told.get("data"))}
            assert agreed(shown, given, names), (query, told)
            # The answers that came: a query is no stream, whatever else the client would take.
            types = {request["type"] for request in told["requests"] if "type" in request}
            assert types == {"application/graphql-response+json; charset=utf-8"}
            assert len(told["requests"]) == 1 + query.startswith("mutation")

    assert between.lost == mutations > 5


def _remembered(shown: Any) -> Any:
    """What is shown, as a second call with the same key answers it."""
    if not isinstance(shown, dict):
        return shown
    found = {name: _remembered(part) for name, part in shown.items()}
    if "message" in found:
        found["message"] = REPLAYED.format(found["message"])
        found |= {name: None for name in ("nextGrant",) if name in found}
    return found


def _asked_for(shown: Any, given: Any) -> Any:
    """`given` without the type names that a client asks for on its own account."""
    if isinstance(shown, dict) and isinstance(given, dict):
        return {
            name: _asked_for(shown.get(name), part)
            for name, part in given.items()
            if name in shown or name != "__typename"
        }
    if isinstance(shown, list) and isinstance(given, list) and len(shown) == len(given):
        return [_asked_for(one, other) for one, other in zip(shown, given, strict=True)]
    return given
