"""Statements as comma-separated values (RFC 4180), which spreadsheets open without running them.

A spreadsheet takes text that begins with certain characters for a formula, and so would run what
somebody wrote into a job's title. Such text gets an apostrophe in front, which spreadsheets take
for "this is text". Numbers are written as numbers, without quotation marks.
"""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Final

from models.rules.instants import rfc3339
from models.store.history.statement_lines import StatementLine

COLUMNS: Final = (
    "sequence",
    "time",
    "kind",
    "action",
    "connects",
    "available",
    "held",
    "subject",
    "member",
    "paid_minor",
    "currency",
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""The last four are their full-width forms, which some spreadsheets take for the same."""


async def written(pages: AsyncIterator[list[StatementLine]]) -> AsyncIterator[bytes]:
    """The file, in a piece for each page, after one with the names of the columns."""
    yield _text([COLUMNS])
    async for page in pages:
        yield _text(map(_row, page))


def as_text(value: str | None) -> str:
    """A cell's text, which no spreadsheet takes for a formula."""
    if value is None:
        return ""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def _row(line: StatementLine) -> list[str | int]:
    return [
        line.sequence,
        rfc3339(line.created_at),
        line.kind,
        line.action or "",
        line.connects,
        line.available_after,
        line.held_after,
        as_text(line.subject),
        as_text(line.member),
        "" if line.paid_minor is None else line.paid_minor,
        line.currency or "",
    ]


def _text(rows: Iterable[Iterable[str | int]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    return text.getvalue().encode(errors="replace")
