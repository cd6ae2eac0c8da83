"""Many callers at once, in one process and in several: nothing is lost, invented or paid twice."""

import asyncio
from collections import Counter
from contextlib import suppress

from models.ledger.commands import Posted
from models.ledger.ledger import Ledger
from models.rules.refusals import InsufficientConnects
from models.store.database import Database
from models.store.statements import both
from tests.books import book_of, count
from tests.clocks import ManualClock
from tests.faults.posting_process import arguments_for
from tests.models.builders import Holder, opened, post_together, somebody, spending
from tests.processes import at_once

PROCESSES = 4
SOON = 5.0


async def in_processes(
    url: str, clock: ManualClock, what: str, times: int, key: str, holders: list[Holder]
) -> list[tuple[str, ...]]:
    """What several processes answer that all post so many commands at once, one per holder."""
    arguments = [arguments_for(url, clock.now, what, times, key, holder) for holder in holders]
    answers = await at_once("tests.faults.posting_process", *arguments)
    return [tuple(answer) for process in answers for answer in process]


async def test_two_hundred_spends_of_one_on_sixty_leave_none_and_refuse_the_rest(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)

    answers = await post_together(ledger, [spending(holder, 1) for _ in range(200)])

    assert Counter(map(type, answers)) == {Posted: 60, InsufficientConnects: 140}
    book = await book_of(database, holder.account_id)
    assert (book.wallet.available, book.kinds.count("SPEND")) == (0, 60)
    assert await count(database, "job") == 60


async def test_the_same_two_hundred_from_four_processes_have_the_same_end(
    ledger: Ledger, database: Database, database_url: str, clock: ManualClock
) -> None:
    holder = await opened(ledger)

    answers = await in_processes(
        database_url, clock, "spend", 200 // PROCESSES, "", [holder] * PROCESSES
    )

    assert Counter(answer[-1] for answer in answers) == {"first": 60, "INSUFFICIENT_CONNECTS": 140}
    book = await book_of(database, holder.account_id)
    assert (book.wallet.available, book.kinds.count("SPEND")) == (0, 60)
    assert await count(database, "job") == 60
    assert await count(database, "idempotency") == 1 + 200


async def test_a_hundred_calls_with_one_key_charge_once_and_get_one_answer(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)

    answers = await post_together(ledger, [spending(holder, 1, "intent") for _ in range(100)])

    posted = [answer for answer in answers if isinstance(answer, Posted)]
    assert len({(answer.sequence, answer.subject_id) for answer in posted}) == 1
    assert Counter(answer.replayed for answer in posted) == {False: 1, True: 99}
    assert (await book_of(database, holder.account_id)).wallet.available == 59


async def test_a_hundred_calls_with_one_key_from_four_processes_charge_once(
    ledger: Ledger, database: Database, database_url: str, clock: ManualClock
) -> None:
    holder = await opened(ledger)

    answers = await in_processes(
        database_url, clock, "spend", 100 // PROCESSES, "intent", [holder] * PROCESSES
    )

    assert len({subject for subject, _ in answers}) == 1
    assert Counter(replayed for _, replayed in answers) == {"first": 1, "again": 99}
    assert (await book_of(database, holder.account_id)).wallet.available == 59


async def test_an_account_opened_with_one_key_in_four_processes_is_opened_once(
    ledger: Ledger, database: Database, database_url: str, clock: ManualClock
) -> None:
    user_id = (await opened(ledger)).user_id
    # Nobody can lock a wallet that is not there yet: this is decided by the key alone.
    same_user = [Holder(h.kind, h.account_id, user_id) for h in (somebody(), somebody()) * 2]

    answers = await in_processes(database_url, clock, "open", 5, "intent", same_user)

    assert len({subject for subject, _ in answers}) == 1
    assert Counter(replayed for _, replayed in answers) == {"first": 1, "again": 19}
    assert await count(database, "account") == 2
    assert await count(database, "lot") == 2


async def test_cancelled_callers_leave_nothing_locked_and_nothing_half_done(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    other = await opened(ledger)

    async def leave_after(ticks: int) -> None:
        posting = asyncio.create_task(ledger.post(spending(holder, 1, f"intent {ticks}")))
        for _ in range(ticks):
            await asyncio.sleep(0)
        posting.cancel()
        with suppress(asyncio.CancelledError, InsufficientConnects):
            await posting

    await asyncio.gather(*(leave_after(ticks) for ticks in range(100)))
    async with asyncio.timeout(SOON):
        await ledger.post(spending(other, 1))

    answers = await post_together(
        ledger, [spending(holder, 1, f"intent {ticks}") for ticks in range(100)]
    )
    charged = Counter(map(type, answers))
    assert charged == {Posted: 60, InsufficientConnects: 40}
    book = await book_of(database, holder.account_id)
    subjects = {entry.subject_id for entry in book.entries if entry.kind == "SPEND"}
    assert subjects == {answer.subject_id for answer in answers if isinstance(answer, Posted)}
    assert await count(database, "job") == 60 + 1


async def test_what_a_cancelled_caller_asked_for_is_done_or_not_but_never_half(
    ledger: Ledger, database: Database
) -> None:
    holder = await opened(ledger)
    callers = [
        asyncio.create_task(ledger.post(spending(holder, 1, f"intent {number}")))
        for number in range(100)
    ]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    async with asyncio.timeout(SOON):
        await ledger.post(spending(await opened(ledger), 1))

    done = (await book_of(database, holder.account_id)).kinds.count("SPEND")
    ((kept,),) = await database.fetch(
        both("SELECT count(*) FROM idempotency WHERE key LIKE 'intent %' AND refusal IS NULL")
    )
    assert done == kept == await count(database, "job") - 1
