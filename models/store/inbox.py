"""A freelancer's inbox of invitations, by what each is this instant.

The status of an invitation follows its job and the time, whatever is stored
(`models.rules.statuses.invitation_status`).
"""

from typing import Final
from uuid import UUID

from models.rules.kinds import InvitationStatus
from models.store.database import Database
from models.store.pages import Page, Sliced
from models.store.search.ranked import SortOrder
from models.store.statements import instance_of, table_of
from models.store.wallets import keyset
from models.tables import Invitation

_INVITATION: Final = table_of(Invitation)
# Row by row: most freelancers have few invitations, and there are many open jobs.
_STANDS: Final = """invitation.expires_at > $2 AND EXISTS (
    SELECT 1 FROM job WHERE job.id = invitation.job_id
        AND job.status = 'OPEN' AND job.expires_at > $2)"""
_CONDITIONS: Final = {
    InvitationStatus.PENDING: f"status = 'PENDING' AND {_STANDS}",
    InvitationStatus.EXPIRED: f"(status = 'EXPIRED' OR (status = 'PENDING' AND NOT ({_STANDS})))",
}


async def page(
    database: Database, account_id: UUID, status: InvitationStatus | None, now: int, page: Page
) -> Sliced[Invitation]:
    """The invitations that stand so at the instant `now`: most Connects first, then newest."""
    sql = f"SELECT {_INVITATION.selected} FROM invitation WHERE freelancer_id = $1"
    parameters: list[object] = [account_id]
    if status in _CONDITIONS:
        sql += f" AND {_CONDITIONS[status]}"
        parameters.append(now)
    elif status is not None:
        sql += " AND status = $2"
        parameters.append(status)
    rows = await keyset(
        database, sql, parameters, page, SortOrder(("connects", "id"), descending=True)
    )
    return Sliced.of([instance_of(Invitation, row) for row in rows], page)
