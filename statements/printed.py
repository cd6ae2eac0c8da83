"""Statements as a page to print: plain HTML without scripts, all text in it escaped.

When it is printed, the head of each sheet says which one it is, and of how many.
"""

import base64
from collections.abc import AsyncIterator
from hashlib import sha256
from html import escape
from typing import Final

from models.money import Money
from models.rules.instants import rfc3339
from models.store.history.statement_lines import StatementLine
from resolvers.history.statements import WalletStatement

MOST_LINES: Final = 10_000
"""More entries are not listed: a browser would take minutes for them. The CSV file has them."""
_STYLE: Final = """
body { font: 14px/1.4 sans-serif; margin: 2em auto; max-width: 60em; color: #111; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; }
th, td { text-align: left; padding: 0.25em 0.5em; border-bottom: 1px solid #ccc; }
td { overflow-wrap: anywhere; vertical-align: top; }
.number { text-align: right; white-space: nowrap; }
.parts { width: auto; min-width: 24em; }
.sum { font-weight: bold; }
@page { margin: 2cm 1.5cm; @top-right { content: "Page " counter(page) " of " counter(pages); } }
@media print {
  body { font-size: 10pt; margin: 0; max-width: none; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
"""
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(sha256(_STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The Content-Security-Policy: nothing but the page's own style sheet."""
_COLUMNS: Final = ("No.", "Time (UTC)", "What", "For", "By", "Connects", "Available", "Held")
_NUMBERS: Final = frozenset({"No.", "Connects", "Available", "Held"})


async def written(
    account_name: str, statement: WalletStatement, pages: AsyncIterator[list[StatementLine]]
) -> AsyncIterator[bytes]:
    """The page in pieces: its head, a piece for each page of entries, its end."""
    yield _head(account_name, statement).encode(errors="replace")
    async for page in pages:
        yield "".join(map(_line, page)).encode(errors="replace")
    yield b"</tbody></table></body></html>\n"


def _head(account_name: str, statement: WalletStatement) -> str:
    _, start, end, (after, upto) = statement.named
    title = f"Statement of {escape(account_name)}"
    listed = f"{upto - after:,} entries."
    if upto - after > MOST_LINES:
        listed = (
            f"The first {MOST_LINES:,} of {upto - after:,} entries; the CSV file has all of them."
        )
    cells = "".join(
        f'<th class="number">{name}</th>' if name in _NUMBERS else f"<th>{name}</th>"
        for name in _COLUMNS
    )
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>
<body><h1>{title}</h1>
<p>From {rfc3339(start)} until before {rfc3339(end)}, in Connects.</p>
<table class="parts"><tbody>{_parts(statement)}</tbody></table>
<p>{listed}</p>
<table><thead><tr>{cells}</tr></thead><tbody>
"""


def _parts(statement: WalletStatement) -> str:
    parts = statement.parts
    by_action = parts.spent_by_action.items()
    rows: list[tuple[str, str]] = [
        ("Opening balance", _number(parts.opening.available)),
        ("Granted", _signed(parts.granted)),
        ("Purchased", _signed(parts.purchased)),
        ("Returned", _signed(parts.returned)),
        ("Adjusted", _signed(parts.adjusted)),
        ("Spent", _signed(-parts.spent)),
        *((f"of it on {_words(action)}", _signed(-spent)) for action, spent in by_action),
        ("Expired", _signed(-parts.expired)),
        ("Set aside", _signed(-parts.held)),
        ("Closing balance", _number(parts.closing.available)),
        *(("Paid", amount.formatted) for amount in statement.paid),
    ]
    return "".join(
        f"<tr{_SUM if name.endswith('balance') else ''}><td>{escape(name)}</td>"
        f'<td class="number">{escape(value)}</td></tr>'
        for name, value in rows
    )


_SUM: Final = ' class="sum"'


def _line(line: StatementLine) -> str:
    subject = line.subject or ""
    if line.paid_minor is not None and line.currency is not None:
        subject = Money(line.paid_minor, line.currency).formatted
    texts = (rfc3339(line.created_at), _words(line.action or line.kind), subject, line.member or "")
    numbers = (_signed(line.connects), _number(line.available_after), _number(line.held_after))
    return (
        f'<tr><td class="number">{line.sequence}</td>'
        + "".join(f"<td>{escape(text)}</td>" for text in texts)
        + "".join(f'<td class="number">{number}</td>' for number in numbers)
        + "</tr>\n"
    )


def _words(word: str) -> str:
    return word.replace("_", " ").lower()


def _number(connects: int) -> str:
    return f"{connects:,}"


def _signed(connects: int) -> str:
    return f"{connects:+,}" if connects else "0"
