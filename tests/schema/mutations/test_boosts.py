"""Boosting proposals: four lead, whoever is outbid is free again, and the leaders are charged."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from models.ledger.ledger import Ledger
from models.rules.instants import DAY
from models.verify import verify
from schema.ids import required_id
from tests.clocks import ManualClock
from tests.schema.callers import Api, Json, Member
from tests.schema.types.test_quotes import quote

BOOST = "... on Proposal { boost { connects status rank placedAt } }"
JOB = "... on Job { connectsToBoost boostsCloseAt proposals { nodes { id } } }"
REFUSED = """mutation($input: BoostProposalInput!) { boostProposal(input: $input) {
    __typename ... on UserError { message } ... on Conflict { reason }
    ... on InvalidInput { fields { path reason limit } }
    ... on InsufficientConnects { required available shortfall }
    ... on PriceChanged { expected actual }
} }"""
CLOSES = "2026-11-29T09:30:00.000000Z"


@dataclass(frozen=True)
class Contest:
    """A job, and freelancers with a proposal to it each, who have 59 Connects left."""

    clara: Member
    job: str
    bidders: list[Member]
    proposals: list[str]

    async def boost(self, number: int, connects: int, **input: object) -> Any:
        return await self.bidders[number].boost(self.proposals[number], connects, **input)

    async def boosted(self, *connects: int) -> None:
        for number, each in enumerate(connects):
            answer = await self.boost(number, each)
            assert answer["__typename"] == "BoostProposalSuccess", answer

    async def refused(self, number: int, connects: int, **input: object) -> Json:
        """What a boost of a bidder's own proposal, or of `proposalId`, is refused with."""
        given = {"proposalId": self.proposals[number], "connects": connects} | input
        keyed = {"idempotencyKey": uuid4().hex, **given}
        answer: Json = (await self.bidders[number].ask(REFUSED, input=keyed))["boostProposal"]
        return answer

    async def wallet(self, number: int) -> tuple[int, int]:
        wallet = await self.bidders[number].wallet("available held")
        return (wallet["available"], wallet["held"])

    async def wallets(self) -> list[tuple[int, int]]:
        return [await self.wallet(number) for number in range(len(self.bidders))]

    async def kinds(self, number: int, most: int = 2) -> list[tuple[str, int]]:
        """The newest entries of a bidder, the newest last."""
        found = await self.bidders[number].wallet(
            f"entries(first: {most}) {{ nodes {{ kind connects }} }}"
        )
        return [(entry["kind"], entry["connects"]) for entry in found["entries"]["nodes"][::-1]]

    async def statuses(self) -> list[tuple[str, int | None] | None]:
        found = []
        for member, proposal in zip(self.bidders, self.proposals, strict=True):
            boost = (await member.node(proposal, BOOST))["boost"]
            found.append(boost and (boost["status"], boost["rank"]))
        return found


@pytest.fixture
async def contest(api: Api, clock: ManualClock) -> AsyncIterator[Contest]:
    clara = await api.client()
    job = await clara.new_job()
    bidders = [await api.freelancer(name) for name in ("Ann", "Ben", "Cas", "Dot", "Eve", "Fay")]
    proposals = []
    for bidder in bidders:
        proposals.append(await bidder.new_proposal(job))
        clock.advance(1)
    yield Contest(clara, job, bidders, proposals)
    assert await verify(api.services.database, limit=10) == []


async def test_a_boost_holds_connects(contest: Contest) -> None:
    answer = await contest.boost(0, 5, expectedConnects=5)

    assert answer["proposal"]["boost"] == {"connects": 5, "status": "LEADING", "rank": 1}
    assert answer["wallet"] == {"available": 54, "held": 5}
    entry = answer["entry"]
    assert (entry["kind"], entry["connects"], entry["availableAfter"]) == ("HOLD", -5, 54)
    assert (entry["action"], entry["subject"]) == ("BOOST_PROPOSAL", {"__typename": "Proposal"})
    job = await contest.clara.node(contest.job, JOB)
    assert (job["connectsToBoost"], job["boostsCloseAt"]) == ([5], CLOSES)


async def test_the_lots_of_a_moment_are_those_after_the_hold(contest: Contest) -> None:
    await contest.boost(0, 5)

    found = await contest.bidders[0].wallet(
        "available lots { nodes { granted remaining } }"
        'availableAt(time: "2026-11-22T09:30:00.000006Z")'
    )

    assert found["lots"]["nodes"] == [{"granted": 60, "remaining": 54}]
    assert found["availableAt"] == 54


