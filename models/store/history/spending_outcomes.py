"""What came of spends: replies and hires, as they are known now."""

from typing import Final, NamedTuple
from uuid import UUID

from models.rules.history.spending import SpendingBy
from models.store.database import Database
from models.store.history.spending_sums import IS_SPENT, SLOT, SPENT_ON
from models.store.history.sums import IN_SPAN, Span
from models.store.statements import both


class SpendOutcome(NamedTuple):
    """A spend, in a quarter of an hour, that had a reply or led to a hire."""

    quarter: int
    spent_on: str
    subject: str
    job: str
    is_answered: bool
    is_hired: bool


_OUTCOMES: Final = {
    by: both(
        f"""
        SELECT * FROM (
            SELECT {SLOT}, {spent_on}, CAST(entry.subject_id AS TEXT), CAST(job.id AS TEXT),
                CASE WHEN proposal.id IS NOT NULL
                    THEN job.status = 'AWARDED' AND proposal.status <> 'WITHDRAWN'
                    ELSE COALESCE(invitation.status = 'ACCEPTED', FALSE) END AS is_answered,
                CASE WHEN proposal.id IS NOT NULL THEN proposal.status = 'AWARDED'
                    WHEN invitation.id IS NOT NULL THEN EXISTS (
                        SELECT 1 FROM proposal AS hired
                        WHERE hired.account_id = invitation.freelancer_id
                            AND hired.job_id = invitation.job_id AND hired.status = 'AWARDED')
                    ELSE job.status = 'AWARDED' END AS is_hired
            FROM entry
            LEFT JOIN proposal ON proposal.id = entry.subject_id
                AND entry.action IN ('SUBMIT_PROPOSAL', 'BOOST_PROPOSAL')
            LEFT JOIN invitation ON invitation.id = entry.subject_id
                AND entry.action = 'INVITE_FREELANCER'
            JOIN job ON job.id
                = COALESCE(proposal.job_id, invitation.job_id, entry.subject_id)
            WHERE {IN_SPAN} AND {IS_SPENT}) AS outcome
        WHERE is_answered OR is_hired
        """
    )
    for by, spent_on in SPENT_ON.items()
}


async def read(
    database: Database, account_id: UUID, by: SpendingBy, span: Span
) -> list[SpendOutcome]:
    """The spends among the entries that had an outcome.

    A proposal is answered if its job is awarded, to it or another, and it was not withdrawn; an
    invitation if it is accepted. A hire is a job: one awarded to the proposal, to the one who was
    invited, or, if the job itself was paid for, to anyone.
    """
    rows = await database.fetch(_OUTCOMES[by], account_id, *span)
    return [
        SpendOutcome(int(row[0]), row[1], row[2], row[3], bool(row[4]), bool(row[5]))
        for row in rows
    ]
