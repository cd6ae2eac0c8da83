"""Statements: what happened to a wallet's Connects in a range of time, in parts that add up.

opening + granted + purchased + returned + adjusted - spent - expired - held = closing

`opening` and `closing` are what was available, and `held` is by how much more was set aside at the
end than at the beginning: to hold Connects and to release them moves them between the two, and
to capture them spends what was set aside.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final, NamedTuple

from models.rules.kinds import EntryKind


class StatementPart(Enum):
    """What the entries of a kind are counted as, and the sign of that in the sum."""

    GRANTED = ("granted", 1)
    PURCHASED = ("purchased", 1)
    RETURNED = ("returned", 1)
    ADJUSTED = ("adjusted", 1)
    SPENT = ("spent", -1)
    EXPIRED = ("expired", -1)

    @property
    def sign(self) -> int:
        return self.value[1]


PART_OF_KIND: Final[Mapping[str, StatementPart | None]] = {
    EntryKind.GRANT: StatementPart.GRANTED,
    EntryKind.PURCHASE: StatementPart.PURCHASED,
    EntryKind.SPEND: StatementPart.SPENT,
    EntryKind.CAPTURE: StatementPart.SPENT,
    EntryKind.EXPIRY: StatementPart.EXPIRED,
    EntryKind.RETURN: StatementPart.RETURNED,
    EntryKind.REVERSAL: StatementPart.RETURNED,
    EntryKind.ADJUSTMENT: StatementPart.ADJUSTED,
    EntryKind.HOLD: None,
    EntryKind.RELEASE: None,
}
"""None: the entry changes what is available, and not how many Connects there are."""


class Standing(NamedTuple):
    """What a wallet had after an entry, in Connects."""

    available: int
    held: int


NOTHING: Final = Standing(0, 0)
"""Before the first entry."""


class Sum(NamedTuple):
    """What the entries of a kind for an action add up to. `connects` is signed.

    For captures, whose entries leave what is available as it is, it is the change of what is held.
    """

    kind: str
    action: str | None
    connects: int


class StatementParts(NamedTuple):
    """All in Connects. `adjusted` and `held` may be negative; the other parts are not."""

    opening: Standing
    closing: Standing
    granted: int
    purchased: int
    spent: int
    expired: int
    returned: int
    adjusted: int
    spent_by_action: Mapping[str, int]

    @property
    def held(self) -> int:
        return self.closing.held - self.opening.held


def statement(opening: Standing, closing: Standing, sums: Iterable[Sum]) -> StatementParts:
    """The statement of the entries between two standings, which `sums` add up.

    A kind and action may be in several of `sums`.
    """
    parts: Counter[StatementPart] = Counter()
    by_action: Counter[str] = Counter()
    for kind, action, connects in sums:
        part = PART_OF_KIND[kind]
        if part is None:
            continue
        parts[part] += part.sign * connects
        if part is StatementPart.SPENT and action is not None:
            by_action[action] -= connects
    return StatementParts(
        opening,
        closing,
        granted=parts[StatementPart.GRANTED],
        purchased=parts[StatementPart.PURCHASED],
        spent=parts[StatementPart.SPENT],
        expired=parts[StatementPart.EXPIRED],
        returned=parts[StatementPart.RETURNED],
        adjusted=parts[StatementPart.ADJUSTED],
        spent_by_action=dict(by_action),
    )
