"""Spending over the API: the rows, replies and hires, and what is refused."""

import pytest

from models.rules.history.spending import SpendingBy
from models.rules.instants import DAY, rfc3339
from models.store.history import spending_sums
from resolvers.history import spending
from schema.ids import parse_id
from tests.books import count
from tests.clocks import ManualClock
from tests.schema.callers import Api, Json, Member

ROW = """at action member { name } job { id } connects count replies hires
    connectsPerReply connectsPerHire"""
WALLET = "query($id: ID!) { node(id: $id) { ... on Account { wallet { %s } } } }"
EMPTY: Json = {
    **{"at": None, "action": None, "member": None, "job": None, "replies": 0, "hires": 0},
    **{"connectsPerReply": None, "connectsPerHire": None},
}


def asked(start: int | str, end: int | str, more: str, selection: str = ROW) -> str:
    start, end = (at if isinstance(at, str) else rfc3339(at) for at in (start, end))
    return f'spending(from: "{start}", to: "{end}", {more}) {{ {selection} }}'


async def rows(member: Member, start: int, end: int, more: str) -> list[Json]:
    """The rows, without the fields that have nothing to say."""
    found = (await member.wallet(asked(start, end, more)))["spending"]
    return [{name: row[name] for name in row if row[name] != EMPTY.get(name)} for row in found]


async def test_a_clients_spending_by_action_member_and_job(api: Api, clock: ManualClock) -> None:
    clara, farid, fiona = await api.client(), await api.freelancer(), await api.freelancer("Fiona")
    start = clock.now
    job = await clara.new_job()
    invited = await clara.new_invitation(job, farid, 5)
    await clara.new_invitation(job, fiona, 2)
    clock.advance(DAY)
    other = await clara.new_job()
    await clara.contact(fiona)
    answer = await farid.respond(invited, "ACCEPT")
    assert answer["invitation"]["status"] == "ACCEPTED"
    await clara.award(job, await farid.new_proposal(job))
    end = clock.now + 1
    clock.advance(DAY)

    assert await rows(clara, start, end, "by: ACTION") == [
        {
            "action": "INVITE_FREELANCER",
            **{"connects": 7, "count": 2, "replies": 1, "hires": 1},
            **{"connectsPerReply": 7, "connectsPerHire": 7},
        },
        {"action": "POST_JOB", "connects": 2, "count": 2, "hires": 1, "connectsPerHire": 2},
        {"action": "CONTACT_FREELANCER", "connects": 1, "count": 1},
    ]
    assert await rows(clara, start, end, "by: MEMBER") == [
        {
            "member": {"name": "Clara"},
            **{"connects": 10, "count": 5, "replies": 1, "hires": 1},
            **{"connectsPerReply": 10, "connectsPerHire": 10},
        }
    ]
    by_job = await rows(clara, start, end, "by: JOB")
    assert [row.get("job") for row in by_job] == [{"id": job}, None, {"id": other}]
    assert [row["connects"] for row in by_job] == [8, 1, 1]
    assert by_job[0]["hires"] == by_job[0]["replies"] == 1
    by_day = await rows(clara, start, end, 'by: MEMBER, interval: DAY, timeZone: "Asia/Kathmandu"')
    assert [(row["at"], row["connects"]) for row in by_day] == [
        ("2026-11-21T18:15:00.000000Z", 8),
        ("2026-11-22T18:15:00.000000Z", 2),
    ]


async def test_a_freelancers_proposals_are_answered_when_someone_is_hired(
    api: Api, clock: ManualClock
) -> None:
    clara, farid, fiona = await api.client(), await api.freelancer(), await api.freelancer("Fiona")
    start = clock.now
    for _ in range(2):
        job = await clara.new_job()
        proposal = await farid.new_proposal(job)
        await farid.boost(proposal, 4)
        await fiona.new_proposal(job)
    await clara.award(job, proposal)
    clock.advance(1)

    assert await rows(farid, start, clock.now, "by: ACTION") == [
        {
            "action": "BOOST_PROPOSAL",
            **{"connects": 4, "count": 1, "replies": 1, "hires": 1},
            **{"connectsPerReply": 4, "connectsPerHire": 4},
        },
        {
            "action": "SUBMIT_PROPOSAL",
            **{"connects": 2, "count": 2, "replies": 1, "hires": 1},
            **{"connectsPerReply": 2, "connectsPerHire": 2},
        },
    ]
    (member,) = await rows(farid, start, clock.now, "by: MEMBER")
    assert member["member"] == {"name": "Farid"}
    assert (member["connects"], member["replies"], member["hires"]) == (6, 1, 1)
    assert await rows(fiona, start, clock.now, "by: ACTION") == [
        {
            "action": "SUBMIT_PROPOSAL",
            **{"connects": 2, "count": 2, "replies": 1, "connectsPerReply": 2},
        }
    ]


