"""cancelJob."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from resolvers import cancel_job as cancelling
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Spent, input, moved, mutation, success
from schema.types.entry import Entry
from schema.types.job import Job


@input("The input of `cancelJob`.")
class CancelJobInput(Keyed):
    job_id: strawberry.ID = strawberry.field(description="The ID of the job.")


@success("The job was cancelled.")
class CancelJobSuccess(Spent):
    job: Job = strawberry.field(description="The job in its current state.")
    entry: Entry | None = strawberry.field(
        description="The entry that returned Connects. Null if none were returned."
    )


@mutation(
    "Cancels an open job. Whether Connects are returned was decided by the "
    "return policy when the job was posted.",
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