async def test_whoever_is_outbid_has_theirs_back_at_once(contest: Contest) -> None:
    await contest.boosted(9, 7, 7, 5)

    await contest.boost(4, 6)

    assert await contest.wallets() == [(50, 9), (52, 7), (52, 7), (59, 0), (53, 6), (59, 0)]
    assert await contest.kinds(3) == [("HOLD", -5), ("RELEASE", 5)]
    assert await contest.statuses() == [
        ("LEADING", 1),
        ("LEADING", 2),
        ("LEADING", 3),
        ("OUTBID", None),
        ("LEADING", 4),
        None,
    ]
    job = await contest.clara.node(contest.job, JOB)
    assert job["connectsToBoost"] == [9, 7, 7, 6]


async def test_whoever_is_outbid_can_spend_theirs_at_once(contest: Contest) -> None:
    await contest.boosted(60 - 2, 59, 58, 57)
    assert await contest.wallet(3) == (2, 57)
    await contest.boost(4, 58)

    raised = await contest.boost(3, 59)

    assert raised["wallet"] == {"available": 0, "held": 59}
    assert await contest.kinds(3, 3) == [("HOLD", -57), ("RELEASE", 57), ("HOLD", -59)]
    assert (await contest.wallet(4)) == (59, 0)


async def test_a_raise_holds_only_the_difference(contest: Contest) -> None:
    await contest.boosted(5, 8)

    raised = await contest.boost(0, 9)

    assert raised["wallet"] == {"available": 50, "held": 9}
    assert raised["entry"]["connects"] == -4
    assert raised["proposal"]["boost"] == {"connects": 9, "status": "LEADING", "rank": 1}


async def test_leaders_stand_first_and_the_others_follow_newest_first(contest: Contest) -> None:
    await contest.boosted(3, 8, 8)
    a, b, c, d, e, f = contest.proposals
    ids = [b, c, a, f, e, d]

    for size in (1, 2, 3, 4, 6, 20):
        for forwards in (True, False):
            assert await pages(contest, size, forwards=forwards) == ids


async def pages(contest: Contest, size: int, *, forwards: bool) -> list[str]:
    first, after = ("first", "after") if forwards else ("last", "before")
    found: list[str] = []
    cursor = None
    while True:
        node = await contest.clara.ask(
            f"""query($id: ID!, $cursor: String) {{ node(id: $id) {{ ... on Job {{
                proposals({first}: {size}, {after}: $cursor) {{
                    nodes {{ id }}
                    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
            }} }} }} }}""",
            id=contest.job,
            cursor=cursor,
        )
        page = node["node"]["proposals"]
        ids = [each["id"] for each in page["nodes"]]
        found = [*found, *ids] if forwards else [*ids, *found]
        info = page["pageInfo"]
        if not info["hasNextPage" if forwards else "hasPreviousPage"]:
            return found
        cursor = info["endCursor" if forwards else "startCursor"]


async def test_the_leaders_are_charged_at_the_first_award(contest: Contest) -> None:
    await contest.boosted(9, 7, 7, 5, 6)

    await contest.clara.award(contest.job, contest.proposals[5])

    assert await contest.wallets() == [(50, 0), (52, 0), (52, 0), (59, 0), (53, 0), (59, 0)]
    assert await contest.kinds(0) == [("HOLD", -9), ("CAPTURE", 0)]
    assert await contest.statuses() == [
        ("CHARGED", 1),
        ("CHARGED", 2),
        ("CHARGED", 3),
        ("OUTBID", None),
        ("CHARGED", 4),
        None,
    ]
    assert (await contest.clara.node(contest.job, JOB))["boostsCloseAt"] is None


@pytest.mark.parametrize("late", [0, 5 * DAY], ids=["at once", "late"])
async def test_the_leaders_are_charged_after_seven_days(
    contest: Contest, clock: ManualClock, late: int
) -> None:
    await contest.boosted(9, 7)
    clock.move_to("2026-11-29T09:29:59.999999+00:00")
    assert (await contest.statuses())[0] == ("LEADING", 1)
    assert await contest.wallet(0) == (50, 9)

    clock.advance(1 + late)

    assert (await contest.statuses())[:2] == [("CHARGED", 1), ("CHARGED", 2)]
    found = await contest.bidders[0].wallet(
        "available held entries(first: 5) { nodes { kind createdAt } }"
    )
    assert found["held"] == 0
    charged = [each["createdAt"] for each in found["entries"]["nodes"] if each["kind"] == "CAPTURE"]
    assert charged == [CLOSES]
    assert (await contest.refused(2, 20))["reason"] == "BOOSTS_CLOSED"


