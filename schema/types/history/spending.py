"""Spending of a wallet in a range of time, by action, member or job."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import strawberry

from models.rules.history.spending import Interval, SpendingBy
from resolvers.history import spending as found
from resolvers.history.spending import SpendingQuery
from schema.context import ConnectsContext, Info
from schema.types.enums import ConnectsAction, describe
from schema.types.job import Job
from schema.types.node import linked
from schema.types.scalars import Instant
from schema.types.user import User
from serving.execution.attributes import attribute
from serving.operations.costs import costs, holds

SPENDING_COST: Final = 50
"""In points: it may have to read a million entries."""
OUTCOME_COST: Final = 2
"""In points, for each row: what came of each of its spends has to be looked up."""
USUAL_ROWS: Final = 30

describe(
    SpendingBy,
    "What each row of spending is for.",
    {
        "ACTION": "An action that cost Connects.",
        "MEMBER": "The member who spent. For a boost that was charged, who placed it.",
        "JOB": "The job that was posted, proposed to or invited to.",
    },
)
describe(
    Interval,
    "The length of the intervals that a range of time is divided into.",
    {
        "DAY": "From midnight to midnight in the time zone.",
        "WEEK": "From Monday to Monday (ISO 8601), at midnight in the time zone.",
        "MONTH": "A calendar month in the time zone.",
    },
)


def check_spending(context: ConnectsContext, arguments: Mapping[str, Any]) -> None:
    """Raises InvalidInput for a wrong range or zone, or too many intervals."""
    found.check(
        context.services,
        asked(
            arguments["from_"],
            arguments["to"],
            arguments["by"],
            arguments.get("interval"),
            arguments.get("time_zone"),
        ),
    )


def asked(
    start: Instant, end: Instant, by: SpendingBy, interval: Interval | None, zone: str | None
) -> SpendingQuery:
    return SpendingQuery(start, end, by, interval, found.UTC_NAME if zone is None else zone)


@strawberry.type(
    description="What was spent on an action, by a member or on a job. Connects count as spent "
    "whatever came back of them later, as in `Statement.spent`. Held Connects count when they are "
    "charged."
)
class SpendingRow:
    row: strawberry.Private[found.SpentInPeriod]
    by: strawberry.Private[SpendingBy]
    outcomes: strawberry.Private[found.RowOutcomes]

    @strawberry.field(
        description="When the interval begins, which may be before the range does. Null without "
        "intervals."
    )
    def at(self) -> Instant | None:
        return None if self.row.at is None else Instant(self.row.at)

    @strawberry.field(description="What was paid for. Null unless by ACTION.")
    def action(self) -> ConnectsAction | None:
        return ConnectsAction(self.row.spent_on) if self.by is SpendingBy.ACTION else None

    @strawberry.field(description="Who spent. Null unless by MEMBER.")
    async def member(self, info: Info) -> User | None:
        if self.by is not SpendingBy.MEMBER or not self.row.spent_on:
            return None
        row = await info.context.services.loaders.users.load(UUID(self.row.spent_on))
        return User.of(row, info) if row else None

    @strawberry.field(
        description="What it was spent for. Null unless by JOB, and for spends that are for no "
        "job, such as contact details."
    )
    async def job(self, info: Info) -> Job | None:
        if self.by is not SpendingBy.JOB or not self.row.spent_on:
            return None
        job: Job = await linked(info, "Job", UUID(self.row.spent_on))
        return job

    connects: int = strawberry.field(
        resolver=attribute("row.spent.connects"), description="How many Connects were spent."
    )
    count: int = strawberry.field(
        resolver=attribute("row.spent.spends"), description="How many times."
    )

    @strawberry.field(
        description="How many of the proposals were answered and invitations accepted by now. A "
        "proposal is answered when its job is awarded, to it or another, unless it was withdrawn "
        "before. Counted for ranges of up to 200,000 entries.",
        metadata=costs(OUTCOME_COST),
    )
    async def replies(self) -> int:
        return (await self.outcomes.of(self.row.key)).replies

    @strawberry.field(
        description="How many jobs led to a hire by now: jobs that were posted and awarded, "
        "proposals that won, and invitations whose freelancer was hired. A job counts once in a "
        "row. Counted for ranges of up to 200,000 entries.",
        metadata=costs(OUTCOME_COST),
    )
    async def hires(self) -> int:
        return (await self.outcomes.of(self.row.key)).hires

    @strawberry.field(
        description="`connects` divided by `replies`. Null without replies.",
        metadata=costs(OUTCOME_COST),
    )
    async def connects_per_reply(self) -> float | None:
        return self._each((await self.outcomes.of(self.row.key)).replies)

    @strawberry.field(
        description="`connects` divided by `hires`. Null without hires.",
        metadata=costs(OUTCOME_COST),
    )
    async def connects_per_hire(self) -> float | None:
        return self._each((await self.outcomes.of(self.row.key)).hires)

    def _each(self, number: int) -> float | None:
        return self.row.spent.connects / number if number else None


SPENDING: Final = costs(SPENDING_COST) | holds(USUAL_ROWS)
"""The metadata of a field that lists the rows."""


async def spending(info: Info, wallet: Any, asked: SpendingQuery) -> list[SpendingRow]:
    """The rows of a wallet's row. Raises InvalidInput."""
    services = info.context.services
    rows = await found.spending(services, wallet, asked)
    outcomes = found.RowOutcomes(services, wallet, asked)
    return [SpendingRow(row=row, by=asked.by, outcomes=outcomes) for row in rows]
