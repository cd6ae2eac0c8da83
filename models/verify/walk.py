"""The walk over the ledger, by wallet and entry."""

from collections.abc import Iterator
from heapq import merge
from typing import Any, NamedTuple

from models.rules.facts import Entry, Wallet
from models.verify import faults
from models.verify.faults import Fault
from models.verify.lines import Line
from models.verify.merge import Key, Page
from models.verify.wallets import WalletCheck


class Walk:
    """Call `take` with each page in order, then `finish`; both yield faults.

    They cover invariants 1 to 5.
    """

    def __init__(self) -> None:
        self._check: WalletCheck | None = None

    def take(self, page: Page) -> Iterator[Fault]:
        """Yields the faults that this page's rows have or complete."""
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
                    check.put_aside(row.fault)

    def finish(self) -> Iterator[Fault]:
        """Yields the faults of the last wallet."""
        if self._check is not None:
            yield from self._check.finish()


class _Orphan(NamedTuple):
    """A lot or a draw whose entry or lot is missing."""

    account_id: Any
    sequence: int
    fault: Fault


def _line(entry: Entry, page: Page) -> Line:
    key = (entry.account_id, entry.sequence)
    return Line(entry, page.lots.get(key), page.drawn.get(key, 0), page.draws.get(key, []))


def _orphans(page: Page) -> list[_Orphan]:
    """All rows of a key are in one page, so a row missing from it does not exist."""
    entries = {_key(entry) for entry in page.entries}
    return sorted(
        [
            *(
                _Orphan(*key, Fault(3, faults.lot(*key), "its entry is missing"))
                for key in page.lots.keys() - entries
            ),
            *(
                _Orphan(*key, Fault(3, faults.draw(*draw[:3]), "its entry is missing"))
                for key in page.draws.keys() - entries
                for draw in page.draws[key]
            ),
            *(
                _Orphan(*key, Fault(3, faults.lot(*key), "is missing, but was drawn from"))
                for key in page.drawn.keys() - page.lots.keys()
            ),
        ],
        key=_key,
    )


def _key(row: Wallet | Entry | _Orphan) -> Key:
    """The position in the walk; a wallet comes before its entries."""
    return (row.account_id,) if isinstance(row, Wallet) else (row.account_id, row.sequence)