async def test_a_server_whose_clock_is_behind_takes_no_boost_once_one_was_charged(
    api: Api, contest: Contest, clock: ManualClock
) -> None:
    await contest.boosted(9, 7)
    behind = ManualClock(clock.now)
    other = Ledger(api.services.database, behind)
    other.start()
    server = Api.of(replace(api.services, ledger=other, clock=behind))
    clock.advance(8 * DAY)
    assert await contest.wallet(0) == (50, 0)
    eve = replace(contest.bidders[4], http=server.http)

    refused = await eve.boost(contest.proposals[4], 20)

    assert refused["__typename"] == "Conflict"
    assert refused["message"].startswith("The boosts of this job have closed.")
    await other.close()


@pytest.mark.parametrize("days", [1, 8], ids=["before boosts close", "after that"])
async def test_a_cancelled_job_frees_what_was_not_charged_before(
    contest: Contest, clock: ManualClock, days: int
) -> None:
    await contest.boosted(9, 7)
    clock.advance(days * DAY)

    await contest.clara.cancel(contest.job)

    status, end = ("RELEASED", ("RELEASE", 9)) if days < 7 else ("CHARGED", ("CAPTURE", 0))
    assert [each and each[0] for each in (await contest.statuses())[:2]] == [status] * 2
    assert [kind for kind in await contest.kinds(0, 9) if kind[0] in ("RELEASE", "CAPTURE")] == [
        end
    ]
    assert (await contest.wallet(0))[1] == 0


async def test_a_boost_that_is_taken_back_is_free_again(contest: Contest) -> None:
    await contest.boosted(9, 7)
    bidder, proposal = contest.bidders[0], contest.proposals[0]

    withdrawn = await bidder.withdraw_boost(proposal, idempotencyKey="back")

    assert withdrawn["wallet"] == {"available": 59, "held": 0}
    assert withdrawn["entry"] == {"kind": "RELEASE", "connects": 9}
    assert (withdrawn["lapsed"], withdrawn["proposal"]["boost"]["status"]) == (0, "RELEASED")
    again = await bidder.withdraw_boost(proposal, idempotencyKey="back")
    assert again == withdrawn | {"replayed": True}
    assert (await bidder.withdraw_boost(proposal))["__typename"] == "Conflict"
    assert await contest.statuses() == [("RELEASED", None), ("LEADING", 1), *[None] * 4]
    assert (await contest.boost(0, 1))["proposal"]["boost"]["rank"] == 2


async def test_a_withdrawn_proposal_frees_its_boost(contest: Contest) -> None:
    await contest.boosted(9, 7)

    await contest.bidders[0].withdraw(contest.proposals[0])

    assert await contest.wallet(0) == (59, 0)
    assert (await contest.statuses())[:2] == [("RELEASED", None), ("LEADING", 1)]


async def test_what_comes_back_to_an_expired_lot_lapses_and_is_said_to(
    api: Api, clock: ManualClock
) -> None:
    farid, clara = await api.freelancer(), await api.client()
    clock.move_to("2027-11-20T00:00:00+00:00")
    proposal = await farid.new_proposal(await clara.new_job())
    before = await farid.available()
    await farid.boost(proposal, 9)
    clock.move_to("2027-11-25T00:00:00+00:00")
    assert await farid.available() == before - 59

    withdrawn = await farid.withdraw_boost(proposal)

    assert (withdrawn["lapsed"], withdrawn["entry"]["connects"]) == (9, 9)
    assert withdrawn["wallet"] == {"available": before - 59, "held": 0}
    latest = await farid.wallet("entries(first: 2) { nodes { kind connects } }")
    assert latest["entries"]["nodes"] == [
        {"kind": "EXPIRY", "connects": -9},
        {"kind": "RELEASE", "connects": 9},
    ]
    assert await verify(api.services.database, limit=10) == []


async def test_the_same_key_holds_once(contest: Contest) -> None:
    first = await contest.boost(0, 5, idempotencyKey="intent")

    again = await contest.boost(0, 5, idempotencyKey="intent")
    other = await contest.boost(0, 6, idempotencyKey="intent")

    assert again == first | {"replayed": True}
    assert other["__typename"] == "IdempotencyKeyReused"
    assert await contest.wallet(0) == (54, 5)


