"""Boosts as the resolvers place and end them, cut down to what holds Connects."""

from models.ledger.commands import Command, Decision, Facts, Lookup
from models.ledger.holds import boost_change
from models.ledger.ledger import Ledger
from models.rules.actions import ConnectsAction
from models.rules.instants import DAY
from models.rules.kinds import BoostStatus, ProposalStatus
from models.rules.postings import Hold
from models.tables import Boost, Job, Proposal
from tests.models.builders import Holder, opened, spending

BOOST = ConnectsAction.BOOST_PROPOSAL


async def boosted(ledger: Ledger, holder: Holder, connects: int) -> Boost:
    """A boost of a new proposal to a new job of somebody else's, open for 7 days."""
    owner = await opened(ledger)
    job_id = (await ledger.post(spending(owner, 1))).subject_id
    assert job_id is not None
    made: list[Boost] = []

    def decide(facts: Facts) -> Decision:
        now = facts.now
        proposal = Proposal.construct(
            id=job_id,
            account_id=holder.account_id,
            job_id=job_id,
            cover_letter="I would.",
            status=ProposalStatus.SUBMITTED,
            connects=0,
            created_at=now,
        )
        boost = Boost.construct(
            proposal_id=job_id,
            account_id=holder.account_id,
            job_id=job_id,
            connects=connects,
            held=connects,
            status=BoostStatus.LEADING,
            placed_at=now,
            closes_at=now + 7 * DAY,
            ended_at=None,
        )
        made.append(boost)
        return Decision(job_id, Hold(connects, BOOST, job_id), inserts=(proposal, boost))

    await ledger.post(Command(decide=decide, account_id=holder.account_id, actor_id=holder.user_id))
    return made[-1]


async def ended(ledger: Ledger, boost: Boost, status: BoostStatus, *, now: int) -> None:
    """Ends a boost as somebody else's command does, who does not touch the wallet."""
    job = Lookup(Job, ("id",), (boost.job_id,), exclusive=True)
    same = Lookup(Boost, ("proposal_id",), (boost.proposal_id,), exclusive=True)

    def decide(facts: Facts) -> Decision:
        (row,) = facts.rows(same)
        return Decision(changes=(boost_change(row, status=status, ended_at=now),))

    await ledger.post(Command(decide=decide, lookups=(job, same)))
