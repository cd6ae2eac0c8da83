"""Looking back: lots as they stood, where each went, entries by what and by whom, how many."""

from typing import Any

import pytest

from models.rules.instants import DAY, rfc3339
from models.store.pages import Page
from resolvers import wallets
from resolvers.history import past
from schema.ids import parse_id
from tests.clocks import ManualClock
from tests.schema.callers import Api, Member
from tests.schema.mutations.test_return_policies import Policy, put_in_force

WALLET = "query($id: ID!) { node(id: $id) { ... on Account { wallet { %s } } } }"


async def spent(api: Api, clock: ManualClock) -> tuple[Member, list[int]]:
    """A client who buys, posts jobs and gets some of it back, and the times between."""
    await put_in_force(api, Policy(100, 100), 1)
    clara, times = await api.client(), [clock.now]
    for guest in range(4):
        clock.advance(DAY)
        await clara.buy(10)
        job = await clara.new_job()
        await clara.invite(job, await api.freelancer(f"F{guest}"), 20)
        times.append(clock.now)
        clock.advance(DAY)
        await clara.cancel(job)
        times.append(clock.now)
    clock.move_to("2028-03-01T00:00:00+00:00")
    await clara.available()
    return clara, [*times, clock.now]


async def test_lots_are_shown_as_they_stood_at_any_time(api: Api, clock: ManualClock) -> None:
    clara, times = await spent(api, clock)
    account = parse_id(clara.account_id)
    assert account is not None
    wallet = await wallets.current(api.services, account.id)

    for time in times:
        shown = await clara.wallet(
            f'availableAt(time: "{rfc3339(time)}")'
            f' live: lots(first: 100, at: "{rfc3339(time)}") {{ totalCount nodes {{ remaining }} }}'
            f' all: lots(first: 100, onlyLive: false, at: "{rfc3339(time)}") {{'
            " totalCount nodes { remaining createdAt } }"
        )

        live, every = shown["live"], shown["all"]
        assert sum(lot["remaining"] for lot in live["nodes"]) == shown["availableAt"]
        assert sum(lot["remaining"] for lot in every["nodes"]) == shown["availableAt"]
        assert all(lot["createdAt"] <= rfc3339(time) for lot in every["nodes"])
        assert live["totalCount"] == len(live["nodes"])
        assert every["totalCount"] == len(every["nodes"])
        upto = await past.upto(api.services, wallet, time)
        recent = await wallets.lots(api.services, wallet._replace(sequence=upto), True, Page(100))
        assert (await past.lots(api.services, wallet, upto, True, Page(100))) == recent


async def test_before_the_first_entry_there_were_no_lots(api: Api, clock: ManualClock) -> None:
    clara = await api.client()

    shown = await clara.wallet(
        f'lots(onlyLive: false, at: "{rfc3339(clock.now - 1)}") {{ totalCount nodes {{ id }} }}'
    )

    assert shown["lots"] == {"totalCount": 0, "nodes": []}


async def test_each_lot_tells_where_it_went(api: Api, clock: ManualClock) -> None:
    clara, _ = await spent(api, clock)

    shown = await clara.wallet(
        "lots(first: 40, onlyLive: false) { nodes { id granted remaining draws {"
        " totalCount totalCountIsCapped nodes { connects lot { id } entry { sequence kind } } } } }"
    )

    lots = shown["lots"]["nodes"]
    for lot in lots:
        draws = lot["draws"]["nodes"]
        assert lot["granted"] - sum(draw["connects"] for draw in draws) == lot["remaining"]
        sequences = [draw["entry"]["sequence"] for draw in draws]
        assert sequences == sorted(sequences, reverse=True)
        assert {draw["lot"]["id"] for draw in draws} <= {lot["id"]}
        assert lot["draws"]["totalCount"] == len(draws)
        assert lot["draws"]["totalCountIsCapped"] is False
    kinds = {draw["entry"]["kind"] for lot in lots for draw in lot["draws"]["nodes"]}
    assert kinds == {"SPEND", "RETURN", "EXPIRY"}


