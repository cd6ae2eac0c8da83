"""Reads everything that an invitation needs to know, by one statement.

An invitation needs the job, the freelancer, and the members of both accounts. Reading them in turn
through the loaders of entire rows took three round trips and a tenth of the server's cost of a
spend.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from models.store.database import Database
from models.store.ledger_tables import as_uuid, as_uuid_or_none
from models.store.statements import SqlStatement

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
_INVITEES = SqlStatement(
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
    """`account_id` is the account of the job, None unless the user is a member of it.

    `exists`: there is such a freelancer. `is_user`: the user is a member of its account.
    """

    account_id: UUID | None
    exists: bool
    is_user: bool


async def read(database: Database, asked: Sequence[Asked]) -> dict[Asked, Invitee]:
    """Returns the result for each of `asked`, in order."""
    columns = map(list, zip(*dict.fromkeys(asked), strict=True))
    return {
        Asked(*map(as_uuid, row[:3])): Invitee(as_uuid_or_none(row[3]), bool(row[4]), bool(row[5]))
        for row in await database.fetch(_INVITEES, *columns)
    }
