"""Which lots Connects are drawn from: earliest-expiring first, then oldest."""

from collections.abc import Sequence
from typing import NamedTuple

from models.rules.facts import Lot


class MoreLotsNeeded(Exception):
    """The lots at hand are only the first of the wallet's, and do not reach far enough."""


class Drawn(NamedTuple):
    """`touched` are the drawn lots as they are now, `kept` all that still have Connects."""

    touched: tuple[Lot, ...]
    kept: tuple[Lot, ...]
    taken: tuple[tuple[int, int], ...]


def draw(lots: Sequence[Lot], connects: int) -> Drawn:
    """Takes `connects` (1 or more) from `lots`, which stand in drawing order.

    `taken` pairs each drawn lot's sequence with the Connects taken from it. Raises
    MoreLotsNeeded where the lots hold fewer than `connects`.
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
