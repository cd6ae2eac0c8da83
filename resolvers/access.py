"""Who may see and do what. What a viewer may not see does not exist for them."""

from uuid import UUID

from models.rules.refusals import NotFound
from models.tables import Account, Freelancer, Job, Proposal, User
from resolvers.services import Services


async def is_member(services: Services, user: User | None, account_id: UUID) -> bool:
    """Whether `user` belongs to the account, and so sees and spends its Connects."""
    if user is None:
        return False
    own_accounts, name = services.loaders.own_accounts, (user.id, account_id)
    return (own_accounts.known(name) or await own_accounts.load(name)) is not None


async def own_account(services: Services, user: User, account_id: UUID) -> Account:
    """The account, for one of its members. Raises NotFound for everybody else."""
    account = await services.loaders.own_accounts.load((user.id, account_id))
    if account is None:
        raise NotFound("There is no such account among yours.")
    return account


async def existing_job(services: Services, job_id: UUID) -> Job:
    """The job. Raises NotFound where there is none."""
    job = await services.loaders.jobs.load(job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job


async def own_job(services: Services, user: User, job_id: UUID) -> Job:
    """The job, for a member of the account that posted it. Raises NotFound for others."""
    job = await services.loaders.jobs.load(job_id)
    if job is None or not await is_member(services, user, job.account_id):
        raise NotFound("There is no such job among yours.")
    return job


async def own_proposal(services: Services, user: User, proposal_id: UUID) -> Proposal:
    """The proposal, for a member of the account that submitted it. Raises NotFound for others."""
    proposal = await services.loaders.proposals.load(proposal_id)
    if proposal is None or not await is_member(services, user, proposal.account_id):
        raise NotFound("There is no such proposal among yours.")
    return proposal


async def existing_freelancer(services: Services, freelancer_id: UUID) -> Freelancer:
    """The freelancer. Raises NotFound where there is none."""
    freelancer = await services.loaders.freelancers.load(freelancer_id)
    if freelancer is None:
        raise NotFound("There is no such freelancer.")
    return freelancer


async def may_see_proposal(services: Services, user: User | None, proposal: Proposal) -> bool:
    """Both sides may: who proposed, and who posted the job."""
    if await is_member(services, user, proposal.account_id):
        return True
    job = await services.loaders.jobs.load(proposal.job_id)
    return job is not None and await is_member(services, user, job.account_id)


async def may_see_contact_details(
    services: Services, user: User | None, freelancer_id: UUID
) -> bool:
    """Their owner may, and members of an account that has unlocked them."""
    return user is not None and await services.loaders.unlocked.load((user.id, freelancer_id))
