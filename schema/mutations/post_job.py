"""postJob."""

import strawberry

from resolvers import post_job as posting
from resolvers.inputs import SKILL_LENGTH, SKILLS
from schema.ids import required_id
from schema.mutations.inputs import MoneyInput, money_of
from schema.mutations.mutation import (
    SPENDING,
    Call,
    Priced,
    Spent,
    input,
    moved,
    mutation,
    success,
)
from schema.types.job import Job
from serving.operations.bounds import at_most


@input("Posts a job.")
class PostJobInput(Priced):
    account_id: strawberry.ID = strawberry.field(description="The account that posts and pays.")
    title: str = strawberry.field(description="The work in a line: 1 to 200 characters.")
    description: str = strawberry.field(description="The work at length: 1 to 20,000 characters.")
    skills: list[str] = strawberry.field(
        default_factory=list,
        description=f"What it takes: up to {SKILLS} skills of 1 to {SKILL_LENGTH} characters.",
        metadata=at_most(SKILLS),
    )
    budget: MoneyInput | None = strawberry.field(
        default=None, description="What the owner means to pay."
    )


@success("The job was posted.")
class PostJobSuccess(Spent):
    job: Job = strawberry.field(description="The new job.")


@mutation("Post a job. It is open for 30 days.", *SPENDING)
async def post_job(call: Call, input: PostJobInput) -> PostJobSuccess:
    spent = await posting.post_job(
        call.services,
        call.user,
        account_id=required_id("accountId", input.account_id, "Account"),
        title=input.title,
        description=input.description,
        skills=input.skills,
        budget=money_of(input.budget),
        expected_connects=input.expected_connects,
        intent=call.intent,
    )
    return PostJobSuccess(
        job=Job.of(spent.subject, call.info),
        replayed=spent.replayed,
        **moved(spent.wallet, spent.entry),
    )
