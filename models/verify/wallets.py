"""Invariants 1 to 4: a wallet against its entries in order, their lots and draws."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from models.rules.facts import GENESIS, Entry, Lot, Wallet
from models.rules.hashchain import entry_hash
from models.rules.instants import month_of
from models.rules.kinds import MOVE_HELD, EntryKind
from models.verify import violations
from models.verify.lines import Line, line_violations
from models.verify.violations import Violation


class WalletCheck:
    """Pass it the wallet and each of its lines in order, then `finish`; both yield violations.

    After a violation it continues from the stored values, so one wrong row is one violation and
    does not invalidate those that follow. An entry's hash is checked last, because any other
    violation also breaks it and is more specific.
    """

    def __init__(self, account_id: Any) -> None:
        self.account_id: Final = account_id
        self.wallet: Wallet | None = None
        self._last = Entry(account_id, 0, "", 0, 0, 0, None, None, None, 0, b"", GENESIS)
        self._moved = 0
        self._remaining = 0
        self._held = 0
        self._lots_held: dict[int, int] = {}
        self._holds: dict[Any, Counter[int]] = {}
        self._grant_month = 0
        self._aside: list[Violation] = []

    def put_aside(self, violation: Violation) -> None:
        """Stores a violation of a row without an entry, to be yielded after that of the gap."""
        self._aside.append(violation)

    def take(self, line: Line) -> Iterator[Violation]:
        """Yields the violations of the wallet's next entry and of its lot and draws."""
        entry, lot = line.entry, line.lot
        yield from self._order_violations(entry)
        yield from self._put_aside()
        yield from line_violations(line)
        if lot is not None:
            yield from self._grant_violations(entry, lot)
            self._remaining += lot.remaining
            self._held += lot.held
            if lot.held:
                self._lots_held[lot.sequence] = lot.held
        if entry.kind in MOVE_HELD:
            yield from self._hold_violations(line)
        if entry_hash(entry, lot, line.draws) != entry.hash:
            where = violations.entry(entry.account_id, entry.sequence)
            yield Violation(
                2, where, "its hash is not the hash of its facts, its lot and its draws"
            )
        self._moved += entry.connects
        self._last = entry

    def finish(self) -> Iterator[Violation]:
        """Yields the violations of the wallet compared with the totals of its lines."""
        yield from self._put_aside()
        if self.wallet is None:
            yield Violation(
                2, violations.wallet(self.account_id), "is missing, but rows refer to it"
            )
            return
        yield from self._lots_violations(self.wallet)
        yield from self._head_violations(self.wallet)
        yield from self._open_holds_violations()

    def _put_aside(self) -> list[Violation]:
        given, self._aside = self._aside, []
        return given

    def _order_violations(self, entry: Entry) -> Iterator[Violation]:
        last = self._last
        where = violations.entry(entry.account_id, entry.sequence)
        if entry.sequence != last.sequence + 1:
            missing = violations.entry(entry.account_id, last.sequence + 1)
            yield Violation(2, missing, f"is missing: after {last.sequence} comes {entry.sequence}")
            return
        if entry.created_at < last.created_at:
            yield Violation(2, where, "is older than the previous entry")
        if not _follows(entry, last):
            yield Violation(
                2,
                where,
                f"moves {entry.connects:+} and leaves {_balance(entry)}, which does not follow "
                f"from {_balance(last)} in the entry before",
            )
        if entry.prev_hash != last.hash:
            yield Violation(2, where, "does not hold the hash of the previous entry")

    def _grant_violations(self, entry: Entry, lot: Lot) -> Iterator[Violation]:
        """Months must increase from grant to grant, so that none occurs twice."""
        if lot.grant_month is None:
            return
        where = violations.lot(lot.account_id, lot.sequence)
        if lot.grant_month <= self._grant_month:
            message = f"grants month {lot.grant_month}, after month {self._grant_month}"
            yield Violation(4, where, message)
        if lot.grant_month != _month_or_none(entry.created_at):
            yield Violation(4, where, f"grants month {lot.grant_month}, but was created in another")
        self._grant_month = lot.grant_month

    def _hold_violations(self, line: Line) -> Iterator[Violation]:
        """Checks that a hold ends once and whole, and is released to the lots it came from."""
        entry = line.entry
        drawn = Counter({draw.lot_sequence: draw.connects for draw in line.draws})
        if entry.kind == EntryKind.HOLD:
            self._holds.setdefault(entry.subject_id, Counter()).update(drawn)
            return
        where = violations.entry(entry.account_id, entry.sequence)
        held = self._holds.pop(entry.subject_id, None)
        if held is None:
            yield Violation(3, where, f"is a {entry.kind}, but nothing was held for its subject")
            return
        ended = self._last.held_after - entry.held_after
        if ended != held.total():
            message = f"ends a hold of {ended}, but its subject holds {held.total()}"
            yield Violation(3, where, message)
        back = {lot: -connects for lot, connects in drawn.items()}
        if back != (held if entry.kind == EntryKind.RELEASE else {}):
            message = f"is a {entry.kind}, but its draws do not match the lots of the hold"
            yield Violation(3, where, message)

    def _open_holds_violations(self) -> Iterator[Violation]:
        """Compares what the lots hold with the HOLD entries that have not ended."""
        held: Counter[int] = sum(self._holds.values(), Counter())
        for sequence in sorted({*held, *self._lots_held}):
            stored = self._lots_held.get(sequence, 0)
            if stored != held[sequence]:
                message = f"has {stored} held, but its open holds come to {held[sequence]}"
                yield Violation(3, violations.lot(self.account_id, sequence), message)

    def _lots_violations(self, wallet: Wallet) -> Iterator[Violation]:
        where = violations.wallet(self.account_id)
        for name, stored, in_lots in (
            ("available", wallet.available, self._remaining),
            ("held", wallet.held, self._held),
        ):
            if stored < 0:
                yield Violation(1, where, f"is overdrawn, with {stored} {name}")
            if stored != in_lots:
                yield Violation(1, where, f"has {stored} {name}, but its lots have {in_lots}")
        if wallet.last_grant_month < self._grant_month:
            message = f"was granted month {self._grant_month}, but records none after"
            yield Violation(4, where, f"{message} {wallet.last_grant_month}")

    def _head_violations(self, wallet: Wallet) -> Iterator[Violation]:
        last = self._last
        where = violations.wallet(self.account_id)
        if wallet.available != self._moved:
            yield Violation(
                2,
                where,
                f"has {wallet.available} available and {wallet.held} held, but its entries "
                f"moved {self._moved} in total",
            )
        if (wallet.available, wallet.held) != (last.available_after, last.held_after):
            yield Violation(
                2,
                where,
                f"has {wallet.available} available and {wallet.held} held, but its last entry "
                f"leaves {_balance(last)}",
            )
        if wallet.sequence != last.sequence:
            yield Violation(
                2, where, f"is at sequence {wallet.sequence}, but its last entry is {last.sequence}"
            )
        if wallet.head_hash != last.hash:
            yield Violation(2, where, "does not hold the hash of its last entry")


def _follows(entry: Entry, last: Entry) -> bool:
    if entry.available_after != last.available_after + entry.connects:
        return False
    held = entry.held_after - last.held_after
    match entry.kind:
        case EntryKind.HOLD:
            return held == -entry.connects > 0
        case EntryKind.RELEASE:
            return held == -entry.connects < 0
        case EntryKind.CAPTURE:
            return held < 0 and entry.connects == 0
    return held == 0


def _balance(entry: Entry) -> str:
    return f"{entry.available_after} available and {entry.held_after} held"


def _month_or_none(instant: int) -> int | None:
    """Returns the month of `instant`; None if it is outside the calendar."""
    try:
        return month_of(instant)
    except OverflowError:
        return None
