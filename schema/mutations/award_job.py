"""awardJob."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from resolvers import award_job as awarding
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Outcome, input, mutation, success
from schema.types.job import Job
from schema.types.proposal import Proposal


@input("The input of `awardJob`.")
class AwardJobInput(Keyed):
    job_id: strawberry.ID = strawberry.field(description="The ID of the job.")
    proposal_id: strawberry.ID = strawberry.field(description="The ID of the winning proposal.")


@success("The job was awarded.")
class AwardJobSuccess(Outcome):
    job: Job = strawberry.field(description="The job in its current state.")
    proposal: Proposal = strawberry.field(description="The winning proposal.")


@mutation("Awards an open job to one of its proposals.", NotFound, Conflict)
async def award_job(call: Call, input: AwardJobInput) -> AwardJobSuccess:
    awarded = await awarding.award_job(
        call.services,
        call.user,
        job_id=required_id("jobId", input.job_id, "Job"),
        proposal_id=required_id("proposalId", input.proposal_id, "Proposal"),
        intent=call.intent,
    )
    return AwardJobSuccess(
        job=Job.of(awarded.job, call.info),
        proposal=Proposal.of(awarded.proposal, call.info),
        replayed=awarded.replayed,
    )
