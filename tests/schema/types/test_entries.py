"""The ledger as a wallet shows it: every entry, what it was for, and which ones to show."""

from typing import Any

import pytest

from models.rules.instants import DAY, rfc3339
from tests.clocks import ManualClock
from tests.schema.callers import Api, Member

START = "2026-11-22T09:30:00.000000Z"


async def busy(api: Api, clock: ManualClock) -> Member:
    """A client with one entry of each kind that the API makes, a day apart."""
    clara, farid = await api.client(), await api.freelancer()
    clock.advance(DAY)
    await clara.buy(10)
    clock.advance(DAY)
    job = await clara.new_job()
    clock.advance(DAY)
    await clara.invite(job, farid, 49)
    clock.advance(DAY)
    await clara.contact(farid)
    return clara


async def entries(member: Member, arguments: str, selection: str = "sequence") -> list[Any]:
    page = await member.wallet(f"entries({arguments}) {{ nodes {{ {selection} }} }}")
    nodes = page["entries"]["nodes"]
    assert isinstance(nodes, list)
    return nodes


async def test_entries_are_shown_newest_first_with_their_running_sum(
    api: Api, clock: ManualClock
) -> None:
    clara = await busy(api, clock)

    shown = await entries(
        clara, "first: 100", "sequence kind connects availableAfter action createdAt"
    )

    columns = ("sequence", "kind", "connects", "availableAfter", "action", "createdAt")
    day = rfc3339
    first = clock.now - 4 * DAY
    assert [tuple(entry[column] for column in columns) for entry in shown] == [
        (5, "SPEND", -1, 19, "CONTACT_FREELANCER", day(first + 4 * DAY)),
        (4, "SPEND", -49, 20, "INVITE_FREELANCER", day(first + 3 * DAY)),
        (3, "SPEND", -1, 69, "POST_JOB", day(first + 2 * DAY)),
        (2, "PURCHASE", 10, 70, None, day(first + DAY)),
        (1, "GRANT", 60, 60, None, START),
    ]


async def test_entries_name_what_they_paid_for_and_who_did_it(api: Api, clock: ManualClock) -> None:
    clara = await busy(api, clock)

    shown = await entries(clara, "first: 100", "subject { __typename } actor { name email }")

    herself = {"name": "Clara", "email": "clara@example.com"}
    assert shown == [
        {"subject": {"__typename": "Contact"}, "actor": herself},
        {"subject": {"__typename": "Invitation"}, "actor": herself},
        {"subject": {"__typename": "Job"}, "actor": herself},
        {"subject": {"__typename": "Purchase"}, "actor": herself},
        {"subject": None, "actor": None},
    ]


