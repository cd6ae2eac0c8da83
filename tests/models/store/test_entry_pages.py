"""Entries read together are the ones that are read alone."""

import asyncio

import pytest

from models.rules.facts import Entry, ListedEntry
from models.store.entry_pages import NEWEST, EntriesBelow
from models.store.pages import Page
from models.store.wallets import EntryFilter
from resolvers import wallets
from resolvers.services import Services
from tests.books import book_of
from tests.models.builders import opened, post_together, spending


def listed(entry: Entry) -> ListedEntry:
    """The entry as lists have it."""
    return ListedEntry(*(getattr(entry, name) for name in ListedEntry._fields))


async def test_pages_of_many_wallets_are_read_together_and_each_gets_its_own(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders = [await opened(services.ledger) for _ in range(3)]
    for holder, spends in zip(holders, (0, 5, 30), strict=True):
        await post_together(services.ledger, [spending(holder, 1) for _ in range(spends)])
    books = [await book_of(services.database, holder.account_id) for holder in holders]
    asked = [
        (number, Page(size, after))
        for number in range(3)
        for size in (1, 5, 20)
        for after in (None, (1,), (2,), (6,), (99,))
    ]
    fetches: list[object] = []
    fetch = type(services.database).fetch

    async def counted(*arguments: object) -> object:
        fetches.append(arguments)
        return await fetch(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(services.database), "fetch", counted)
    pages = await asyncio.gather(
        *(
            wallets.entries(services, books[number].wallet, EntryFilter(), page)
            for number, page in asked
        )
    )

    # One for each size, on PostgreSQL for either half of the pages.
    assert len(fetches) == {"sqlite": 3, "postgres": 6}[services.database.dialect]
    for (number, page), sliced in zip(asked, pages, strict=True):
        below = page.after[0] if page.after else NEWEST
        all_below = [e for e in reversed(books[number].entries) if e.sequence < below]
        assert sliced.rows == [listed(entry) for entry in all_below[: page.size]]
        assert sliced.has_next == (len(all_below) > page.size)
        assert sliced.has_previous == (page.after is not None)


async def test_a_page_read_together_is_the_page_read_alone(services: Services) -> None:
    holder = await opened(services.ledger)
    await post_together(services.ledger, [spending(holder, 1) for _ in range(10)])
    everything = EntryFilter(from_instant=0)
    wallet = await wallets.current(services, holder.account_id)

    for page in (Page(3), Page(3, (4,)), Page(20), Page(3, (1,))):
        together = await wallets.entries(services, wallet, EntryFilter(), page)
        alone = await wallets.entries(services, wallet, everything, page)
        assert together == alone


async def test_the_same_page_asked_for_twice_is_read_once(services: Services) -> None:
    holder = await opened(services.ledger)
    name = EntriesBelow(holder.account_id, NEWEST, 2)

    one, other = await services.loaders.newest_entries.load_many([name, name])

    entries = (await book_of(services.database, holder.account_id)).entries
    assert one == other == [listed(entry) for entry in entries]
