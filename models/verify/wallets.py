"""Invariants 1 to 4: a wallet against its entries, taken in order, and their lots and draws."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from models.rules.facts import GENESIS, Entry, Lot, Wallet
from models.rules.hashchain import entry_hash
from models.rules.instants import month_of
from models.rules.kinds import MOVE_HELD, EntryKind
from models.verify import faults
from models.verify.faults import Fault
from models.verify.lines import Line, line_faults


class WalletCheck:
    """Give it the wallet and each of its lines in order, then `finish`: both give faults.

    After a fault it goes on from what is stored, so that one wrong row is one fault and not the
    fault of all that follow. An entry's hash is looked at last: it is wrong wherever something
    else is, and says less.
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
        self._aside: list[Fault] = []

    def put_aside(self, fault: Fault) -> None:
        """Takes the fault of a row that lacks its entry; it is given after that of the gap."""
        self._aside.append(fault)

    def take(self, line: Line) -> Iterator[Fault]:
        """The faults of the wallet's next entry, and of what came with it."""
        entry, lot = line.entry, line.lot
        yield from self._order_faults(entry)
        yield from self._put_aside()
        yield from line_faults(line)
        if lot is not None:
            yield from self._grant_faults(entry, lot)
            self._remaining += lot.remaining
            self._held += lot.held
            if lot.held:
                self._lots_held[lot.sequence] = lot.held
        if entry.kind in MOVE_HELD:
            yield from self._hold_faults(line)
        if entry_hash(entry, lot, line.draws) != entry.hash:
            where = faults.entry(entry.account_id, entry.sequence)
            yield Fault(2, where, "its hash is not the hash of its facts, its lot and its draws")
        self._moved += entry.connects
        self._last = entry

    def finish(self) -> Iterator[Fault]:
        """The faults of the wallet, held against what its lines came to."""
        yield from self._put_aside()
        if self.wallet is None:
            yield Fault(2, faults.wallet(self.account_id), "is missing, but not what was in it")
            return
        yield from self._lots_faults(self.wallet)
        yield from self._head_faults(self.wallet)
        yield from self._open_holds_faults()

    def _put_aside(self) -> list[Fault]:
        given, self._aside = self._aside, []
        return given

    def _order_faults(self, entry: Entry) -> Iterator[Fault]:
        last = self._last
        where = faults.entry(entry.account_id, entry.sequence)
        if entry.sequence != last.sequence + 1:
            missing = faults.entry(entry.account_id, last.sequence + 1)
            yield Fault(2, missing, f"is missing: after {last.sequence} comes {entry.sequence}")
            return
        if entry.created_at < last.created_at:
            yield Fault(2, where, "is older than the entry before it")
        if not _follows(entry, last):
            yield Fault(
                2,
                where,
                f"moves {entry.connects:+} and leaves {_balance(entry)}, which does not follow "
                f"from {_balance(last)} before it",
            )
        if entry.prev_hash != last.hash:
            yield Fault(2, where, "does not hold the hash of the entry before it")

    def _grant_faults(self, entry: Entry, lot: Lot) -> Iterator[Fault]:
        """Months must go up from grant to grant, so that none can occur twice."""
        if lot.grant_month is None:
            return
        where = faults.lot(lot.account_id, lot.sequence)
        if lot.grant_month <= self._grant_month:
            message = f"grants month {lot.grant_month}, after month {self._grant_month}"
            yield Fault(4, where, message)
        if lot.grant_month != _month_or_none(entry.created_at):
            yield Fault(4, where, f"grants month {lot.grant_month}, but came in another")
        self._grant_month = lot.grant_month

    def _hold_faults(self, line: Line) -> Iterator[Fault]:
        """A hold ends once, as a whole, and what is released goes back to where it came from."""
        entry = line.entry
        drawn = Counter({draw.lot_sequence: draw.connects for draw in line.draws})
        if entry.kind == EntryKind.HOLD:
            self._holds.setdefault(entry.subject_id, Counter()).update(drawn)
            return
        where = faults.entry(entry.account_id, entry.sequence)
        held = self._holds.pop(entry.subject_id, None)
        if held is None:
            yield Fault(3, where, f"is a {entry.kind} of what is not set aside")
            return
        ended = self._last.held_after - entry.held_after
        if ended != held.total():
            yield Fault(3, where, f"ends a hold of {ended}, but {held.total()} are set aside")
        back = {lot: -connects for lot, connects in drawn.items()}
        if back != (held if entry.kind == EntryKind.RELEASE else {}):
            yield Fault(3, where, f"is a {entry.kind}, but not of the lots that were held")

    def _open_holds_faults(self) -> Iterator[Fault]:
        """What the lots hold is what was set aside from each of them, and has not ended."""
        held: Counter[int] = sum(self._holds.values(), Counter())
        for sequence in sorted({*held, *self._lots_held}):
            stored = self._lots_held.get(sequence, 0)
            if stored != held[sequence]:
                message = f"has {stored} held, but {held[sequence]} are set aside from it"
                yield Fault(3, faults.lot(self.account_id, sequence), message)

    def _lots_faults(self, wallet: Wallet) -> Iterator[Fault]:
        where = faults.wallet(self.account_id)
        for name, stored, in_lots in (
            ("available", wallet.available, self._remaining),
            ("held", wallet.held, self._held),
        ):
            if stored < 0:
                yield Fault(1, where, f"is overdrawn, with {stored} {name}")
            if stored != in_lots:
                yield Fault(1, where, f"has {stored} {name}, but its lots have {in_lots}")
        if wallet.last_grant_month < self._grant_month:
            message = f"was granted month {self._grant_month}, but knows of none after"
            yield Fault(4, where, f"{message} {wallet.last_grant_month}")

    def _head_faults(self, wallet: Wallet) -> Iterator[Fault]:
        last = self._last
        where = faults.wallet(self.account_id)
        if wallet.available != self._moved:
            yield Fault(
                2,
                where,
                f"has {wallet.available} available and {wallet.held} held, but its entries "
                f"moved {self._moved} in all",
            )
        if (wallet.available, wallet.held) != (last.available_after, last.held_after):
            yield Fault(
                2,
                where,
                f"has {wallet.available} available and {wallet.held} held, but its last entry "
                f"leaves {_balance(last)}",
            )
        if wallet.sequence != last.sequence:
            yield Fault(
                2, where, f"is at sequence {wallet.sequence}, but its last entry is {last.sequence}"
            )
        if wallet.head_hash != last.hash:
            yield Fault(2, where, "does not hold the hash of its last entry")


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
    """The month of `instant`; None where that is outside the calendar."""
    try:
        return month_of(instant)
    except OverflowError:
        return None