async def test_a_proposals_entry_names_the_proposal(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    submitted = await farid.propose(await clara.new_job())

    (entry,) = await entries(farid, "first: 1", "subject { ... on Proposal { id entry { id } } }")

    assert entry["subject"]["id"] == submitted["proposal"]["id"]
    assert entry["subject"]["entry"]["id"] == submitted["entry"]["id"]


async def test_an_entry_says_which_lots_it_took_from(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await clara.buy(10)
    await clara.invite(await clara.new_job(), farid, 50)
    await clara.invite(await clara.new_job(), farid, 10)

    (last, *_, grant) = await entries(clara, "first: 10", "draws { connects lot { id granted } }")

    assert [(draw["connects"], draw["lot"]["granted"]) for draw in last["draws"]] == [
        (8, 60),
        (2, 10),
    ]
    assert grant["draws"] == []
    lot = last["draws"][1]["lot"]["id"]
    assert await clara.node(lot, "... on Lot { source remaining }") == {
        "source": "PURCHASE",
        "remaining": 8,
    }


FILTERS: list[tuple[str, list[int]]] = [
    ("{}", [5, 4, 3, 2, 1]),
    ("{kinds: null, actions: null, since: null, until: null}", [5, 4, 3, 2, 1]),
    ("{kinds: [GRANT]}", [1]),
    ("{kinds: [GRANT, PURCHASE]}", [2, 1]),
    ("{kinds: []}", []),
    ("{kinds: [HOLD]}", []),
    ("{actions: [POST_JOB, INVITE_FREELANCER]}", [4, 3]),
    ("{actions: []}", []),
    ("{kinds: [GRANT], actions: [POST_JOB]}", []),
    ('{since: "2026-11-24T09:30:00Z"}', [5, 4, 3]),
    ('{since: "2026-11-24T09:30:00.000001Z"}', [5, 4]),
    ('{until: "2026-11-24T09:30:00Z"}', [2, 1]),
    ('{since: "2026-11-23T00:00:00Z", until: "2026-11-25T00:00:00Z"}', [3, 2]),
    ('{since: "2026-11-24T09:30:00Z", until: "2026-11-24T09:30:00Z"}', []),
    ('{since: "0001-01-01T00:00:00Z", until: "9999-12-31T23:59:59.999999Z"}', [5, 4, 3, 2, 1]),
    ('{kinds: [SPEND], actions: [POST_JOB], since: "2026-11-24T09:30:00Z"}', [3]),
]


OLD_NAMES: list[tuple[str, list[int]]] = [
    ("{from: null, to: null}", [5, 4, 3, 2, 1]),
    ('{from: "2026-11-24T09:30:00Z"}', [5, 4, 3]),
    ('{to: "2026-11-24T09:30:00Z"}', [2, 1]),
    ('{from: "2026-11-23T00:00:00Z", to: "2026-11-25T00:00:00Z"}', [3, 2]),
    ('{from: "2026-11-23T00:00:00Z", until: "2026-11-25T00:00:00Z"}', [3, 2]),
    ('{since: "2026-11-23T00:00:00Z", from: null, to: "2026-11-25T00:00:00Z"}', [3, 2]),
]
TWICE: list[tuple[str, list[tuple[str, str]]]] = [
    # a filter with a bound by both names, the path of each fault and its message
    (
        'since: "2026-11-24T09:30:00Z", from: "2026-11-24T09:30:00Z"',
        [("filter.from", "cannot be combined with since")],
    ),
    (
        'until: "2026-11-24T09:30:00Z", to: "2026-11-25T09:30:00Z"',
        [("filter.to", "cannot be combined with until")],
    ),
    (
        'from: "{0}", since: "{0}", to: "{0}", until: "{0}"'.replace("{0}", "2026-11-24T09:30:00Z"),
        [
            ("filter.from", "cannot be combined with since"),
            ("filter.to", "cannot be combined with until"),
        ],
    ),
]


async def test_entries_can_be_filtered(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara = await busy(api, clock)

    for conditions, sequences in [*FILTERS, *OLD_NAMES]:
        with subtests.test(conditions):
            found = await entries(clara, f"filter: {conditions}")

            assert [entry["sequence"] for entry in found] == sequences


async def test_a_bound_is_given_by_one_of_its_names(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara = await busy(api, clock)

    for conditions, faults in TWICE:
        with subtests.test(conditions):
            list_of_entries = f"entries(filter: {{{conditions}}}) {{ nodes {{ sequence }} }}"
            error = await clara.fail(
                f"query($id: ID!) {{ node(id: $id) {{ ... on Account {{ wallet {{ "
                f"{list_of_entries} }} }} }} }}",
                id=clara.account_id,
            )

            assert error["extensions"]["code"] == "INVALID_INPUT"
            assert [
                (".".join(field["path"]), field["message"], field["reason"])
                for field in error["extensions"]["fields"]
            ] == [(path, message, "NOT_APPLICABLE") for path, message in faults]


BACKWARDS: list[tuple[str, str, str]] = [
    # which bounds, the path of the fault and its message
    ("since until", "filter.until", "must not be before since"),
    ("from to", "filter.to", "must not be before from"),
    ("since to", "filter.to", "must not be before since"),
]


@pytest.mark.parametrize(("names", "path", "message"), BACKWARDS)
async def test_a_range_that_ends_before_it_begins_is_refused(
    api: Api, names: str, path: str, message: str
) -> None:
    clara = await api.client()
    first, end = names.split()
    bounds = f'{first}: "2026-11-22T09:30:00.000001Z", {end}: "2026-11-22T09:30:00Z"'

    error = await clara.fail(
        "query($id: ID!) { wallet(accountId: $id) { "
        f"entries(filter: {{{bounds}}}) {{ totalCount }} }} }}",
        id=clara.account_id,
    )

    (fault,) = error["extensions"]["fields"]
    assert (".".join(fault["path"]), fault["message"]) == (path, message)
    assert fault["reason"] == "WRONG_ORDER"


async def test_a_purchase_names_its_package_by_the_new_name_and_by_the_old(api: Api) -> None:
    clara = await api.client()
    purchase = (await clara.buy(10))["purchase"]["id"]

    found = await clara.node(
        purchase, "... on Purchase { connectsPackage { id connects } package { id connects } }"
    )

    bought = {"id": await clara.package(10), "connects": 10}
    assert found == {"connectsPackage": bought, "package": bought}
