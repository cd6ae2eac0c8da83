"""The walk over the ledger, by wallet and entry."""

from collections.abc import Iterator
from heapq import merge
from typing import Any, NamedTuple

from models.rules.facts import Entry, Wallet
from models.verify import violations
from models.verify.lines import Line
from models.verify.merge import LedgerPage, RowKey
from models.verify.violations import Violation
from models.verify.wallets import WalletCheck


class Walk:
    """Call `take` with each page in order, then `finish`; both yield violations.

    They cover invariants 1 to 5.
    """

    def __init__(self) -> None:
        self._check: WalletCheck | None = None

    def take(self, page: LedgerPage) -> Iterator[Violation]:
        """Yields the violations that this page's rows have or complete."""
        rows: Iterator[Wallet | Entry | _Orphan] = merge(
            page.wallets, page.entries, _orphans(page), key=_key
        )
        for row in rows:
            check = self._check
            if check is None or check.account_id != row.account_id:
                yield from self.finish()
                check = self._check = WalletCheck(row.account_id)
            match row:
                case Wallet():
                    check.wallet = row
                case Entry():
                    yield from check.take(_line(row, page))
                case _Orphan():
                    check.put_aside(row.violation)

    def finish(self) -> Iterator[Violation]:
        """Yields the violations of the last wallet."""
        if self._check is not None:
            yield from self._check.finish()


class _Orphan(NamedTuple):
    """A lot or a draw whose entry or lot is missing."""

    account_id: Any
    sequence: int
    violation: Violation


def _line(entry: Entry, page: LedgerPage) -> Line:
    key = (entry.account_id, entry.sequence)
    return Line(entry, page.lots.get(key), page.drawn.get(key, 0), page.draws.get(key, []))


def _orphans(page: LedgerPage) -> list[_Orphan]:
    """All rows of a key are in one page, so a row missing from it does not exist."""
    entries = {_key(entry) for entry in page.entries}
    return sorted(
        [
            *(
                _Orphan(*key, Violation(3, violations.lot(*key), "its entry is missing"))
                for key in page.lots.keys() - entries
            ),
            *(
                _Orphan(*key, Violation(3, violations.draw(*draw[:3]), "its entry is missing"))
                for key in page.draws.keys() - entries
                for draw in page.draws[key]
            ),
            *(
                _Orphan(*key, Violation(3, violations.lot(*key), "is missing, but was drawn from"))
                for key in page.drawn.keys() - page.lots.keys()
            ),
        ],
        key=_key,
    )


def _key(row: Wallet | Entry | _Orphan) -> RowKey:
    """The position in the walk; a wallet comes before its entries."""
    return (row.account_id,) if isinstance(row, Wallet) else (row.account_id, row.sequence)
