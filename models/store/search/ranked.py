"""Searching freelancers and jobs: conditions, full text, and keyset pages in any order.

Relevance is the same on both databases and does not drift as rows are inserted: rows with all words
in the title come first, then rows with all words in title and skills, then the rest. Within a tier,
rows are sorted by the order's keys.
"""

from collections.abc import Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

import orjson
from tortoise.models import Model

from models.rules.searching import SearchText
from models.store.database import Database
from models.store.pages import Key, Page, Sliced
from models.store.statements import both, instance_of, table_of

M = TypeVar("M", bound=Model)

FEW_MATCHES: Final = 1000
"""Up to this many matches are found by the text index and sorted.

If there are more, the search walks the order's index.
"""
STEMMED: Final = 3
"""The minimum length of a word for stemming."""

_TIERS: Final = {0: ("all",), 1: ("title",), 2: ("head", "title"), 3: ("all", "head")}
"""For each tier: the part of a row that must contain the words, and the part that must not."""
_FTS5_COLUMNS: Final = {"all": "", "head": "{title skills} : ", "title": "{title} : "}


class SortOrder(NamedTuple):
    """Sort keys, the last one unique, all ascending or all descending."""

    keys: tuple[str, ...]
    descending: bool


class Conditions:
    """A WHERE clause under construction, with parameters numbered $1, $2 ..."""

    def __init__(self) -> None:
        self._sql: list[str] = []
        self.parameters: list[Any] = []

    def add(self, sql: str, *values: object) -> None:
        """Adds a condition in which each {} is replaced by one of `values`."""
        self._sql.append(sql.format(*(self._mark(value) for value in values)))

    def among(self, column: str, values: Sequence[object]) -> None:
        marks = ", ".join("{}" for _ in values)
        self.add(f"{column} IN ({marks or 'NULL'})", *values)

    def copy(self) -> "Conditions":
        same = Conditions()
        same._sql, same.parameters = list(self._sql), list(self.parameters)
        return same

    @property
    def where(self) -> str:
        return f"WHERE {' AND '.join(self._sql)}" if self._sql else ""

    def _mark(self, value: object) -> str:
        self.parameters.append(value)
        return f"${len(self.parameters)}"


class Found(NamedTuple, Generic[M]):
    """A row and its position: its relevance tier, then the order's keys."""

    row: M
    place: tuple[Any, ...]