@pytest.mark.parametrize(
    ("connects", "expected"),
    [
        (0, {"fields": [{"path": ["connects"], "reason": "TOO_SMALL", "limit": 1}]}),
        (-5, {"fields": [{"path": ["connects"], "reason": "TOO_SMALL", "limit": 1}]}),
        (6, {"reason": "BOOST_NOT_RAISED"}),
        (5, {"reason": "BOOST_NOT_RAISED"}),
        (66, {"required": 60, "available": 53, "shortfall": 7}),
        (2**31 - 1, {"required": 2**31 - 7, "available": 53, "shortfall": 2**31 - 60}),
    ],
    ids=["zero", "negative", "the same", "lowered", "above what is available", "huge"],
)
async def test_a_boost_that_cannot_be_is_refused_and_nothing_moves(
    api: Api, contest: Contest, connects: int, expected: Json
) -> None:
    await contest.boosted(6)

    async with api.unchanged():
        refused = await contest.refused(0, connects)

    assert refused.items() >= expected.items(), refused


async def test_what_would_not_lead_is_refused_with_what_would(api: Api, contest: Contest) -> None:
    await contest.boosted(9, 7, 7, 5)

    async with api.unchanged():
        refused = await contest.refused(4, 5)

    assert refused == {
        "__typename": "Conflict",
        "message": "A boost of 5 Connects would not lead. It takes 6.",
        "reason": "BOOST_TOO_LOW",
    }


async def test_another_price_than_was_shown_is_refused(api: Api, contest: Contest) -> None:
    async with api.unchanged():
        refused = await contest.refused(0, 5, expectedConnects=4)

    assert (refused["expected"], refused["actual"]) == (4, 5)


async def test_a_foreign_proposal_is_not_boosted(api: Api, contest: Contest) -> None:
    await contest.boosted(6)

    async with api.unchanged():
        by_another_bidder = await contest.refused(1, 9, proposalId=contest.proposals[0])
        by_the_jobs_owner = await contest.clara.boost(contest.proposals[0], 9)
        withdrawn = await contest.bidders[1].withdraw_boost(contest.proposals[0])

    assert {each["__typename"] for each in (by_another_bidder, by_the_jobs_owner, withdrawn)} == {
        "NotFound"
    }


async def test_an_awarded_proposal_is_not_boosted(api: Api, contest: Contest) -> None:
    await contest.boosted(6)
    await contest.clara.award(contest.job, contest.proposals[0])
    assert await contest.wallet(0) == (53, 0)

    async with api.unchanged():
        awarded = await contest.refused(0, 9)
        not_awarded = await contest.refused(1, 9)
        withdrawn = await contest.bidders[0].withdraw_boost(contest.proposals[0])

    assert awarded["reason"] == "PROPOSAL_AWARDED"
    assert not_awarded["reason"] == "PROPOSAL_NOT_AWARDED"
    assert withdrawn["__typename"] == "Conflict"


async def test_a_withdrawn_proposal_is_not_boosted(api: Api, contest: Contest) -> None:
    await contest.bidders[1].withdraw(contest.proposals[1])

    async with api.unchanged():
        refused = await contest.refused(1, 5)

    assert refused["reason"] == "PROPOSAL_WITHDRAWN"


async def test_a_proposal_to_a_cancelled_job_is_not_boosted(api: Api, contest: Contest) -> None:
    await contest.clara.cancel(contest.job)

    async with api.unchanged():
        refused = await contest.refused(1, 5)

    assert refused["reason"] == "PROPOSAL_NOT_AWARDED"


async def test_only_its_author_sees_a_boost_and_everybody_the_amounts(
    api: Api, contest: Contest
) -> None:
    await contest.boosted(9)

    assert (await contest.clara.node(contest.proposals[0], BOOST))["boost"] is None
    for caller, amounts in ((contest.bidders[1], [9]), (api.nobody, [])):
        job = await caller.node(contest.job, "... on Job { connectsToBoost }")
        assert job["connectsToBoost"] == amounts


