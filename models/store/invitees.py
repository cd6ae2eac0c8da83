"""What is to be known before somebody is invited, read by one statement.

An invitation needs the job, the freelancer, and who belongs to the accounts of both. Asked for one
after the other through the loaders of whole rows, they were three trips to the database and a
tenth of all that a spend cost the server.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from models.store.database import Database
from models.store.ledger_tables import as_uuid, as_uuid_or_none
from models.store.statements import Statement

_SELECTED = """
    SELECT asked.user_id, asked.job_id, asked.freelancer_id, own.account_id,
        freelancer.account_id IS NOT NULL, itself.id IS NOT NULL
"""
_JOINED = """
    LEFT JOIN job ON job.id = asked.job_id
    LEFT JOIN membership AS own
        ON own.user_id = asked.user_id AND own.account_id = job.account_id
    LEFT JOIN freelancer ON freelancer.account_id = asked.freelancer_id
    LEFT JOIN membership AS itself
        ON itself.user_id = asked.user_id AND itself.account_id = asked.freelancer_id
"""
_INVITEES = Statement(
    f"""
    WITH asked (user_id, job_id, freelancer_id) AS (
        SELECT u.value, j.value, f.value FROM json_each(?1) AS u
        JOIN json_each(?2) AS j ON j.key = u.key JOIN json_each(?3) AS f ON f.key = u.key)
    {_SELECTED} FROM asked {_JOINED}
    """,
    f"""
    {_SELECTED}
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS asked (user_id, job_id, freelancer_id)
    {_JOINED}
    """,
)


class Asked(NamedTuple):
    """A user who wants to invite a freelancer to a job."""

    user_id: UUID
    job_id: UUID
    freelancer_id: UUID


class Invitee(NamedTuple):
    """`account_id` is the account of the job, None unless it is one of the user's.

    `exists` says whether there is such a freelancer, `is_user` whether the user belongs to its
    account.
    """

    account_id: UUID | None
    exists: bool
    is_user: bool


async def read(database: Database, asked: Sequence[Asked]) -> dict[Asked, Invitee]:
    """What is known of each of `asked`."""
    columns = map(list, zip(*dict.fromkeys(asked), strict=True))
    return {
        Asked(*map(as_uuid, row[:3])): Invitee(as_uuid_or_none(row[3]), bool(row[4]), bool(row[5]))
        for row in await database.fetch(_INVITEES, *columns)
    }
