"""Lists of jobs, proposals, invitations and contacts, newest first unless said otherwise."""

from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.rules.boosts import Bid
from models.rules.kinds import InvitationStatus, JobStatus
from models.store import inbox
from models.store.pages import Key, Page, Sliced, in_two_parts
from models.tables import Account, Contact, Invitation, Job, Proposal
from resolvers.boosts import standings
from resolvers.services import Services

M = TypeVar("M", bound=Model)


async def accounts_of_user(services: Services, user_id: UUID) -> list[Account]:
    """The accounts that the user is a member of, oldest first."""
    return await services.loaders.accounts_of_users.load(user_id) or []


async def jobs_of_account(services: Services, account_id: UUID, page: Page) -> Sliced[Job]:
    """Newest first, and the cancelled ones after all others. Keys are `job_key`."""
    jobs = Job.filter(account_id=account_id)
    was_cancelled = Q(status=JobStatus.CANCELLED)
    parts = (jobs.filter(~was_cancelled), jobs.filter(was_cancelled))
    return await in_two_parts(page, lambda part, of_it: _read(services, parts[part], of_it))


def job_key(job: Job) -> Key:
    """The place of a job in the list of its account."""
    return (int(job.status is JobStatus.CANCELLED), job.id)


async def proposals_of_account(
    services: Services, account_id: UUID, page: Page
) -> Sliced[Proposal]:
    return await _newest(services, Proposal.filter(account_id=account_id), page)


class RankedProposal(NamedTuple):
    """A proposal in its job's list, with its boost if that leads."""

    proposal: Proposal
    bid: Bid | None = None


def proposal_key(ranked: RankedProposal) -> Key:
    """The place of a proposal in the list of its job."""
    if ranked.bid is None:
        return (1, 0, 0, ranked.proposal.id)
    return (0, *ranked.bid.place)


async def proposals_of_job(services: Services, job: Job, page: Page) -> Sliced[RankedProposal]:
    """Those with a leading boost, first place first, then the others, newest first.

    Keys are `proposal_key`.
    """
    leaders = await standings.leaders(services, job)

    async def read(part: int, of_it: Page) -> list[RankedProposal]:
        return await (_others if part else _leading)(services, job, leaders, of_it)

    return await in_two_parts(page, read)


async def _leading(
    services: Services, _job: Job, leaders: list[Bid], page: Page
) -> list[RankedProposal]:
    bids = [
        bid
        for bid in leaders
        if (page.after is None or page.after < bid.place)
        and (page.before is None or bid.place < page.before)
    ]
    bids = (bids[::-1] if page.backwards else bids)[: page.limit]
    rows = [await services.loaders.proposals.load(bid.proposal_id) for bid in bids]
    return [
        RankedProposal(row, bid) for bid, row in zip(bids, rows, strict=True) if row is not None
    ]


async def _others(
    services: Services, job: Job, leaders: list[Bid], page: Page
) -> list[RankedProposal]:
    rows = Proposal.filter(job_id=job.id)
    if leaders:
        rows = rows.filter(~Q(id__in=[bid.proposal_id for bid in leaders]))
    after, before = (key and key[2:] for key in (page.after, page.before))
    of_it = page._replace(after=after, before=before)
    return [RankedProposal(row) for row in await _read(services, rows, of_it)]


async def invitations_of_job(services: Services, job_id: UUID, page: Page) -> Sliced[Invitation]:
    return await _newest(services, Invitation.filter(job_id=job_id), page)


async def invitations_received(
    services: Services, account_id: UUID, page: Page, status: InvitationStatus | None
) -> Sliced[Invitation]:
    """The inbox of a freelancer's account: most Connects first, then newest."""
    return await inbox.page(services.database, account_id, status, services.clock(), page)


async def contacts_received(services: Services, account_id: UUID, page: Page) -> Sliced[Contact]:
    """Who has unlocked the contact details of a freelancer's account."""
    return await _newest(services, Contact.filter(freelancer_id=account_id), page)


async def _newest(services: Services, rows: "QuerySet[M]", page: Page) -> Sliced[M]:
    """A page of `rows`. Ids are made in the order of time: the newest row has the greatest one."""
    return Sliced.of(await _read(services, rows, page), page)


async def _read(services: Services, rows: "QuerySet[M]", page: Page) -> list[M]:
    """Up to `page.limit` rows, in the direction of reading."""
    for key, comparison in ((page.after, "id__lt"), (page.before, "id__gt")):
        if key is not None:
            rows = rows.filter(**{comparison: key[0]})
    rows = rows.order_by("id" if page.backwards else "-id").limit(page.limit)
    found: list[Any] = await services.database.select(rows.using_db)
    return found
