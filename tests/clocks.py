"""A clock that stands still until it is told to move."""

from datetime import datetime

from models.rules.instants import from_datetime


class ManualClock:
    """Calling it gives the present instant, in microseconds since 1970."""

    def __init__(self, at: int) -> None:
        self.now = at

    def __call__(self) -> int:
        return self.now

    def move_to(self, moment: str) -> None:
        """Moves to an ISO 8601 time with its zone."""
        self.now = instant(moment)

    def advance(self, microseconds: int) -> None:
        self.now += microseconds


def instant(moment: str) -> int:
    """The instant of an ISO 8601 time with its zone."""
    return from_datetime(datetime.fromisoformat(moment))
