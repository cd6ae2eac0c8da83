"""Lists of jobs, proposals, invitations and contacts, newest first unless said otherwise."""

from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.rules.boosts import Bid
from models.rules.kinds import InvitationStatus, JobStatus
from models.store import inbox
from models.store.pages import Key, Page, Sliced
from models.tables import Account, Contact, Invitation, Job, Proposal
from resolvers.boosts import standings
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
        found += await _read(services, rows, part)
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


class Ranked(NamedTuple):
    """A proposal in its job's list. `connects` of its boost are 0 where it does not lead."""

    proposal: Proposal
    connects: int = 0
    placed_at: int = 0


async def proposals_of_job(services: Services, job: Job, page: Page) -> Sliced[Ranked]:
    """Those that lead, first place first, then all others, newest first.

    Keys are the boost's Connects and placing, 0 for those that do not lead, and the proposal's id.
    """
    leaders = await standings.leaders(services, job)
    found: list[Ranked] = []
    for leading in (False, True) if page.backwards else (True, False):
        room = page.limit - len(found)
        if room and leading:
            found += await _leading(services, leaders, page, room)
        elif room:
            found += await _others(services, job, leaders, page, room)
    return Sliced.of(found, page)


async def _leading(services: Services, leaders: list[Bid], page: Page, room: int) -> list[Ranked]:
    after, before = _place(page.after), _place(page.before)
    if after == _BEHIND:
        return []
    bids = [
        bid
        for bid in leaders
        if (after is None or after < bid.place)
        and (before in (None, _BEHIND) or bid.place < before)
    ]
    bids = (bids[::-1] if page.backwards else bids)[:room]
    rows = [await services.loaders.proposals.load(bid.proposal_id) for bid in bids]
    return [
        Ranked(row, bid.connects, bid.placed_at)
        for bid, row in zip(bids, rows, strict=True)
        if row is not None
    ]


async def _others(
    services: Services, job: Job, leaders: list[Bid], page: Page, room: int
) -> list[Ranked]:
    if _place(page.before) not in (None, _BEHIND):
        return []
    after, before = (
        key[2:] if key is not None and not key[0] else None for key in (page.after, page.before)
    )
    rows = Proposal.filter(job_id=job.id)
    if leaders:
        rows = rows.filter(~Q(id__in=[bid.proposal_id for bid in leaders]))
    part = Page(room - 1, after, before, page.backwards)
    return [Ranked(row) for row in await _read(services, rows, part)]


_BEHIND: Final = ()
"""The place of what does not lead."""


def _place(key: Key | None) -> tuple[Any, ...] | None:
    """The place among those that lead that a key names; None for no key."""
    if key is None:
        return None
    connects, placed_at, proposal_id = key
    return (-connects, placed_at, proposal_id) if connects else _BEHIND


async def invitations_of_job(services: Services, job_id: UUID, page: Page) -> Sliced[Invitation]:
    return await _newest(services, Invitation.filter(job_id=job_id), page)


async def invitations_received(
    services: Services, account_id: UUID, status: InvitationStatus | None, page: Page
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
