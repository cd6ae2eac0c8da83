"""Each word of an enum that no code produces says so, and what is to produce it."""

import re
from pathlib import Path

from graphql import GraphQLEnumType

from models.rules.kinds import EntryKind, LotSource, PurchaseStatus
from schema.schema import schema
from schema.types.enums import ADMINISTRATION, PROVIDERS
from tests.schema.callers import Api

ROOT = Path(__file__).parents[3]
ELSEWHERE = ("models/rules/kinds.py", "models/rules/statements.py", "schema/types/enums.py")
"""Where the words are declared, counted and described."""


def test_a_word_says_that_nothing_produces_it_where_nothing_does() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("models", "resolvers", "schema")
        for path in (ROOT / folder).rglob("*.py")
        if str(path.relative_to(ROOT)) not in ELSEWHERE and "verify" not in path.parts
    )
    marked, unproduced = set(), set()
    for words in (EntryKind, LotSource, PurchaseStatus):
        enum = schema._schema.type_map[words.__name__]
        assert isinstance(enum, GraphQLEnumType)
        for name, value in enum.values.items():
            described = value.description or ""
            if described.endswith((ADMINISTRATION, PROVIDERS)):
                marked.add(f"{words.__name__}.{name}")
            if not re.search(rf"\b{words.__name__}\.{name}\b", code):
                unproduced.add(f"{words.__name__}.{name}")

    assert marked == unproduced
    assert len(marked) == 5


async def test_who_and_what_there_is_says_since_when(api: Api) -> None:
    farid = await api.freelancer()

    viewer = (
        await farid.ask("{ viewer { createdAt accounts { createdAt freelancer { createdAt } } } }")
    )["viewer"]

    at = "2026-11-22T09:30:00.000000Z"
    assert viewer == {
        "createdAt": at,
        "accounts": [{"createdAt": at, "freelancer": {"createdAt": at}}],
    }
