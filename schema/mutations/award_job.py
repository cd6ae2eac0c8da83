"""awardJob."""

import strawberry

from models.rules.refusals import Conflict, NotFound
from resolvers import award_job as awarding
from schema.ids import required_id
from schema.mutations.mutation import Call, Keyed, Outcome, input, mutation, success
from schema.types.job import Job
from schema.types.proposal import Proposal


@input("Awards a job to one of its proposals.")
class AwardJobInput(Keyed):
    job_id: strawberry.ID = strawberry.field(description="The job.")
    proposal_id: strawberry.ID = strawberry.field(description="The proposal that wins it.")


@success("The job was awarded.")
class AwardJobSuccess(Outcome):
    job: Job = strawberry.field(description="The job as it stands now.")
    proposal: Proposal = strawberry.field(description="The proposal that won it.")


@mutation("Award an open job to one of its proposals.", NotFound, Conflict)
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
