"""Boosts: an auction for the first places among a job's proposals.

A boost holds Connects. At most LEADERS boosts of a job lead: the highest first, equal ones in the
order of placing. A boost that is outbid is released at once. The leaders are charged when someone
is hired, or LIFETIME after the job was posted; until then a boost can be withdrawn. If the job ends
before that, all of them are released.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from models.rules.instants import DAY
from models.rules.kinds import BoostStatus, JobStatus
from models.rules.refusals import Conflict, ConflictReason, in_words

LEADERS: Final = 4
LIFETIME: Final = 7 * DAY
"""How long a job takes boosts, from its posting on."""

_IN_FRONT: Final = (BoostStatus.LEADING, BoostStatus.CHARGED)


class Bid(NamedTuple):
    """A proposal's boost of `connects` (1 or more) in all, placed or last raised at `placed_at`."""

    proposal_id: UUID
    connects: int
    status: BoostStatus
    placed_at: int

    @property
    def place(self) -> tuple[int, int, UUID]:
        """The sort key: the highest bid first, equal ones in the order of placing."""
        return (-self.connects, self.placed_at, self.proposal_id)


class Placed(NamedTuple):
    """The result of placing a bid: the bid, and the one that it outbids, if any."""

    bid: Bid
    outbid: Bid | None


class BoostState(NamedTuple):
    """A boost's status, and the instant at which it ended; None while it leads."""

    status: BoostStatus
    ended_at: int | None


class Ending(NamedTuple):
    """When a job's boosts close, when the job expires, and the job's stored status."""

    closes_at: int
    expires_at: int
    job: JobStatus


def in_front(bids: Iterable[Bid]) -> list[Bid]:
    """Returns the bids that lead, or led when boosts closed, first place first."""
    return sorted((bid for bid in bids if bid.status in _IN_FRONT), key=lambda bid: bid.place)


def least_to_lead(bids: Sequence[Bid], proposal_id: UUID | None = None) -> int:
    """Returns the fewest Connects, in all, with which the boost of `proposal_id` would lead.

    Its own leading boost must be raised. No boost may lead with fewer Connects than one that was
    outbid.
    """
    others = [bid for bid in in_front(bids) if bid.proposal_id != proposal_id]
    least = max((bid.connects for bid in bids if bid.status is BoostStatus.OUTBID), default=1)
    if len(others) >= LEADERS:
        least = max(least, others[LEADERS - 1].connects + 1)
    own = (bid for bid in in_front(bids) if bid.proposal_id == proposal_id)
    return max(least, *(bid.connects + 1 for bid in own), 1)


def place(bids: Sequence[Bid], proposal_id: UUID, connects: int, now: int) -> Placed:
    """Places or raises the boost of `proposal_id` among a job's `bids`, which include its own.

    Raises Conflict if it is not raised, or would not lead.
    """
    own = next((bid for bid in in_front(bids) if bid.proposal_id == proposal_id), None)
    if own is not None and connects <= own.connects:
        raise Conflict(
            f"This proposal's boost is already {in_words(own.connects)}. It can only be raised.",
            ConflictReason.BOOST_NOT_RAISED,
        )
    least = least_to_lead(bids, proposal_id)
    if connects < least:
        raise Conflict(
            f"A boost of {in_words(connects)} would not lead. It takes {least}.",
            ConflictReason.BOOST_TOO_LOW,
        )
    # Later than all others, so that boosts placed at the same instant keep their order.
    placed_at = max([now, *(bid.placed_at + 1 for bid in bids)])
    others = [bid for bid in in_front(bids) if bid.proposal_id != proposal_id]
    return Placed(
        Bid(proposal_id, connects, BoostStatus.LEADING, placed_at),
        outbid=others[-1] if len(others) >= LEADERS else None,
    )


def check_open(bids: Iterable[Bid], closes_at: int, now: int) -> None:
    """Raises Conflict if a job takes no more boosts: they have closed, or one was charged."""
    if closes_at <= now or any(bid.status is BoostStatus.CHARGED for bid in bids):
        raise Conflict(
            "The boosts of this job have closed.",
            ConflictReason.BOOSTS_CLOSED,
        )


def state_at(stored: BoostState, ending: Ending, now: int) -> BoostState:
    """Returns the state at the instant `now` of a boost stored as `stored`.

    No scheduler closes boosts. A stored boost that leads follows its job and the time.
    """
    if stored.status is not BoostStatus.LEADING:
        return stored
    closes_at, expires_at, job = ending
    if job is JobStatus.AWARDED:
        return BoostState(BoostStatus.CHARGED, min(closes_at, now))
    if job is not JobStatus.OPEN:
        return BoostState(BoostStatus.RELEASED, now)
    if closes_at <= min(now, expires_at):
        return BoostState(BoostStatus.CHARGED, closes_at)
    if expires_at <= now:
        return BoostState(BoostStatus.RELEASED, expires_at)
    return stored


def ended(stored: BoostState, ending: Ending, now: int, *, hired: bool) -> BoostState:
    """Returns the state of a boost whose job or proposal ends now.

    A leading boost is charged if someone is `hired` or boosts have closed before, else released.
    """
    before = state_at(stored, ending, now)
    if before.status is not BoostStatus.LEADING:
        return before
    return BoostState(BoostStatus.CHARGED if hired else BoostStatus.RELEASED, now)
