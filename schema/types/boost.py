"""Boosts of proposals."""

import strawberry

from models.rules.boosts import LEADERS
from resolvers.boosts.standings import BoostStanding
from schema.types.enums import BoostStatus
from schema.types.scalars import Instant


@strawberry.type(
    description="The Connects that a proposal's account holds for one of the job's first places."
)
class Boost:
    connects: int = strawberry.field(description="The number of Connects offered, in all.")
    status: BoostStatus = strawberry.field(description="The current status.")
    rank: int | None = strawberry.field(
        description=f"Its place, 1 to {LEADERS}. Null if it does not lead."
    )
    placed_at: Instant = strawberry.field(description="When it was placed or last raised.")

    @classmethod
    def of(cls, boost: BoostStanding) -> "Boost":
        return cls(
            connects=boost.connects,
            status=boost.status,
            rank=boost.rank,
            placed_at=Instant(boost.placed_at),
        )
