"""Verify and Connects that were given back: once, and no more than was spent."""

from models.ledger.commands import Command, Decision
from models.ledger.ledger import Ledger
from models.rules.postings import Return
from models.store.database import Database
from models.verify import verify
from tests.clocks import ManualClock
from tests.models.builders import Holder, opened, spending
from tests.models.verify.tampering import tamper


async def returned(ledger: Ledger, holder: Holder, connects: int) -> str:
    """The id of a job for 15 Connects, of which some came back."""
    spent = await ledger.post(spending(holder, 15))
    subject_id = spent.subject_id
    assert subject_id is not None
    decision = Decision(subject_id, Return(connects, subject_id))
    await ledger.post(
        Command(
            decide=lambda facts: decision,
            account_id=holder.account_id,
            actor_id=holder.user_id,
            returns=subject_id,
        )
    )
    return str(subject_id)


async def test_what_came_back_once_is_no_violation(database: Database, ledger: Ledger) -> None:
    holder = await opened(ledger)

    for connects in (15, 1):
        await returned(ledger, holder, connects)

    assert await verify(database, limit=100) == []


async def test_what_came_back_twice_is_a_violation(
    database: Database, database_url: str, clock: ManualClock
) -> None:
    ledger = Ledger(database, clock)
    ledger.start()
    holder = await opened(ledger)
    job, other = await returned(ledger, holder, 5), await returned(ledger, holder, 5)
    await ledger.close()

    await tamper(
        database_url,
        f"UPDATE entry SET subject_id = '{job}' WHERE kind = 'RETURN' AND subject_id = '{other}'",
    )

    violations = await verify(database, limit=100)
    assert [
        (violation.invariant, violation.message)
        for violation in violations
        if violation.invariant == 5
    ] == [(5, "gives back 10 Connects in all, in 2 entries, but 15 were spent")]


async def test_what_came_back_without_having_been_spent_is_a_violation(
    database: Database, database_url: str, clock: ManualClock
) -> None:
    ledger = Ledger(database, clock)
    ledger.start()
    holder = await opened(ledger)
    await returned(ledger, holder, 5)
    await ledger.close()

    await tamper(
        database_url, "UPDATE entry SET action = 'INVITE_FREELANCER' WHERE kind = 'RETURN'"
    )

    violations = await verify(database, limit=100)
    assert [
        (violation.where, violation.message) for violation in violations if violation.invariant == 5
    ] == [
        (
            f"entry 3 of account {holder.account_id}",
            "gives back 5 Connects in all, in 1 entries, but 0 were spent",
        )
    ]
