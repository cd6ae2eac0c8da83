"""Invariants 1, 3 and 5 for a single entry: the lot it created and its draws."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from models.rules.facts import Draw, Entry, Lot
from models.rules.kinds import EntryKind, LotSource
from models.verify import violations
from models.verify.violations import Violation

_SOURCES: Final[Mapping[str, tuple[LotSource, ...]]] = {
    EntryKind.GRANT: (LotSource.MONTHLY_GRANT, LotSource.BONUS),
    EntryKind.PURCHASE: (LotSource.PURCHASE,),
    EntryKind.SPEND: (),
    EntryKind.EXPIRY: (),
}
"""The lot sources that each kind of entry may create. Other kinds may create others."""
_OTHER_SOURCES: Final = (LotSource.BONUS, LotSource.ADJUSTMENT)


class Line(NamedTuple):
    """An entry with the lot it created, everything drawn from that lot, and its own draws."""

    entry: Entry
    lot: Lot | None
    drawn_from_lot: int
    draws: list[Draw]


def line_violations(line: Line) -> Iterator[Violation]:
    """Checks that the lot and the draws match the entry."""
    entry, lot, drawn_from_lot, draws = line
    if lot is not None:
        yield from _lot_violations(entry, lot, drawn_from_lot)
    elif _SOURCES.get(entry.kind):
        invariant = 5 if entry.kind == EntryKind.PURCHASE else 3
        where = violations.entry(entry.account_id, entry.sequence)
        yield Violation(invariant, where, f"is a {entry.kind}, but created no lot")
    else:
        yield from _draws_violations(entry, draws)


def _lot_violations(entry: Entry, lot: Lot, drawn: int) -> Iterator[Violation]:
    where = violations.lot(lot.account_id, lot.sequence)
    if lot.source not in _SOURCES.get(entry.kind, _OTHER_SOURCES):
        yield Violation(3, where, f"is a {lot.source}, which no {entry.kind} creates")
    if lot.granted != entry.connects:
        yield Violation(
            3, where, f"was granted {lot.granted}, but its entry moves {entry.connects:+}"
        )
    if lot.remaining < 0 or lot.held < 0:
        yield Violation(1, where, f"has {lot.remaining} remaining and {lot.held} held")
    if lot.granted - drawn != lot.remaining:
        yield Violation(
            3,
            where,
            f"was granted {lot.granted}, of which {drawn} were drawn, but has {lot.remaining} "
            f"remaining and {lot.held} held",
        )
    if lot.purchase_id != (entry.subject_id if entry.kind == EntryKind.PURCHASE else None):
        yield Violation(5, where, f"is of purchase {lot.purchase_id}, its entry is not")


def _draws_violations(entry: Entry, draws: list[Draw]) -> Iterator[Violation]:
    drawn = sum(draw.connects for draw in draws)
    if drawn != -entry.connects:
        where = violations.entry(entry.account_id, entry.sequence)
        yield Violation(3, where, f"moves {entry.connects:+}, but draws {drawn}")
    for draw in draws:
        if draw.lot_sequence >= draw.sequence:
            yield Violation(3, violations.draw(*draw[:3]), "draws from a lot that came later")
