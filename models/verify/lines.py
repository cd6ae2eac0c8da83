"""Invariants 1, 3 and 5 as far as one entry goes: the lot it brought, and what it drew."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from models.rules.facts import Draw, Entry, Lot
from models.rules.kinds import EntryKind, LotSource
from models.verify import faults
from models.verify.faults import Fault

_SOURCES: Final[Mapping[str, tuple[LotSource, ...]]] = {
    EntryKind.GRANT: (LotSource.MONTHLY_GRANT, LotSource.BONUS),
    EntryKind.PURCHASE: (LotSource.PURCHASE,),
    EntryKind.SPEND: (),
    EntryKind.EXPIRY: (),
}
"""What lots an entry brings, by its kind. The other kinds may bring one that is neither."""
_OTHER_SOURCES: Final = (LotSource.BONUS, LotSource.ADJUSTMENT)


class Line(NamedTuple):
    """An entry with the lot it brought, what was ever drawn from that lot, and its own draws."""

    entry: Entry
    lot: Lot | None
    drawn_from_lot: int
    draws: list[Draw]


def line_faults(line: Line) -> Iterator[Fault]:
    """Whether the lot and the draws are those that the entry must have."""
    entry, lot, drawn_from_lot, draws = line
    if lot is not None:
        yield from _lot_faults(entry, lot, drawn_from_lot)
    elif _SOURCES.get(entry.kind):
        invariant = 5 if entry.kind == EntryKind.PURCHASE else 3
        where = faults.entry(entry.account_id, entry.sequence)
        yield Fault(invariant, where, f"is a {entry.kind}, but brought no lot")
    else:
        yield from _draws_faults(entry, draws)


def _lot_faults(entry: Entry, lot: Lot, drawn: int) -> Iterator[Fault]:
    where = faults.lot(lot.account_id, lot.sequence)
    if lot.source not in _SOURCES.get(entry.kind, _OTHER_SOURCES):
        yield Fault(3, where, f"is a {lot.source}, which no {entry.kind} brings")
    if lot.granted != entry.connects:
        yield Fault(3, where, f"was granted {lot.granted}, but its entry moves {entry.connects:+}")
    if lot.remaining < 0 or lot.held < 0:
        yield Fault(1, where, f"has {lot.remaining} remaining and {lot.held} held")
    if lot.granted - drawn != lot.remaining:
        yield Fault(
            3,
            where,
            f"was granted {lot.granted}, of which {drawn} were drawn, but has {lot.remaining} "
            f"remaining and {lot.held} held",
        )
    if lot.purchase_id != (entry.subject_id if entry.kind == EntryKind.PURCHASE else None):
        yield Fault(5, where, f"is of purchase {lot.purchase_id}, its entry is not")


def _draws_faults(entry: Entry, draws: list[Draw]) -> Iterator[Fault]:
    drawn = sum(draw.connects for draw in draws)
    if drawn != -entry.connects:
        where = faults.entry(entry.account_id, entry.sequence)
        yield Fault(3, where, f"moves {entry.connects:+}, but draws {drawn}")
    for draw in draws:
        if draw.lot_sequence >= draw.sequence:
            yield Fault(3, faults.draw(*draw[:3]), "draws from a lot that came later")
