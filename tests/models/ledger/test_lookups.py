"""The rows a decision is made on: as they are stored, locked, and kept current in a batch."""

from dataclasses import replace
from uuid import UUID, uuid4

from models.ledger.commands import Change, Command, Decision, Facts, Lookup, Posted
from models.ledger.ledger import Ledger
from models.rules.kinds import AccountKind, JobStatus
from models.store.database import Database
from models.tables import Account, Freelancer, Job, Membership
from tests.clocks import ManualClock
from tests.models.builders import opened, post_together, spending


def creating(row: Job | Freelancer) -> Command:
    return Command(decide=lambda facts: Decision(inserts=(row,)))


def a_freelancer(account_id: UUID) -> Freelancer:
    return Freelancer.construct(
        account_id=account_id,
        title="Analyst „Ada“",
        overview="",
        skills=["analysis", "engines ⚙"],
        hourly_rate_minor=5000,
        hourly_rate_currency="USD",
        country=None,
        rating=4.5,
        available_now=True,
        email="ada@example.org",
        phone=None,
        created_at=1,
    )


def a_job(account_id: UUID) -> Job:
    return Job.construct(
        id=uuid4(),
        account_id=account_id,
        title="Analyst",
        description="",
        skills=[],
        status=JobStatus.OPEN,
        connects=0,
        created_at=1,
        expires_at=2,
    )


def values(row: Freelancer | Job) -> dict[str, object]:
    return {name: getattr(row, name) for name in row._meta.fields_map}


async def test_a_row_is_given_as_it_was_written(ledger: Ledger, database: Database) -> None:
    holder = await opened(ledger, AccountKind.FREELANCER)
    written = a_freelancer(holder.account_id)
    await ledger.post(creating(written))
    same = Lookup(Freelancer, ("account_id",), (holder.account_id,))
    seen: list[Freelancer] = []

    def decide(facts: Facts) -> Decision:
        seen.extend(facts.rows(same))
        return Decision()

    await ledger.post(Command(decide=decide, lookups=(same,)))

    assert [values(row) for row in seen] == [values(written)]
    assert seen[0].available_now is True
    assert values(seen[0]) == values(await Freelancer.get(account_id=holder.account_id))


async def test_lookups_give_exactly_the_rows_they_name(ledger: Ledger) -> None:
    one, other = await opened(ledger), await opened(ledger)
    mine = a_job(one.account_id)
    for job in (mine, a_job(one.account_id), a_job(other.account_id)):
        await ledger.post(creating(job))
    lookups: dict[str, Lookup[Job]] = {
        "one": Lookup(Job, ("id",), (mine.id,)),
        "none": Lookup(Job, ("id",), (uuid4(),)),
        "all of an account": Lookup(Job, ("account_id",), (one.account_id,)),
        "both columns": Lookup(Job, ("account_id", "status"), (one.account_id, "OPEN")),
        "of another status": Lookup(Job, ("account_id", "status"), (one.account_id, "EXPIRED")),
        "a pair that is not one": Lookup(Job, ("id", "account_id"), (mine.id, other.account_id)),
    }
    found: dict[str, int] = {}

    def decide(facts: Facts) -> Decision:
        found.update({name: len(facts.rows(lookup)) for name, lookup in lookups.items()})
        return Decision()

    await ledger.post(Command(decide=decide, lookups=tuple(lookups.values())))

    assert found == {
        "one": 1,
        "none": 0,
        "all of an account": 2,
        "both columns": 2,
        "of another status": 0,
        "a pair that is not one": 0,
    }


async def test_what_a_command_creates_is_there_for_the_next_of_its_batch(ledger: Ledger) -> None:
    holder = await opened(ledger)
    jobs = Lookup(Job, ("account_id",), (holder.account_id,))
    seen: list[int] = []

    def decide(facts: Facts) -> Decision:
        seen.append(len(facts.rows(jobs)))
        return Decision(inserts=(a_job(holder.account_id),))

    await post_together(ledger, [Command(decide=decide, lookups=(jobs,)) for _ in range(3)])

    assert seen == [0, 1, 2]


async def test_what_a_refused_command_would_have_created_is_not_there(ledger: Ledger) -> None:
    holder = await opened(ledger)
    jobs = Lookup(Job, ("account_id",), (holder.account_id,))
    seen: list[int] = []

    def decide(facts: Facts) -> Decision:
        seen.append(len(facts.rows(jobs)))
        return Decision()

    await post_together(ledger, [spending(holder, 61), Command(decide=decide, lookups=(jobs,))])

    assert seen == [0]


async def test_a_change_is_written_and_seen_by_the_next_of_its_batch(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    holder = await opened(ledger)
    job = a_job(holder.account_id)
    await ledger.post(creating(job))
    same = Lookup(Job, ("id",), (job.id,), exclusive=True)
    seen: list[tuple[JobStatus, int]] = []

    def decide(facts: Facts) -> Decision:
        (row,) = facts.rows(same)
        seen.append((row.status, row.expires_at))
        values = {"status": JobStatus.CANCELLED, "expires_at": row.expires_at + 1}
        return Decision(changes=(Change(row, values),))

    await post_together(ledger, [Command(decide=decide, lookups=(same,)) for _ in range(3)])

    assert seen == [(JobStatus.OPEN, 2), (JobStatus.CANCELLED, 3), (JobStatus.CANCELLED, 4)]
    stored = await Job.get(id=job.id)
    assert (stored.status, stored.expires_at, stored.title) == (JobStatus.CANCELLED, 5, "Analyst")


async def test_changes_of_different_columns_in_one_batch_are_all_written(ledger: Ledger) -> None:
    holder = await opened(ledger)
    job = a_job(holder.account_id)
    await ledger.post(creating(job))
    same = Lookup(Job, ("id",), (job.id,), exclusive=True)

    def changing(**values: object) -> Command:
        return Command(
            decide=lambda facts: Decision(changes=(Change(facts.rows(same)[0], values),)),
            lookups=(same,),
        )

    await post_together(
        ledger,
        [
            changing(title="B"),
            changing(expires_at=9, status=JobStatus.AWARDED),
            changing(title="C"),
        ],
    )

    stored = await Job.get(id=job.id)
    assert (stored.title, stored.expires_at, stored.status) == ("C", 9, JobStatus.AWARDED)


async def test_a_shared_and_an_exclusive_lookup_of_one_row_give_the_same_row(
    ledger: Ledger,
) -> None:
    holder = await opened(ledger)
    shared = Lookup(Account, ("id",), (holder.account_id,))
    exclusive = replace(shared, exclusive=True)
    of_members = Lookup(Membership, ("user_id",), (holder.user_id,))
    seen: list[object] = []

    def decide(facts: Facts) -> Decision:
        seen.extend(facts.rows(shared) + facts.rows(exclusive))
        assert [member.account_id for member in facts.rows(of_members)] == [holder.account_id]
        return Decision()

    posted = await ledger.post(Command(decide=decide, lookups=(of_members, shared, exclusive)))

    assert isinstance(posted, Posted)
    assert seen[0] is seen[1]
