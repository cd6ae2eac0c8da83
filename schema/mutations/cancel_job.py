"""cancelJob."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from resolvers import cancel_job as cancelling
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Spent, input, moved, mutation, success
from schema.types.entry import Entry
from schema.types.job import Job


@input("Cancels a job.")
class CancelJobInput(Keyed):
    job_id: strawberry.ID = strawberry.field(description="The job.")


@success("The job was cancelled.")
class CancelJobSuccess(Spent):
    job: Job = strawberry.field(description="The job as it stands now.")
    entry: Entry | None = strawberry.field(
        description="The entry that gave Connects back; null where none came back."
    )


@mutation(
    "Cancel an open job. Whether Connects come back was settled when it was posted.",
    NotFound,
    Conflict,
)
async def cancel_job(call: Call, input: CancelJobInput) -> CancelJobSuccess:
    cancelled = await cancelling.cancel_job(
        call.services,
        call.user,
        job_id=required_id("jobId", input.job_id, "Job"),
        intent=call.intent,
    )
    return CancelJobSuccess(
        job=Job.of(cancelled.job, call.info),
        replayed=cancelled.replayed,
        **moved(cancelled.wallet, cancelled.entry),
    )
