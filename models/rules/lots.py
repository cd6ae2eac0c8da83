"""Which lots Connects are drawn from: earliest expiry first, then oldest."""

from collections.abc import Sequence
from typing import NamedTuple

from models.rules.facts import Lot


class MoreLotsNeeded(Exception):
    """The loaded lots are only the wallet's first ones and are not enough."""


class Drawn(NamedTuple):
    """`touched` are the drawn lots in their new state, `kept` all that still have Connects."""

    touched: tuple[Lot, ...]
    kept: tuple[Lot, ...]
    taken: tuple[tuple[int, int], ...]


def draw(lots: Sequence[Lot], connects: int) -> Drawn:
    """Takes `connects` (1 or more) from `lots`, which must be in drawing order.

    `taken` pairs each drawn lot's sequence with the Connects taken from it. Raises MoreLotsNeeded
    if the lots hold fewer than `connects`.
    """
    touched: list[Lot] = []
    taken: list[tuple[int, int]] = []
    missing = connects
    for lot in lots:
        part = min(lot.remaining, missing)
        touched.append(lot._replace(remaining=lot.remaining - part))
        taken.append((lot.sequence, part))
        missing -= part
        if missing == 0:
            break
    if missing:
        raise MoreLotsNeeded
    last = touched[-1]
    untouched = tuple(lots[len(touched) :])
    kept = (last, *untouched) if last.remaining else untouched
    return Drawn(tuple(touched), kept, tuple(taken))
