"""Every list that grows is read from either end, a page at a time, without gaps or repeats."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count, product
from typing import Any

import pytest

from resolvers.demo.freelancers import people
from tests.schema.callers import Api, Member
from tests.schema.search.searches import freelancer_id, insert

ROWS = 5
PAGE = """{ nodes { id } edges { cursor node { id } }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor } }"""


@dataclass(frozen=True)
class List:
    """A list that `reader` may read where `%s` stands in the document; `add` makes a new row.

    `add` gives the row's id.
    """

    reader: Member
    document: str
    add: Callable[[], Awaitable[str]]

    @classmethod
    def of(cls, reader: Member, id: str, field: str, add: Callable[[], Awaitable[str]]) -> "List":
        """The list that is a `field` of the node `id`, such as "Job.proposals"."""
        type_name, _, name = field.partition(".")
        document = f'{{ node(id: "{id}") {{ ... on {type_name} {{ list: {name}%s }} }} }}'
        return cls(reader, document, add)

    async def page(self, arguments: str) -> "Page":
        data = await self.reader.ask(self.document % f"({arguments}) {PAGE}")
        found = data.get("node", data)["list"]
        info = found["pageInfo"]
        ids = [node["id"] for node in found["nodes"]]
        cursors = [edge["cursor"] for edge in found["edges"]]
        assert ids == [edge["node"]["id"] for edge in found["edges"]]
        ends = (cursors[0], cursors[-1]) if cursors else (None, None)
        assert (info["startCursor"], info["endCursor"]) == ends
        return Page(ids, cursors, info["hasPreviousPage"], info["hasNextPage"])


@dataclass(frozen=True)
class Page:
    ids: list[str]
    cursors: list[str]
    has_previous: bool
    has_next: bool


async def jobs(api: Api) -> List:
    clara = await api.client()
    return List.of(clara, clara.account_id, "Account.jobs", clara.new_job)


async def proposals(api: Api) -> List:
    clara, farid = await api.client(), await api.freelancer()

    async def add() -> str:
        return await farid.new_proposal(await clara.new_job())

    return List.of(farid, farid.account_id, "Account.proposals", add)


async def invitations_received(api: Api) -> List:
    clara, farid = await api.client(), await api.freelancer()
    numbers = count()

    async def add() -> str:
        return await clara.new_invitation(await clara.new_job(), farid, 1 + next(numbers) % 3)

    return List.of(farid, farid.account_id, "Account.invitationsReceived", add)


async def contacts_received(api: Api) -> List:
    farid, numbers = await api.freelancer(), count()

    async def add() -> str:
        contact = await (await api.client(f"Clara{next(numbers)}")).contact(farid)
        return str(contact["contact"]["id"])

    return List.of(farid, farid.account_id, "Account.contactsReceived", add)


async def proposals_to_a_job(api: Api) -> List:
    clara = await api.client()
    job, numbers = await clara.new_job(), count()

    async def add() -> str:
        return await (await api.freelancer(f"Farid{next(numbers)}")).new_proposal(job)

    return List.of(clara, job, "Job.proposals", add)


async def invitations_to_a_job(api: Api) -> List:
    clara = await api.client()
    job, numbers = await clara.new_job(), count()

    async def add() -> str:
        return await clara.new_invitation(job, await api.freelancer(f"Farid{next(numbers)}"))

    return List.of(clara, job, "Job.invitations", add)


async def lots(api: Api) -> List:
    clara = await api.client()

    async def add() -> str:
        return str((await clara.buy(10))["purchase"]["lot"]["id"])

    return List.of(clara, (await clara.wallet("id"))["id"], "Wallet.lots", add)


async def entries(api: Api) -> List:
    clara = await api.client()

    async def add() -> str:
        return str((await clara.post_job())["entry"]["id"])

    return List.of(clara, (await clara.wallet("id"))["id"], "Wallet.entries", add)


async def jobs_found(api: Api) -> List:
    clara = await api.client()
    return List(clara, "{ list: jobs%s }", clara.new_job)


async def freelancers_found(api: Api) -> List:
    there = await api.nobody.ask("{ freelancers(first: 100) { nodes { id } } }")
    numbers = count(len(there["freelancers"]["nodes"]))

    async def add() -> str:
        number = next(numbers)
        await insert(api.services.database, [people()[number]], first=number)
        return freelancer_id(number)

    return List(await api.client(), "{ list: freelancers%s }", add)


LISTS = (
    *(jobs, proposals, invitations_received, proposals_to_a_job, invitations_to_a_job),
    *(contacts_received, lots, entries, jobs_found, freelancers_found),
)


@pytest.mark.slow
async def test_a_list_is_read_to_its_end_from_either_side(
    api: Api, subtests: pytest.Subtests
) -> None:
    for make in LISTS:
        made = await make(api)
        added = [await made.add() for _ in range(ROWS)]
        whole = (await made.page("first: 100")).ids
        assert set(added) <= set(whole)
        assert (await made.page("last: 100")).ids == whole
        for size, direction in product((1, 2, 3, len(whole), 100), ("forwards", "backwards")):
            with subtests.test(make.__name__, size=size, direction=direction):
                pages = await walked(made, size, direction)

                assert [id for page in pages for id in page.ids] == whole
                assert [page.has_previous for page in pages] == [False, *[True] * len(pages[1:])]
                assert [page.has_next for page in pages] == [*[True] * len(pages[1:]), False]


@pytest.mark.slow
async def test_rows_that_are_added_meanwhile_shift_nothing(
    api: Api, subtests: pytest.Subtests
) -> None:
    for make in LISTS:
        for direction in ("forwards", "backwards"):
            with subtests.test(make.__name__, direction=direction):
                made = await make(api)
                for _ in range(ROWS):
                    await made.add()
                before = (await made.page("first: 100")).ids

                pages = await walked(made, 2, direction, meanwhile=made.add)

                read = [id for page in pages for id in page.ids]
                assert [id for id in read if id in before] == before
                now = (await made.page("first: 100")).ids
                assert read == [id for id in now if id in read]


@pytest.mark.slow
async def test_a_page_lies_between_its_cursors(api: Api, subtests: pytest.Subtests) -> None:
    for make in LISTS:
        made = await make(api)
        for _ in range(ROWS):
            await made.add()
        whole = await made.page("first: 100")
        places = (None, 0, 1, len(whole.ids) // 2, len(whole.ids) - 1)
        for number, (after, before) in enumerate(product(places, places)):
            size = 1 + number % 4
            inside = whole.ids[0 if after is None else after + 1 : before]
            ends = [
                f'{name}: "{whole.cursors[place]}"'
                for name, place in (("after", after), ("before", before))
                if place is not None
            ]
            with subtests.test(make.__name__, after=after, before=before, size=size):
                first = await made.page(", ".join((f"first: {size}", *ends)))
                last = await made.page(", ".join((f"last: {size}", *ends)))

                more = len(inside) > size
                assert first.ids == inside[:size]
                assert (first.has_previous, first.has_next) == (after is not None, more)
                assert last.ids == inside[-size:]
                assert (last.has_previous, last.has_next) == (more, before is not None)


async def test_a_page_has_twenty_rows_where_no_size_is_given(
    api: Api, subtests: pytest.Subtests
) -> None:
    farid = await api.freelancer()
    await insert(api.services.database, people()[:30])
    for _ in range(25):
        await farid.buy(10)
    wallet = (await farid.wallet("id"))["id"]

    for made in (
        await freelancers_found(api),
        List.of(farid, wallet, "Wallet.entries", farid.new_job),
        List.of(farid, wallet, "Wallet.lots", farid.new_job),
    ):
        with subtests.test(made.document):
            whole = (await made.page("first: 100")).ids

            assert (await made.page("after: null")).ids == whole[:20]
            assert (await made.page("first: null, last: null")).ids == whole[:20]
            assert (await made.page("last: 3")).ids == whole[-3:]
            assert (await made.page("first: null, last: 3")).ids == whole[-3:]
            assert (await made.page("first: 3, last: null")).ids == whole[:3]


@pytest.mark.slow
async def test_a_page_of_no_rows_says_what_lies_beside_it(
    api: Api, subtests: pytest.Subtests
) -> None:
    for make in LISTS:
        made = await make(api)
        for _ in range(2):
            await made.add()
        cursors = (await made.page("first: 100")).cursors
        for arguments, has_previous, has_next in (
            ("first: 0", False, True),
            ("last: 0", True, False),
            (f'first: 0, after: "{cursors[0]}"', True, True),
            (f'first: 0, after: "{cursors[-1]}"', True, False),
            (f'last: 0, before: "{cursors[-1]}"', True, True),
            (f'last: 0, before: "{cursors[0]}"', False, True),
        ):
            with subtests.test(make.__name__, arguments=arguments[:16]):
                assert await made.page(arguments) == Page([], [], has_previous, has_next)


@pytest.mark.slow
async def test_sizes_out_of_range_are_refused_in_every_list(
    api: Api, subtests: pytest.Subtests
) -> None:
    for make in LISTS:
        made = await make(api)
        for arguments, message in (
            ("first: -1", "first: must be 0 to 100, not -1"),
            ("last: -1", "last: must be 0 to 100, not -1"),
            ("last: 101", "last: must be 0 to 100, not 101"),
            ("first: 20, last: 20", "last: cannot be combined with first"),
        ):
            with subtests.test(make.__name__, arguments=arguments):
                error = await made.reader.fail(made.document % f"({arguments}) {PAGE}")

                assert (error["message"], error["extensions"]["code"]) == (message, "INVALID_INPUT")


@pytest.mark.slow
async def test_a_cursor_of_any_other_list_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    lists = {make.__name__: await make(api) for make in LISTS}
    cursors: dict[str, str] = {}
    for name, made in lists.items():
        await made.add()
        cursors[name] = (await made.page("last: 1")).cursors[0]

    for (reader, made), (of, cursor) in product(lists.items(), cursors.items()):
        if reader == of:
            continue
        for side, size in product(("after", "before"), ("first: 1", "last: 1")):
            with subtests.test(reader, of=of, side=side, size=size):
                arguments = f'({size}, {side}: "{cursor}") {PAGE}'
                error = await made.reader.fail(made.document % arguments)

                assert error["message"] == f"{side}: is not a cursor of this list"
                assert error["extensions"]["code"] == "INVALID_INPUT"


async def walked(
    made: List, size: int, direction: str, meanwhile: Callable[[], Awaitable[Any]] | None = None
) -> list[Page]:
    """The pages in the list's order, read from one end to the other; between two, `meanwhile`."""
    forwards = direction == "forwards"
    arguments = f"first: {size}" if forwards else f"last: {size}"
    pages: list[Page] = []
    cursor = ""
    while True:
        page = await made.page(arguments + cursor)
        assert not {id for known in pages for id in known.ids} & set(page.ids), "rows come again"
        pages.append(page)
        if not (page.has_next if forwards else page.has_previous):
            return pages if forwards else pages[::-1]
        if meanwhile is not None and len(pages) < ROWS:
            await meanwhile()
        end = page.cursors[-1] if forwards else page.cursors[0]
        cursor = f', after: "{end}"' if forwards else f', before: "{end}"'