async def test_a_quote_says_what_it_takes_to_lead(contest: Contest) -> None:
    await contest.boosted(9, 7, 7, 5)

    found = await quote(contest.bidders[4], "BOOST_PROPOSAL", jobId=contest.job)
    raised = await quote(contest.bidders[0], "BOOST_PROPOSAL", jobId=contest.job, connects=60)

    assert (found["connects"], found["availableAfter"], found["shortfall"]) == (6, 53, 0)
    assert found["refundable"] is True
    assert found["explanation"].startswith(
        "Boosting this proposal holds 6 Connects. It would lead: that takes 6 or more now."
    )
    assert (raised["connects"], raised["availableAfter"], raised["shortfall"]) == (60, 0, 1)
    assert (
        "9 of them are already held. It would lead: that takes 10 or more now."
        in raised["explanation"]
    )


async def test_a_quote_of_a_boost_needs_its_job(contest: Contest) -> None:
    document = "query($input: QuoteInput!) { quote(input: $input) { connects } }"
    given = {"accountId": contest.bidders[0].account_id, "action": "BOOST_PROPOSAL"}

    error = await contest.bidders[0].fail(document, input=given)

    assert error["extensions"]["fields"][0]["path"] == ["jobId"]


async def test_bidders_at_once_never_are_more_than_four(contest: Contest) -> None:
    for connects in (3, 6, 9, 12):
        await asyncio.gather(
            *(contest.boost(number, connects + number % 2) for number in range(6)),
            *(contest.boost(number, connects + 2) for number in range(6)),
        )
        held = [held for _, held in await contest.wallets()]
        amounts = (await contest.clara.node(contest.job, JOB))["connectsToBoost"]
        assert sorted(amounts) == sorted(each for each in held if each)
        assert len(amounts) == 4
        assert all(sum(wallet) == 59 for wallet in await contest.wallets())


async def test_bidders_at_two_servers_at_once_never_are_more_than_four(
    api: Api, contest: Contest, clock: ManualClock
) -> None:
    other = Ledger(api.services.database, clock)
    other.start()
    server = Api.of(replace(api.services, ledger=other))
    bidders = [
        replace(bidder, http=server.http) if number % 2 else bidder
        for number, bidder in enumerate(contest.bidders)
    ]
    both = replace(contest, bidders=bidders)

    for connects in (3, 6, 9, 12):
        await asyncio.gather(
            *(both.boost(number, connects + number % 2) for number in range(6)),
            *(contest.wallet(number) for number in range(6)),
            *(both.wallet(number) for number in range(6)),
        )
        wallets = await both.wallets()
        amounts = (await contest.clara.node(contest.job, JOB))["connectsToBoost"]
        assert sorted(amounts) == sorted(held for _, held in wallets if held)
        assert len(amounts) == 4
        assert all(sum(wallet) == 59 for wallet in wallets)
    answers = await asyncio.gather(
        *(both.boost(number, 20 + number) for number in range(6)),
        contest.clara.award(contest.job, contest.proposals[5]),
    )

    assert answers[-1]["__typename"] == "AwardJobSuccess"
    charged = [59 - available for available, held in await both.wallets() if not held]
    assert len(charged) == 6
    assert sum(each > 0 for each in charged) == 4
    await other.close()


@pytest.mark.parametrize("first", [True, False], ids=["boost first", "award first"])
async def test_a_boost_while_the_job_is_awarded_is_charged_or_refused(
    contest: Contest, first: bool
) -> None:
    await contest.boosted(9)
    moves = [contest.boost(1, 5), contest.clara.award(contest.job, contest.proposals[5])]

    await asyncio.gather(*(moves if first else moves[::-1]))

    statuses = await contest.statuses()
    assert statuses[0] == ("CHARGED", 1)
    assert statuses[1] in (("CHARGED", 2), None)
    assert await contest.wallet(0) == (50, 0)
    assert await contest.wallet(1) == ((54, 0) if statuses[1] else (59, 0))


async def test_a_follower_of_the_wallet_learns_of_being_outbid(api: Api, contest: Contest) -> None:
    await contest.boosted(9, 7, 7, 5)
    name = contest.bidders[3].account_id
    account = (await contest.bidders[3].wallet("entries(first: 1) { nodes { sequence } }"))[
        "entries"
    ]["nodes"][0]["sequence"]
    entries = await api.services.feed.entries(required_id("accountId", name, "Account"), account)

    await contest.boost(4, 6)

    async with asyncio.timeout(10):
        entry = await anext(entries)
    await entries.aclose()
    assert (entry.kind, entry.connects) == ("RELEASE", 5)
