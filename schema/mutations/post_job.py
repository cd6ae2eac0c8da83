"""postJob."""

import strawberry

from resolvers import post_job as posting
from resolvers.inputs import CATEGORY_LENGTH, SKILL_LENGTH, SKILLS, terms_from
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


@input("The input of `postJob`.")
class PostJobInput(Priced):
    account_id: strawberry.ID = strawberry.field(
        description="The ID of the account that posts the job and pays."
    )
    title: str = strawberry.field(description="The job title: 1 to 200 characters.")
    description: str = strawberry.field(description="The job description: 1 to 20,000 characters.")
    skills: list[str] = strawberry.field(
        default_factory=list,
        description=f"The required skills: up to {SKILLS}, of 1 to {SKILL_LENGTH} characters each.",
        metadata=at_most(SKILLS),
    )
    budget: MoneyInput | None = strawberry.field(default=None, description="The budget.")
    category: str | None = strawberry.field(
        default=None,
        description=f"The category, such as web-design: 1 to {CATEGORY_LENGTH} characters from a "
        "to z, 0 to 9 and hyphens. Prices may depend on it and on the budget.",
    )


@success("The job was posted.")
class PostJobSuccess(Spent):
    job: Job = strawberry.field(description="The new job.")


@mutation("Posts a job. It is open for 30 days.", *SPENDING)
async def post_job(call: Call, input: PostJobInput) -> PostJobSuccess:
    spent = await posting.post_job(
        call.services,
        call.user,
        account_id=required_id("accountId", input.account_id, "Account"),
        title=input.title,
        description=input.description,
        skills=input.skills,
        terms=terms_from(input.category, money_of(input.budget)),
        expected_connects=input.expected_connects,
        intent=call.intent,
    )
    return PostJobSuccess(
        job=Job.of(spent.subject, call.info),
        replayed=spent.replayed,
        **moved(spent.wallet, spent.entry),
    )
