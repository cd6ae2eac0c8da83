"""The lines of a statement: entries with what they were for in words, oldest first."""

from typing import Final, NamedTuple
from uuid import UUID

from models.store.database import Database
from models.store.history.sums import Span
from models.store.statements import both


class StatementLine(NamedTuple):
    """One entry. `subject` is a job's or a freelancer's title, `member` who did it.

    `paid_minor` and `currency` are what a purchase cost.
    """

    sequence: int
    created_at: int
    kind: str
    action: str | None
    connects: int
    available_after: int
    held_after: int
    subject: str | None
    member: str | None
    paid_minor: int | None
    currency: str | None


# Ids are unique among all tables, so that an entry's subject is found in one of them.
_LINES: Final = both(
    """
    SELECT entry.sequence, entry.created_at, entry.kind, entry.action, entry.connects,
        entry.available_after, entry.held_after,
        COALESCE(job.title, proposed.title, offered.title, freelancer.title),
        "user".name, purchase.total_minor, purchase.currency
    FROM entry
    LEFT JOIN "user" ON "user".id = entry.actor_id
    LEFT JOIN job ON job.id = entry.subject_id
    LEFT JOIN proposal ON proposal.id = entry.subject_id
    LEFT JOIN job AS proposed ON proposed.id = proposal.job_id
    LEFT JOIN invitation ON invitation.id = entry.subject_id
    LEFT JOIN job AS offered ON offered.id = invitation.job_id
    LEFT JOIN contact ON contact.id = entry.subject_id
    LEFT JOIN freelancer ON freelancer.account_id = contact.freelancer_id
    LEFT JOIN purchase ON purchase.id = entry.subject_id
    WHERE entry.account_id = $1 AND entry.sequence > $2 AND entry.sequence <= $3
    ORDER BY entry.sequence LIMIT $4
    """
)


async def read(database: Database, account_id: UUID, span: Span, most: int) -> list[StatementLine]:
    """The first `most` lines of the span."""
    rows = await database.fetch(_LINES, account_id, *span, most)
    return [StatementLine(*row) for row in rows]