@pytest.mark.parametrize(
    ("start", "end", "more", "path", "message", "reason"),
    [
        ("2026-11-02", "2026-11-01", "by: JOB", "to", "must not be before from", "WRONG_ORDER"),
        ("1826-11-01", "2026-11-01", "by: JOB", "from", "at most 3660 days", "TOO_LARGE"),
        ("2026-11-01", "2500-11-01", "by: JOB", "to", "in the future", "IN_THE_FUTURE"),
        (
            *("2023-11-01", "2026-11-01", "by: JOB, interval: DAY"),
            *("interval", "may be DAY for 1000 days", "TOO_MANY"),
        ),
        *(
            (
                *("2026-11-01", "2026-11-01", f'by: ACTION, timeZone: "{zone}"'),
                *("timeZone", "IANA time zone", "NOT_A_TIME_ZONE"),
            )
            for zone in ("Europe/Atlantis", "", "../etc/passwd", "Europe", "+02:00", "a\\u0000b")
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(
    api: Api, start: str, end: str, more: str, path: str, message: str, reason: str
) -> None:
    clara = await api.client()
    document = WALLET % asked(f"{start}T00:00:00Z", f"{end}T00:00:00Z", more)

    async with api.unchanged():
        error = await clara.fail(document, id=clara.account_id)

    assert error["extensions"]["code"] == "INVALID_INPUT"
    fault = error["extensions"]["fields"][0]
    assert (fault["path"], fault["reason"]) == ([path], reason)
    assert message in fault["message"]


async def test_zones_and_intervals_may_be_null(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await clara.new_job()
    clock.advance(1)

    (row,) = await rows(clara, 0 + clock.now - DAY, clock.now, "by: JOB, interval: null")
    (same,) = await rows(clara, clock.now - DAY, clock.now, "by: JOB, timeZone: null")

    assert row == same


async def test_too_many_rows_or_entries_to_judge_are_refused(
    api: Api, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client()
    start = clock.now
    for _ in range(3):
        await clara.new_job()
    clock.advance(1)
    document = WALLET % asked(start, clock.now, "by: JOB")
    monkeypatch.setattr(spending, "MOST_ROWS", 2)

    rows = await clara.fail(document, id=clara.account_id)
    monkeypatch.setattr(spending, "MOST_ROWS", 3)
    monkeypatch.setattr(spending, "MOST_JUDGED", 3)
    judged = (await clara.send(document, {"id": clara.account_id})).json()["errors"]
    unjudged = await clara.wallet(asked(start, clock.now, "by: JOB", "connects"))

    assert rows["extensions"]["fields"][0]["reason"] == "TOO_MANY"
    assert rows["extensions"]["fields"][0]["message"].startswith("gives more than 2 rows")
    assert {error["extensions"]["fields"][0]["reason"] for error in judged} == {"TOO_LARGE"}
    assert unjudged == {"spending": [{"connects": 1}] * 3}


async def test_a_read_that_finds_much_to_sum_rolls_it_up(
    api: Api, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = await api.client()
    start = clock.now
    await clara.new_job()
    clock.advance(DAY)
    account = parse_id(clara.account_id)
    assert account is not None
    database, by = api.services.database, SpendingBy.ACTION

    before = await rows(clara, start, clock.now, "by: ACTION")
    assert await count(database, "spending_watermark") == 0
    monkeypatch.setattr(spending, "LATE", 1)
    assert await rows(clara, start, clock.now, "by: ACTION") == before
    await api.services.loaders.roll_ups.finish()

    assert await spending_sums.rolled_up_to(database, account.id, by) == 2
    assert await rows(clara, start, clock.now, "by: ACTION") == before


async def test_a_roll_up_that_fails_costs_no_answer(
    api: Api, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> bool:
        raise OSError("the disk is gone")

    clara = await api.client()
    await clara.new_job()
    clock.advance(1)
    monkeypatch.setattr(spending, "LATE", 1)
    monkeypatch.setattr(spending_sums, "roll_up", failing)

    for _ in range(2):
        (row,) = await rows(clara, clock.now - DAY, clock.now, "by: ACTION")
        assert row["connects"] == 1
        await api.services.loaders.roll_ups.finish()


async def test_outsiders_see_no_spending(api: Api) -> None:
    clara, mallory = await api.client(), await api.client("Mallory")
    wallet = (await clara.wallet("id"))["id"]
    select = f"... on Wallet {{ {asked(0, 0, 'by: JOB')} }}"

    for caller in (mallory, api.nobody):
        assert await caller.node(wallet, select) is None
        assert await caller.node(
            clara.account_id, f"... on Account {{ wallet {{ {asked(0, 0, 'by: JOB')} }} }}"
        ) == {"wallet": None}


async def test_only_some_spending_fits_into_an_operation(api: Api) -> None:
    clara = await api.client()
    many = " ".join(f"s{n}: {asked(0, 0, 'by: JOB')}" for n in range(14))

    error = await clara.fail(WALLET % many, id=clara.account_id)

    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
