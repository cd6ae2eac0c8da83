"""A wallet kept on paper: what the ledger should say, worked out without any of its code."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GRANT = 60


def at(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day some months later, or the last one that there is."""
    years, month = divmod(moment.month - 1 + months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=moment.year + years, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


@dataclass
class PaperLot:
    expires: datetime
    order: int
    remaining: int


@dataclass
class PaperWallet:
    """Lines are numbered from 1; a lot's `order` is the number of the line that brought it."""

    latest: datetime
    lines: int = 0
    lots: list[PaperLot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._bring_in(GRANT, self.latest, 12)
        self.next_grant = months_later(self.latest.replace(day=1), 1).replace(
            hour=0, minute=0, second=0, microsecond=0
        )

    @property
    def available(self) -> int:
        return sum(lot.remaining for lot in self.lots)

    @property
    def holds(self) -> list[tuple[int, datetime, int]]:
        return [(lot.order, lot.expires, lot.remaining) for lot in self.lots if lot.remaining]

    def touch(self, now: datetime) -> None:
        """Books what is due, and moves time on to `now` if that is later."""
        now = max(now, self.latest)
        while True:
            lapsing = next(iter(self._in_drawing_order()), None)
            if lapsing and lapsing.expires <= min(now, self.next_grant):
                self.lines += 1
                self.latest = lapsing.expires
                lapsing.remaining = 0
            elif self.next_grant <= now:
                self._bring_in(GRANT, self.next_grant, 12)
                self.next_grant = months_later(self.next_grant, 1)
            else:
                return

    def spend(self, connects: int, now: datetime) -> bool:
        """Whether there was enough, and so it was spent."""
        self.touch(now)
        if connects > self.available:
            return False
        for lot in self._in_drawing_order():
            part = min(lot.remaining, connects)
            lot.remaining -= part
            connects -= part
        self.lines += 1
        self.latest = max(now, self.latest)
        return True

    def buy(self, connects: int, months: int, now: datetime) -> None:
        self.touch(now)
        self._bring_in(connects, max(now, self.latest), months)

    def _bring_in(self, connects: int, now: datetime, months: int) -> None:
        self.lines += 1
        self.latest = now
        self.lots.append(PaperLot(months_later(now, months), self.lines, connects))

    def _in_drawing_order(self) -> list[PaperLot]:
        live = [lot for lot in self.lots if lot.remaining]
        return sorted(live, key=lambda lot: (lot.expires, lot.order))
