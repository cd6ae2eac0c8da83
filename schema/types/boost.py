"""Boosts of proposals."""

import strawberry

from models.rules.boosts import LEADERS
from resolvers.boosts.standings import BoostStanding
from schema.types.enums import BoostStatus
from schema.types.scalars import Instant


@strawberry.type(description="Connects that are set aside for one of a job's first places.")
class Boost:
    connects: int = strawberry.field(description="How many Connects were offered, in all.")
    status: BoostStatus = strawberry.field(description="Where it stands this instant.")
    rank: int | None = strawberry.field(
        description=f"Its place, 1 to {LEADERS}; null where it does not lead."
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
