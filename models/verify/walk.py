"""The walk over the ledger, wallet by wallet and entry by entry."""

from collections.abc import Iterator
from heapq import merge
from operator import attrgetter

from models.rules.facts import Entry, Wallet
from models.verify import faults
from models.verify.faults import Fault
from models.verify.lines import Line
from models.verify.merge import Page
from models.verify.wallets import WalletCheck


class Walk:
    """Takes the ledger's pages in order, then `finish`: both give faults of invariants 1 to 5."""

    def __init__(self) -> None:
        self._check: WalletCheck | None = None

    def take(self, page: Page) -> Iterator[Fault]:
        """The faults that the page's rows have or complete."""
        rows: Iterator[Wallet | Entry] = merge(
            page.wallets, page.entries, key=attrgetter("account_id")
        )
        for row in rows:
            if self._check is None or self._check.account_id != row.account_id:
                yield from self.finish()
                self._check = WalletCheck(row.account_id)
            if isinstance(row, Wallet):
                self._check.wallet = row
            else:
                yield from self._check.take(_line(row, page))
        yield from _orphans(page)

    def finish(self) -> Iterator[Fault]:
        """The faults of the wallet that was come to last."""
        if self._check is not None:
            yield from self._check.finish()


def _line(entry: Entry, page: Page) -> Line:
    """The entry with its lot and draws, which it takes from the page."""
    key = (entry.account_id, entry.sequence)
    lot = page.lots.pop(key, None)
    drawn = 0 if lot is None else page.drawn.pop(key, 0)
    return Line(entry, lot, drawn, page.draws.pop(key, []))


def _orphans(page: Page) -> Iterator[Fault]:
    """What no entry took from the page, though all rows of a key are in one."""
    for key in page.lots:
        page.drawn.pop(key, None)
        yield Fault(3, faults.lot(*key), "its entry is missing")
    for draws in page.draws.values():
        for draw in draws:
            yield Fault(3, faults.draw(*draw[:3]), "its entry is missing")
    for key in page.drawn:
        yield Fault(3, faults.lot(*key), "is missing, but was drawn from")
