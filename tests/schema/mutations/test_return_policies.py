"""What comes back of Connects that were spent: nothing, or what a policy promised at the spend."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from models.rules.instants import DAY
from models.store.statements import both
from models.verify import verify
from tests.clocks import ManualClock, instant
from tests.conftest import START
from tests.schema.callers import Api, Json, Member
from tests.schema.types.test_quotes import quote

EXPIRES = "2026-11-29T09:30:00.000000Z"
RETURNS = """entries(filter: {kinds: [RETURN]}) { nodes {
    connects action createdAt actor { name } draws { connects lot { id } }
} }"""
ENTRIES = "available entries(first: 4) { nodes { kind connects createdAt } }"


@dataclass(frozen=True)
class Policy:
    """What percentage of a cancelled job's cost and of a silent invitation's comes back."""

    cancelled: int
    unanswered: int

    def back(self, connects: int, percent: int) -> int:
        return connects * percent // 100


@pytest.fixture(params=[Policy(0, 0), Policy(100, 50)], ids=["nothing", "something comes back"])
async def policy(request: pytest.FixtureRequest, api: Api) -> AsyncIterator[Policy]:
    policy: Policy = request.param
    if policy.cancelled:
        await put_in_force(api, policy, 1)
    yield policy
    assert await verify(api.services.database, limit=10) == []


async def put_in_force(api: Api, policy: Policy, at: int) -> None:
    rules = (
        f"('JOB_CANCELLED', {policy.cancelled}, {at}), "
        f"('INVITATION_UNANSWERED', {policy.unanswered}, {at})"
    )
    async with api.services.database.transaction() as transaction:
        await transaction.fetch(both(f"INSERT INTO return_rule VALUES {rules}"))


async def returns(member: Member) -> list[Json]:
    entries = (await member.wallet(RETURNS))["entries"]["nodes"]
    assert isinstance(entries, list)
    return entries


async def lots(member: Member) -> dict[str, int]:
    found = await member.wallet("lots(first: 100) { nodes { id remaining } }")
    return {lot["id"]: lot["remaining"] for lot in found["lots"]["nodes"]}


async def test_a_cancelled_job_gives_back_to_the_very_lots_it_came_from(
    api: Api, policy: Policy
) -> None:
    agnes, farid = await api.agency(), await api.freelancer()
    bought = (await agnes.buy(10))["purchase"]["lot"]["id"]
    for connects in (50, 7):
        await agnes.invite(await agnes.new_job(), farid, connects)
        if connects == 50:
            await agnes.buy(10)
    before = await lots(agnes)
    job = await agnes.new_job()
    assert before != await lots(agnes)

    await agnes.cancel(job)

    after = await lots(agnes)
    found = await returns(agnes)
    if policy.cancelled:
        assert after == before
        assert [(entry["connects"], entry["action"]) for entry in found] == [(5, "POST_JOB")]
        assert found[0]["actor"] == {"name": "Agnes"}
        assert {draw["lot"]["id"] for draw in found[0]["draws"]} <= {bought, *before}
    else:
        assert (found, sum(after.values())) == ([], sum(before.values()) - 5)


async def test_a_job_that_was_paid_from_two_lots_gives_back_to_both(
    api: Api, policy: Policy
) -> None:
    agnes, farid = await api.agency(), await api.freelancer()
    await agnes.buy(10)
    await agnes.invite(await agnes.new_job(), farid, 50)
    await agnes.contact(farid)
    before = await lots(agnes)
    job = await agnes.new_job()

    await agnes.cancel(job)

    assert sorted(before.values()) == [4, 10]
    assert sorted((await lots(agnes)).values()) == ([4, 10] if policy.cancelled else [9])
    if policy.cancelled:
        (entry,) = await returns(agnes)
        assert sorted(draw["connects"] for draw in entry["draws"]) == [-4, -1]


async def test_a_return_and_its_spend_name_each_other(api: Api, policy: Policy) -> None:
    clara = await api.client()
    cancelled = await clara.new_job()
    await clara.new_job()
    await clara.cancel(cancelled)

    fields = "entries { nodes { id kind returns { id } returnedBy { id } } }"
    entries = (await clara.wallet(fields))["entries"]["nodes"]
    links = [(entry["kind"], entry["returns"], entry["returnedBy"]) for entry in entries]
    ids = [{"id": entry["id"]} for entry in entries]

    spends: list[Any] = [("SPEND", None, None), ("SPEND", None, None), ("GRANT", None, None)]
    if policy.cancelled:
        spends = [("RETURN", ids[2], None), spends[0], ("SPEND", None, ids[0]), spends[2]]
    assert links == spends


async def test_cancelling_twice_gives_back_once(api: Api, policy: Policy) -> None:
    clara = await api.client()
    job = await clara.new_job()
    first = await clara.cancel(job, idempotencyKey="intent")

    async with api.unchanged():
        again = await clara.cancel(job, idempotencyKey="intent")
        refused = await clara.cancel(job)

    assert again == first | {"replayed": True}
    assert refused["__typename"] == "Conflict"
    assert await clara.available() == 59 + policy.back(1, policy.cancelled)


async def test_an_awarded_job_gives_nothing_back(api: Api, policy: Policy) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()

    await clara.award(job, await farid.new_proposal(job))

    assert (await clara.available(), await returns(clara)) == (59, [])


async def test_a_job_that_expires_gives_nothing_back(
    api: Api, policy: Policy, clock: ManualClock
) -> None:
    clara = await api.client()
    await clara.new_job()

    clock.advance(31 * DAY)

    assert (await clara.available(), await returns(clara)) == (119, [])


async def test_what_goes_back_to_an_expired_lot_lapses_at_once(
    api: Api, policy: Policy, clock: ManualClock
) -> None:
    clara = await api.client()
    clock.move_to("2027-11-10T00:00:00+00:00")
    job = await clara.new_job()
    clock.move_to("2027-11-25T12:00:00+00:00")
    assert await clara.available() == 720

    await clara.cancel(job)

    wallet = await clara.wallet(ENTRIES)
    assert wallet["available"] == 720
    latest = [(e["kind"], e["connects"], e["createdAt"]) for e in wallet["entries"]["nodes"]]
    if policy.cancelled:
        at = "2027-11-25T12:00:00.000000Z"
        assert latest[:2] == [("EXPIRY", -1, at), ("RETURN", 1, at)]
        latest = latest[2:]
    assert latest[0] == ("EXPIRY", -59, "2027-11-22T09:30:00.000000Z")


@pytest.mark.parametrize("late", [0, DAY], ids=["to the microsecond", "a day late"])
async def test_half_of_an_unanswered_invitation_comes_back_at_its_seven_days(
    api: Api, policy: Policy, clock: ManualClock, late: int
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    invitation = await clara.new_invitation(await clara.new_job(), farid, 9)
    clock.move_to("2026-11-29T09:29:59.999999+00:00")
    assert await clara.available() == 50

    clock.advance(1 + late)

    assert await clara.available() == 50 + policy.back(9, policy.unanswered)
    assert [(entry["connects"], entry["createdAt"]) for entry in await returns(clara)] == (
        [(4, EXPIRES)] if policy.unanswered else []
    )
    assert await clara.status(invitation) == "EXPIRED"
    assert (await farid.respond(invitation, "ACCEPT"))["__typename"] == "Conflict"


@pytest.mark.parametrize("response", ["ACCEPT", "DECLINE"])
async def test_an_answered_invitation_gives_nothing_back(
    api: Api, policy: Policy, clock: ManualClock, response: str
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    answered = await clara.new_invitation(await clara.new_job(), farid, 8)
    await clara.new_invitation(await clara.new_job(), farid, 2)
    await farid.respond(answered, response)

    clock.advance(7 * DAY)

    assert await clara.available() == 48 + policy.back(2, policy.unanswered)
    assert len(await returns(clara)) == (1 if policy.unanswered else 0)


@pytest.mark.parametrize("response", ["ACCEPT", "DECLINE"])
async def test_an_answer_after_the_job_closed_takes_no_return_away(
    api: Api, policy: Policy, clock: ManualClock, response: str
) -> None:
    clara, farid, fiona = (
        await api.client(),
        await api.freelancer(),
        await api.freelancer("Fiona"),
    )
    job = await clara.new_job()
    invitation = await clara.new_invitation(job, farid, 8)
    await clara.award(job, await fiona.new_proposal(job))

    async with api.unchanged():
        refused = await farid.respond(invitation, response)
    clock.advance(7 * DAY)

    assert refused["__typename"] == "Conflict"
    assert await clara.available() == 51 + policy.back(8, policy.unanswered)
    assert len(await returns(clara)) == (1 if policy.unanswered else 0)


async def test_several_silent_invitations_each_give_back_at_their_own_instant(
    api: Api, policy: Policy, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    for connects in (10, 20):
        await clara.new_invitation(await clara.new_job(), farid, connects)
        clock.advance(DAY)

    clock.advance(20 * DAY)

    assert await clara.available() == 88 + policy.back(30, policy.unanswered)
    assert [(entry["connects"], entry["createdAt"]) for entry in await returns(clara)] == (
        [(10, "2026-11-30T09:30:00.000000Z"), (5, EXPIRES)] if policy.unanswered else []
    )


async def test_what_comes_back_after_its_lot_expired_lapses_with_nobody_there(
    api: Api, policy: Policy, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    clock.move_to("2027-11-19T00:00:00+00:00")
    await clara.new_invitation(await clara.new_job(), farid, 10)

    clock.move_to("2027-11-29T00:00:00+00:00")

    wallet = await clara.wallet(ENTRIES)
    assert wallet["available"] == 720
    latest = [(e["kind"], e["connects"], e["createdAt"]) for e in wallet["entries"]["nodes"]]
    if policy.unanswered:
        at = "2027-11-26T00:00:00.000000Z"
        assert latest[:2] == [("EXPIRY", -5, at), ("RETURN", 5, at)]
        latest = latest[2:]
    assert latest[0] == ("EXPIRY", -49, "2027-11-22T09:30:00.000000Z")


async def test_a_policy_that_changes_after_the_spend_does_not_matter(
    api: Api, policy: Policy, clock: ManualClock
) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    await clara.new_invitation(job, farid, 10)
    changed = Policy(0, 0) if policy.cancelled else Policy(100, 100)
    await put_in_force(api, changed, instant(START) + 1)
    clock.advance(1)

    await clara.cancel(job)
    clock.advance(7 * DAY)

    back = policy.back(1, policy.cancelled) + policy.back(10, policy.unanswered)
    assert await clara.available() == 49 + back


async def test_a_quote_says_whether_any_of_it_can_come_back(api: Api, policy: Policy) -> None:
    clara = await api.client()

    job = await quote(clara, "POST_JOB")
    invitation = await quote(clara, "INVITE_FREELANCER", connects=9)
    contact = await quote(clara, "CONTACT_FREELANCER")

    promised = bool(policy.cancelled)
    assert [each["refundable"] for each in (job, invitation, contact)] == [promised] * 2 + [False]
    if promised:
        assert job["explanation"] == (
            "Posting this job costs 1 Connect. "
            "1 Connect comes back if the job is cancelled without anyone hired."
        )
        assert invitation["explanation"] == (
            "Inviting this freelancer costs 9 Connects. "
            "4 Connects come back if the freelancer does not answer within 7 days."
        )
    else:
        assert "Nothing comes back" in job["explanation"]
        assert "Nothing comes back" in invitation["explanation"]
