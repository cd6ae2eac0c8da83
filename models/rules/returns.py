"""The return policy: how much of a spend is returned, and when.

The policy is data. By default nothing is returned. The policy in force at the time of the spend
applies, because the user was told about it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from models.rules.actions import ConnectsAction
from models.rules.facts import Lot
from models.rules.instants import FOREVER
from models.rules.prices import PriceList, in_force


def returnable(prices: PriceList, action: ConnectsAction, connects: int, spent_at: int) -> int:
    """Returns how many of `connects`, spent on `action` at `spent_at`, can be returned."""
    reason = action.row.returns
    rule = in_force((rule for rule in prices.return_rules if rule.reason == reason), spent_at)
    return connects * rule.percent // 100 if rule is not None else 0


class ComingBack(NamedTuple):
    """What may come back of a spend, in Connects.

    `usable` can be spent again when they come back at the earliest; `lapsing` are too late, because
    their lots expire before. Of the usable ones, `fleeting` are in lots that expire while they may
    still come back, the first at the instant `until`.
    """

    usable: int
    lapsing: int = 0
    fleeting: int = 0
    until: int = FOREVER


def coming_back(
    prices: PriceList, action: ConnectsAction, connects: int, lots: Sequence[Lot], now: int
) -> ComingBack:
    """What may come back of `connects` that are spent now from `lots`, live ones in drawing order.

    It comes back to the very lots it is taken from, the last drawn first. What the lots lack would
    have to be bought first, and lives long.
    """
    missing = returnable(prices, action, connects, now)
    if not missing:
        return ComingBack(0)
    earliest, latest = action.row.returned_after
    usable = lapsing = fleeting = 0
    until = FOREVER
    for expires_at, drawn in reversed(_drawn(lots, connects)):
        part = min(drawn, missing)
        missing -= part
        if part and expires_at <= now + earliest:
            lapsing += part
        elif part:
            usable += part
            if expires_at <= now + latest:
                fleeting += part
                until = min(until, expires_at)
    return ComingBack(usable, lapsing, fleeting, until)


def _drawn(lots: Sequence[Lot], connects: int) -> list[tuple[int, int]]:
    """When each lot expires that Connects are drawn from, and how many."""
    parts = []
    for lot in lots:
        part = min(lot.remaining, connects)
        connects -= part
        parts.append((lot.expires_at, part))
    return [*parts, (FOREVER, connects)]