class RankedSearch(Generic[M]):
    """Searches one model for a page of the rows that meet conditions, in one order.

    The page may be read backwards, and between two positions.
    """

    def __init__(self, database: Database, model: type[M], order: SortOrder, page: Page) -> None:
        self._database = database
        self._model = model
        self._table = table_of(model)
        self._reading = order._replace(descending=order.descending is not page.backwards)
        self._page = page
        self._on_postgres = database.dialect == "postgres"
        self.conditions = Conditions()

    def with_skills(self, skills: Sequence[str], *, beside_text: bool) -> None:
        """Requires all of `skills`, ignoring the case of ASCII letters.

        `beside_text`: SQLite finds rows by the text and looks up the skills of each.
        """
        wanted = [_lower(skill) for skill in skills]
        if self._on_postgres and wanted:
            self.conditions.add(
                'lower(skills::text COLLATE "C")::jsonb @> {}::text::jsonb',
                orjson.dumps(wanted).decode(),
            )
            return
        name = self._table.name
        condition = (
            f"EXISTS (SELECT 1 FROM {name}_skill AS s "
            f'WHERE s.skill = {{}} AND s.search_row = "{name}".search_row)'
            if beside_text
            else f"search_row IN (SELECT search_row FROM {name}_skill WHERE skill = {{}})"
        )
        for skill in wanted:
            self.conditions.add(condition, skill)

    async def sliced(self, text: SearchText | None, *, by_relevance: bool) -> Sliced[Found[M]]:
        """The page of rows that hold all words of `text`."""
        return Sliced.of(await self.read(text, by_relevance=by_relevance), self._page)

    async def read(self, text: SearchText | None, *, by_relevance: bool) -> list[Found[M]]:
        """The page's rows in the direction of reading, and one more where there are more."""
        page = self._page
        if text is None:
            self._end_at(page.far)
            return await self._rows(self.conditions, 0, page.limit, page.near, few=False)
        if not text.words:
            return []
        found: list[Found[M]] = []
        for tier in self._tiers(by_relevance=by_relevance):
            if len(found) == page.limit:
                break
            if page.far is not None and tier == page.far[0]:
                # No tier is read after this one, so the condition may stay.
                self._end_at(page.far)
            near = page.near if page.near is not None and tier == page.near[0] else None
            found += await self._tier(text, tier, page.limit - len(found), near)
        return found

    def _tiers(self, *, by_relevance: bool) -> list[int]:
        """Returns the tiers that the page can reach, in reading order."""
        after, before = self._page.after, self._page.before
        tiers = [
            tier
            for tier in ((1, 2, 3) if by_relevance else (0,))
            if (after is None or tier >= after[0]) and (before is None or tier <= before[0])
        ]
        return tiers[::-1] if self._page.backwards else tiers

    def _end_at(self, far: Key | None) -> None:
        if far is not None:
            keys, descending = self._reading
            marks = ", ".join("{}" for _ in keys)
            comparison = ">" if descending else "<"
            self.conditions.add(f"({', '.join(keys)}) {comparison} ({marks})", *far[1:])

    async def _tier(
        self, text: SearchText, tier: int, size: int, after: tuple[Any, ...] | None
    ) -> list[Found[M]]:
        by_index = self._with_text(text, tier, walking=False)
        rows = await self._database.fetch_as_planned(
            both(
                f'SELECT count(*) FROM (SELECT 1 FROM "{self._table.name}" {by_index.where} '
                f"LIMIT {FEW_MATCHES + 1}) AS matches"
            ),
            *by_index.parameters,
        )
        if not rows[0][0]:
            return []
        few = rows[0][0] <= FEW_MATCHES
        conditions = by_index if few else self._with_text(text, tier, walking=True)
        return await self._rows(conditions, tier, size, after, few=few)

    async def _rows(
        self,
        conditions: Conditions,
        tier: int,
        size: int,
        after: tuple[Any, ...] | None,
        *,
        few: bool,
    ) -> list[Found[M]]:
        keys, descending = self._reading
        named = ", ".join(keys)
        if after is not None:
            conditions = conditions.copy()
            marks = ", ".join("{}" for _ in keys)
            conditions.add(f"({named}) {'<' if descending else '>'} ({marks})", *after[1:])
        # PostgreSQL treats OFFSET 0 as a fence: it finds matches first and then sorts.
        fence = "OFFSET 0" if few and self._on_postgres else ""
        name, direction = self._table.name, "DESC" if descending else "ASC"
        sql = (
            f'SELECT {self._table.selected}, {named} FROM (SELECT * FROM "{name}" '
            f'{conditions.where} {fence}) AS "{name}" '
            f"ORDER BY {', '.join(f'{key} {direction}' for key in keys)} LIMIT {size}"
        )
        width = len(self._table.columns)
        rows = await self._database.fetch_as_planned(both(sql), *conditions.parameters)
        return [
            Found(instance_of(self._model, row[:width]), (tier, *row[width:]))
            for row in map(tuple, rows)
        ]

    def _with_text(self, text: SearchText, tier: int, *, walking: bool) -> Conditions:
        """`walking`: SQLite walks the order's index and checks each row for a match."""
        conditions = self.conditions.copy()
        name = self._table.name
        for part, negation in zip(_TIERS[tier], ("", "NOT "), strict=False):
            if self._on_postgres:
                sql, values = _tsquery(text)
                conditions.add(f"{negation}search_{part} @@ ({sql})", *values)
            else:
                conditions.add(
                    f"{'+' if walking or negation else ''}search_row {negation}IN "
                    f"(SELECT rowid FROM {name}_search WHERE {name}_search MATCH {{}})",
                    _FTS5_COLUMNS[part] + _fts5_query(text),
                )
        return conditions


def _tsquery(text: SearchText) -> tuple[str, list[str]]:
    """Returns an expression for all words, and its parameters. Short words are not stemmed."""
    *whole, last = text.words
    terms = [*((word, word) for word in whole), (last, f"{last}:*")]
    configurations = [
        "simple" if len(word) < STEMMED and word.isascii() else "connects_english"
        for word, _ in terms
    ]
    sql = " && ".join(f"to_tsquery('{name}', {{}})" for name in configurations)
    return sql, [term for _, term in terms]


def _fts5_query(text: SearchText) -> str:
    *whole, last = text.words
    return "(" + " AND ".join([*(f'"{word}"' for word in whole), f'"{last}" *']) + ")"


def _lower(skill: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in skill)
