"""Performance goals relative to the other servers, as ratios of median rates."""

from typing import Final, NamedTuple

from benchmarks.works import Work


class Goal(NamedTuple):
    """`contestant` performs `work` at least `ratio` times as often as `other`."""

    work: Work
    contestant: str
    other: str
    ratio: float


GOALS: Final = (
    Goal(Work.SPEND, "connects", "mercurius", 2.0),
    Goal(Work.SPEND, "connects", "pgbench", 1.0),
    Goal(Work.HOT, "connects", "mercurius", 5.0),
    Goal(Work.HOT, "connects", "pgbench", 4.0),
    Goal(Work.BALANCE, "connects", "mercurius", 1.1),
    Goal(Work.BALANCE, "connects", "textbook", 5.0),
    Goal(Work.NEWEST, "connects", "mercurius", 1.2),
    Goal(Work.NEWEST, "connects", "textbook", 8.0),
    Goal(Work.SPEND, "connects-sqlite", "mercurius-sqlite", 1.5),
)