async def test_a_lots_draws_come_in_pages(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    for _ in range(7):
        await clara.new_job()
    select = (
        "lots { nodes { id draws(%s) { nodes { entry { sequence } }"
        " pageInfo { endCursor hasNextPage } } } }"
    )

    after, seen = "", []
    while True:
        lots = (await clara.wallet(select % f"first: 3{after}"))["lots"]["nodes"]
        page = lots[0]["draws"]
        seen += [draw["entry"]["sequence"] for draw in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'

    assert seen == [8, 7, 6, 5, 4, 3, 2]
    last = (await clara.wallet(select % "last: 2"))["lots"]["nodes"][0]["draws"]["nodes"]
    assert [draw["entry"]["sequence"] for draw in last] == [3, 2]


async def test_a_lots_draws_are_for_members_only(api: Api) -> None:
    clara, mallory = await api.client(), await api.client("Mallory")
    lot = (await clara.wallet("lots { nodes { id } }"))["lots"]["nodes"][0]["id"]

    assert await clara.node(lot, "... on Lot { draws { totalCount } }") == {
        "draws": {"totalCount": 0}
    }
    assert await mallory.node(lot, "... on Lot { draws { totalCount } }") is None
    assert await api.nobody.node(lot, "... on Lot { draws { totalCount } }") is None


async def test_entries_are_found_by_what_they_are_about_and_by_who_did_it(
    api: Api, clock: ManualClock
) -> None:
    await put_in_force(api, Policy(100, 100), 1)
    clara, farid = await api.client(), await api.freelancer()
    bought = (await clara.buy(20))["purchase"]["id"]
    job, other = await clara.new_job(), await clara.new_job()
    invited = await clara.new_invitation(job, farid, 5)
    contact = (await clara.contact(farid))["contact"]["id"]
    clara_id = (await clara.ask("{ viewer { id } }"))["viewer"]["id"]
    farid_id = (await farid.ask("{ viewer { id } }"))["viewer"]["id"]
    await clara.cancel(job)

    async def found(**filter: Any) -> list[str]:
        page = "entries(filter: $filter) { totalCount nodes { kind } }"
        document = WALLET.replace("$id: ID!", "$id: ID!, $filter: EntryFilter") % page
        data = await clara.ask(document, id=clara.account_id, filter=filter)
        entries = data["node"]["wallet"]["entries"]
        assert entries["totalCount"] == len(entries["nodes"])
        return [entry["kind"] for entry in entries["nodes"]]

    assert await found(subjectId=bought) == ["PURCHASE"]
    assert await found(subjectId=job) == ["RETURN", "SPEND"]
    assert await found(subjectId=job, kinds=["SPEND"]) == ["SPEND"]
    assert await found(subjectId=other) == ["SPEND"]
    assert await found(subjectId=invited) == ["SPEND"]
    assert await found(subjectId=contact) == ["SPEND"]
    assert len(await found(actorId=clara_id)) == 6
    assert await found(actorId=farid_id) == []
    assert await found(subjectId=job, actorId=farid_id) == []


SUBJECTS = "Job, Proposal, Invitation, Contact or Purchase"


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        (
            'subjectId: "x"',
            f"filter.subjectId: must be an id of type {SUBJECTS}",
        ),
        (
            "subjectId: $id",
            f"filter.subjectId: must be an id of type {SUBJECTS}",
        ),
        ("actorId: $id", "filter.actorId: must be an id of type User, not Account"),
    ],
)
async def test_ids_of_something_else_are_refused(api: Api, filter: str, message: str) -> None:
    clara = await api.client()

    error = await clara.fail(
        WALLET % f"entries(filter: {{{filter}}}) {{ totalCount }}", id=clara.account_id
    )

    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["message"].startswith(message)


async def test_lots_of_the_future_cannot_be_asked_for(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    at = rfc3339(clock.now + 1)

    error = await clara.fail(WALLET % f'lots(at: "{at}") {{ totalCount }}', id=clara.account_id)

    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["message"] == "at: lies in the future"


async def test_a_wrong_time_deep_in_a_mutation_charges_nothing(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    document = """mutation($account: ID!, $at: DateTime!) {
        postJob(input: {accountId: $account, title: "A", description: "B", idempotencyKey: "k"}) {
            ... on PostJobSuccess { wallet { lots(at: $at) { totalCount } } } } }"""

    async with api.unchanged():
        error = await clara.fail(document, account=clara.account_id, at=rfc3339(clock.now + 1))

    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_counts_stop_at_ten_thousand_and_say_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.connections.COUNTED", 3)
    clara = await api.client()
    counts = "totalCount totalCountIsCapped"

    async def counted() -> list[Any]:
        shown = await clara.wallet(
            f"all: entries(first: 0) {{ {counts} }}"
            f" some: entries(first: 0, filter: {{kinds: [GRANT, SPEND]}}) {{ {counts} }}"
            f" lots {{ nodes {{ draws(first: 0) {{ {counts} }} }} }}"
        )
        return [shown["all"], shown["some"], shown["lots"]["nodes"][0]["draws"]]

    assert await counted() == [
        {"totalCount": number, "totalCountIsCapped": False} for number in (1, 1, 0)
    ]
    for _ in range(3):
        await clara.new_job()
    *entries, draws = await counted()
    assert entries == [{"totalCount": 3, "totalCountIsCapped": True}] * 2
    assert draws == {"totalCount": 3, "totalCountIsCapped": False}


async def test_nothing_is_counted_unless_it_is_asked_for(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> int:
        raise AssertionError("counted")

    monkeypatch.setattr(past, "count_entries", fail)
    clara = await api.client()

    assert await clara.wallet("entries { nodes { sequence } }")
