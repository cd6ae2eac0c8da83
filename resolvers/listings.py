"""Lists of jobs, proposals and invitations, newest first unless said otherwise."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.rules.kinds import InvitationStatus, JobStatus
from models.store.pages import Key, Page, Sliced
from models.tables import Account, Invitation, Job, Proposal
from resolvers.services import Services

M = TypeVar("M", bound=Model)


async def accounts_of_user(services: Services, user_id: UUID) -> list[Account]:
    """The accounts that the user is a member of, oldest first."""
    return await services.loaders.accounts_of_users.load(user_id) or []


async def jobs_of_account(services: Services, account_id: UUID, page: Page) -> Sliced[Job]:
    """Newest first, and the cancelled ones after all others. Keys are `job_key`.

    Each part is read by itself, so that an index has it in its order.
    """
    after, before = page.after, page.before
    found: list[Job] = []
    for cancelled in (1, 0) if page.backwards else (0, 1):
        if (after and cancelled < after[0]) or (before and cancelled > before[0]):
            continue
        room = page.limit - len(found)
        if not room:
            break
        rows = Job.filter(account_id=account_id)
        was = Q(status=JobStatus.CANCELLED)
        rows = rows.filter(was if cancelled else ~was)
        part = Page(room - 1, _id_in(after, cancelled), _id_in(before, cancelled), page.backwards)
        found += await _read(services, rows, ("id",), part)
    return Sliced.of(found, page)


def job_key(job: Job) -> Key:
    """The place of a job in the list of its account."""
    return (int(job.status is JobStatus.CANCELLED), job.id)


def _id_in(key: Key | None, cancelled: int) -> Key | None:
    """The end that a `job_key` sets to one of the two parts."""
    return key[1:] if key is not None and key[0] == cancelled else None


async def proposals_of_account(
    services: Services, account_id: UUID, page: Page
) -> Sliced[Proposal]:
    return await _newest(services, Proposal.filter(account_id=account_id), page)


async def proposals_of_job(services: Services, job_id: UUID, page: Page) -> Sliced[Proposal]:
    return await _newest(services, Proposal.filter(job_id=job_id), page)


async def invitations_of_job(services: Services, job_id: UUID, page: Page) -> Sliced[Invitation]:
    return await _newest(services, Invitation.filter(job_id=job_id), page)


async def invitations_received(
    services: Services, account_id: UUID, status: InvitationStatus | None, page: Page
) -> Sliced[Invitation]:
    """The inbox of a freelancer's account: most Connects first, then newest."""
    rows = Invitation.filter(freelancer_id=account_id)
    if status is not None:
        rows = rows.filter(_with_status(status, services.clock()))
    return await _greatest(services, rows, ("connects", "id"), page)


def _with_status(status: InvitationStatus, now: int) -> Q:
    """An invitation that nobody answered in time has expired, whatever is stored."""
    pending = Q(status=InvitationStatus.PENDING)
    if status is InvitationStatus.PENDING:
        return pending & Q(expires_at__gt=now)
    if status is InvitationStatus.EXPIRED:
        return Q(status=status) | (pending & Q(expires_at__lte=now))
    return Q(status=status)


async def _newest(services: Services, rows: "QuerySet[M]", page: Page) -> Sliced[M]:
    """Ids are made in the order of time, so that the newest row has the greatest one."""
    return await _greatest(services, rows, ("id",), page)


async def _greatest(
    services: Services, rows: "QuerySet[M]", columns: Sequence[str], page: Page
) -> Sliced[M]:
    """A page of `rows`, the greatest of `columns` first."""
    return Sliced.of(await _read(services, rows, columns, page), page)


async def _read(
    services: Services, rows: "QuerySet[M]", columns: Sequence[str], page: Page
) -> list[M]:
    """Up to `page.limit` rows, in the direction of reading."""
    for key, comparison in ((page.after, "lt"), (page.before, "gt")):
        if key is not None:
            rows = rows.filter(_beside(columns, key, comparison))
    sign = "" if page.backwards else "-"
    rows = rows.order_by(*(f"{sign}{column}" for column in columns)).limit(page.limit)
    found: list[Any] = await services.database.select(rows.using_db)
    return found


def _beside(columns: Sequence[str], key: Key, comparison: str) -> Q:
    """Rows whose `columns` are less than `key` (lt) or greater (gt), as tuples compare."""
    column, value = columns[0], key[0]
    beside = Q(**{f"{column}__{comparison}": value})
    if len(columns) == 1:
        return beside
    return beside | (Q(**{column: value}) & _beside(columns[1:], key[1:], comparison))
