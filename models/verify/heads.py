"""Invariant 7: what a checkpoint covers is still in the ledger, unchanged."""

from collections.abc import Iterator
from heapq import merge

from models.rules.facts import GENESIS, Entry, Wallet
from models.rules.proof.checkpoints import Head
from models.verify import violations
from models.verify.merge import LedgerPage
from models.verify.violations import Violation

_Position = tuple[str, int]


class HeadCheck:
    """Compares the heads of a checkpoint, in the order of their accounts, with the ledger.

    Call `take` with each page in order, then `finish`; both yield violations. That an entry's hash
    is the hash of all entries up to it is for `Walk` to check.
    """

    def __init__(self, heads: Iterator[Head]) -> None:
        self._heads = heads
        self._head = next(heads, None)
        self._account = ""
        self._sequence = 0

    def take(self, page: LedgerPage) -> Iterator[Violation]:
        """Yields the violations that this page's rows show."""
        rows: Iterator[Wallet | Entry] = merge(page.wallets, page.entries, key=_position)
        for row in rows:
            position = account, sequence = _position(row)
            yield from self._missing_before(position)
            self._account, self._sequence = position
            head = self._head
            if head is not None and (str(head.account_id), head.sequence) == position:
                found = row.hash if isinstance(row, Entry) else GENESIS
                if found != head.hash:
                    where = violations.entry(account, sequence)
                    yield Violation(7, where, "has another hash than in the checkpoint")
                self._head = next(self._heads, None)

    def finish(self) -> Iterator[Violation]:
        """Yields the violations of heads beyond the last row."""
        while self._head is not None:
            yield self._missing(self._head)
            self._head = next(self._heads, None)

    def _missing_before(self, position: _Position) -> Iterator[Violation]:
        while (head := self._head) is not None:
            if (str(head.account_id), head.sequence) >= position:
                return
            yield self._missing(head)
            self._head = next(self._heads, None)

    def _missing(self, head: Head) -> Violation:
        where = violations.wallet(head.account_id)
        covered = f"but the checkpoint has it at entry {head.sequence}"
        if str(head.account_id) != self._account:
            return Violation(7, where, f"is missing, {covered}")
        return Violation(7, where, f"ends at entry {self._sequence}, {covered}")


def _position(row: Wallet | Entry) -> _Position:
    """The position in the ledger; a wallet comes before its entries."""
    return str(row.account_id), row.sequence if isinstance(row, Entry) else 0
