"""Pages of a wallet's entries: forwards, backwards, and between two cursors."""

from dataclasses import dataclass

import pytest

from tests.schema.callers import Api, Member

PAGE = "nodes { sequence } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


@dataclass(frozen=True)
class Page:
    sequences: list[int]
    more_before: bool
    more_after: bool
    start: str | None
    end: str | None


async def page(member: Member, arguments: str) -> Page:
    """A page of the member's entries."""
    entries = (await member.wallet(f"entries({arguments}) {{ {PAGE} }}"))["entries"]
    info = entries["pageInfo"]
    return Page(
        [entry["sequence"] for entry in entries["nodes"]],
        info["hasPreviousPage"],
        info["hasNextPage"],
        info["startCursor"],
        info["endCursor"],
    )


async def with_entries(api: Api, count: int) -> Member:
    """A client whose entries are numbered from 1 to `count`."""
    clara = await api.client()
    for _ in range(count - 1):
        await clara.new_job()
    return clara


async def test_a_list_is_read_forwards_page_by_page(api: Api) -> None:
    clara = await with_entries(api, 7)

    first = await page(clara, "first: 3")
    second = await page(clara, f'first: 3, after: "{first.end}"')
    third = await page(clara, f'first: 3, after: "{second.end}"')

    assert [first.sequences, second.sequences, third.sequences] == [[7, 6, 5], [4, 3, 2], [1]]
    assert [read.more_after for read in (first, second, third)] == [True, True, False]
    assert [read.more_before for read in (first, second, third)] == [False, True, True]


async def test_a_list_is_read_backwards_page_by_page(api: Api) -> None:
    clara = await with_entries(api, 7)

    last = await page(clara, "last: 3")
    middle = await page(clara, f'last: 3, before: "{last.start}"')
    front = await page(clara, f'last: 3, before: "{middle.start}"')

    assert [last.sequences, middle.sequences, front.sequences] == [[3, 2, 1], [6, 5, 4], [7]]
    assert [read.more_before for read in (last, middle, front)] == [True, True, False]
    assert [read.more_after for read in (last, middle, front)] == [False, True, True]


async def test_a_range_lies_between_two_cursors(api: Api) -> None:
    clara = await with_entries(api, 7)
    whole = (await clara.wallet("entries { edges { cursor node { sequence } } }"))["entries"]
    cursors = {edge["node"]["sequence"]: edge["cursor"] for edge in whole["edges"]}
    between = f'after: "{cursors[6]}", before: "{cursors[2]}"'

    assert (await page(clara, f"first: 2, {between}")).sequences == [5, 4]
    assert (await page(clara, f"last: 2, {between}")).sequences == [4, 3]
    assert (await page(clara, between)).sequences == [5, 4, 3]


async def test_what_is_added_meanwhile_shifts_nothing(api: Api) -> None:
    clara = await with_entries(api, 4)
    first = await page(clara, "first: 2")
    await clara.new_job()
    await clara.new_job()

    second = await page(clara, f'first: 2, after: "{first.end}"')

    assert first.sequences + second.sequences == [4, 3, 2, 1]
    assert (await page(clara, f'last: 10, before: "{first.start}"')).sequences == [6, 5]


async def test_an_empty_page_has_no_cursors(api: Api) -> None:
    clara = await with_entries(api, 1)
    only = await page(clara, "first: 1")

    beyond = await page(clara, f'first: 1, after: "{only.end}"')

    assert (beyond.sequences, beyond.start, beyond.end) == ([], None, None)
    assert (beyond.more_before, beyond.more_after) == (True, False)


async def test_pages_have_one_to_a_hundred_rows(api: Api, subtests: pytest.Subtests) -> None:
    clara = await api.client()
    assert (await page(clara, "first: 100")).sequences == [1]
    assert (await page(clara, "first: null, last: null")).sequences == [1]

    for arguments, message in (
        ("first: 101", "first: must be 0 to 100, not 101"),
        ("first: -1", "first: must be 0 to 100, not -1"),
        ("last: 101", "last: must be 0 to 100, not 101"),
        ("last: -2147483648", "last: must be 0 to 100, not -2147483648"),
        ("first: 1, last: 1", "last: cannot be combined with first"),
    ):
        with subtests.test(arguments):
            wallet = f"wallet {{ entries({arguments}) {{ __typename }} }}"
            document = f"query($id: ID!) {{ node(id: $id) {{ ... on Account {{ {wallet} }} }} }}"
            error = await clara.fail(document, id=clara.account_id)
            assert (error["message"], error["extensions"]["code"]) == (message, "INVALID_INPUT")
