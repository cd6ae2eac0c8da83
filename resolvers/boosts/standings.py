"""The current standings of a job's boosts."""

from dataclasses import dataclass
from uuid import UUID

from models.rules.boosts import Bid, BoostState, in_front, state_at
from models.rules.kinds import BoostStatus
from models.tables import Job
from resolvers.boosts.endings import bid_of, ending_of
from resolvers.services import Services


@dataclass(frozen=True)
class BoostStanding:
    """`connects` are or were held. `rank` is the place, from 1, None if it does not lead."""

    connects: int
    status: BoostStatus
    rank: int | None
    placed_at: int


async def bids(services: Services, job: Job) -> list[Bid]:
    """Returns all boosts of a job in their current state."""
    now = services.clock()
    found = []
    for boost in await services.loaders.boosts_of_jobs.load(job.id):
        stored = BoostState(boost.status, boost.ended_at)
        status, _ = state_at(stored, ending_of(job, boost.closes_at), now)
        found.append(bid_of(boost)._replace(status=status))
    return found


async def leaders(services: Services, job: Job) -> list[Bid]:
    """Returns the boosts that lead, or led when boosts closed, first place first."""
    return in_front(await bids(services, job))


async def boost_of(services: Services, job_id: UUID, proposal_id: UUID) -> BoostStanding | None:
    """Returns the standing of a proposal's boost; None if it was never boosted."""
    job = await services.loaders.jobs.load(job_id)
    assert job is not None
    every = await bids(services, job)
    bid = next((bid for bid in every if bid.proposal_id == proposal_id), None)
    if bid is None:
        return None
    front = in_front(every)
    rank = front.index(bid) + 1 if bid in front else None
    return BoostStanding(bid.connects, bid.status, rank, bid.placed_at)
