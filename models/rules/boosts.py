"""Boosts: an auction for the first places among a job's proposals.

A boost sets Connects aside. At most LEADERS of them lead: the highest first, equal ones in the
order of placing. Whoever is outbid gets theirs back at once. The leaders are charged when somebody
is hired, or when boosts have been open for LIFETIME; until then a boost can be taken back. A job
that ends without that frees all of them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from models.rules.instants import DAY
from models.rules.kinds import BoostStatus, JobStatus
from models.rules.refusals import Conflict, ConflictReason, in_words

LEADERS: Final = 4
LIFETIME: Final = 7 * DAY
"""How long after its posting a job takes boosts."""

_IN_FRONT: Final = (BoostStatus.LEADING, BoostStatus.CHARGED)


class Bid(NamedTuple):
    """A proposal's boost: `connects` (1 or more) in all, placed or last raised at `placed_at`."""

    proposal_id: UUID
    connects: int
    status: BoostStatus
    placed_at: int

    @property
    def place(self) -> tuple[int, int, UUID]:
        """Sorts bids: the highest first, equal ones in the order of placing."""
        return (-self.connects, self.placed_at, self.proposal_id)


class Placed(NamedTuple):
    """What placing a bid does: the bid as it stands, and the one that it outbids, if it does."""

    bid: Bid
    outbid: Bid | None


class BoostState(NamedTuple):
    """What a boost is, and the instant at which it became that; None while it leads."""

    status: BoostStatus
    ended_at: int | None


class Ending(NamedTuple):
    """When a job's boosts close, when the job expires, and what the job was last stored as."""

    closes_at: int
    expires_at: int
    job: JobStatus


def in_front(bids: Iterable[Bid]) -> list[Bid]:
    """The bids that lead, or led when boosts closed: first place first."""
    return sorted((bid for bid in bids if bid.status in _IN_FRONT), key=lambda bid: bid.place)


def least_to_lead(bids: Sequence[Bid], proposal_id: UUID | None = None) -> int:
    """The fewest Connects with which the boost of `proposal_id` would lead, in all.

    Its own boost does not stand in its way, but is to be raised if it leads. Nobody leads with
    fewer Connects than somebody who was outbid has offered.
    """
    others = [bid for bid in in_front(bids) if bid.proposal_id != proposal_id]
    least = max((bid.connects for bid in bids if bid.status is BoostStatus.OUTBID), default=1)
    if len(others) >= LEADERS:
        least = max(least, others[LEADERS - 1].connects + 1)
    own = (bid for bid in in_front(bids) if bid.proposal_id == proposal_id)
    return max(least, *(bid.connects + 1 for bid in own), 1)


def place(bids: Sequence[Bid], proposal_id: UUID, connects: int, now: int) -> Placed:
    """Places or raises the boost of `proposal_id` among a job's `bids`, its own one included.

    Raises Conflict where it is not raised, or would not lead.
    """
    own = next((bid for bid in in_front(bids) if bid.proposal_id == proposal_id), None)
    if own is not None and connects <= own.connects:
        raise Conflict(
            f"This proposal's boost is {in_words(own.connects)} already. It can only be raised.",
            ConflictReason.BOOST_NOT_RAISED,
        )
    least = least_to_lead(bids, proposal_id)
    if connects < least:
        raise Conflict(
            f"A boost of {in_words(connects)} would not lead. It takes {least}.",
            ConflictReason.BOOST_TOO_LOW,
        )
    # Later than all others, so that two that are placed at one instant keep their order, too.
    placed_at = max([now, *(bid.placed_at + 1 for bid in bids)])
    others = [bid for bid in in_front(bids) if bid.proposal_id != proposal_id]
    return Placed(
        Bid(proposal_id, connects, BoostStatus.LEADING, placed_at),
        outbid=others[-1] if len(others) >= LEADERS else None,
    )


def check_open(bids: Iterable[Bid], closes_at: int, now: int) -> None:
    """Raises Conflict where a job takes no more boosts: its time is over, or one was charged."""
    if closes_at <= now or any(bid.status is BoostStatus.CHARGED for bid in bids):
        raise Conflict(
            "The boosts of this job have closed. Their Connects are charged.",
            ConflictReason.BOOSTS_CLOSED,
        )


def state_at(stored: BoostState, ending: Ending, now: int) -> BoostState:
    """What a boost that was last stored as `stored` is at the instant `now`.

    Nothing waits for a scheduler: that boosts close is a matter of time. Where a job was ended by
    something that left its boosts as they were, they follow the job.
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
    """What becomes of a boost where its job, or its proposal, ends now.

    `hired`: because somebody is hired, so that it is charged if it leads. Otherwise it is freed,
    unless boosts have closed before.
    """
    before = state_at(stored, ending, now)
    if before.status is not BoostStatus.LEADING:
        return before
    return BoostState(BoostStatus.CHARGED if hired else BoostStatus.RELEASED, now)
