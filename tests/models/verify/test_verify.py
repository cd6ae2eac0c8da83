"""Verify says nothing of a sound ledger, and names the first row of one that is not."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from models.ledger.commands import Command, Decision
from models.ledger.ledger import Ledger
from models.rules.actions import ConnectsAction
from models.rules.kinds import PurchaseStatus
from models.rules.postings import Spend
from models.store.database import Database, NextRows
from models.store.statements import SqlStatement
from models.store.transactions import Row
from models.verify import Violation, verify
from models.verify.merge import LedgerPage, Merge
from tests.clocks import ManualClock
from tests.models.builders import Holder, buying, opened, spending, touching
from tests.models.market import Market, busy_market, charging, job, settling
from tests.models.verify.tampering import tamper

NOBODY = UUID(int=0)


class Tampering(NamedTuple):
    """What is done to the ledger, and the violation that must be named first."""

    done: str
    sql: str
    invariant: int
    where: str
    message: str


WALLET = "wallet of account {client}"
IN_WALLET = "WHERE account_id = '{client}'"


def at(sequence: int) -> str:
    return f"WHERE account_id = '{{client}}' AND sequence = {sequence}"


def entry(sequence: int) -> str:
    return f"entry {sequence} of account {{client}}"


def lot(sequence: int) -> str:
    return f"lot {sequence} of account {{client}}"


def answer(key: str, holder: str = "client") -> str:
    return f"idempotency key {key} of user {{{holder}_user}}"


def intent(key: str, holder: str = "client") -> str:
    return f"WHERE user_id = '{{{holder}_user}}' AND key = '{key}'"


TAMPERINGS = [
    Tampering(
        "a wallet says one more is available",
        f"UPDATE wallet SET available = available + 1 {IN_WALLET}",
        1,
        WALLET,
        "available, but its lots have",
    ),
    Tampering(
        "a wallet says one is held",
        f"UPDATE wallet SET held = 1 {IN_WALLET}",
        1,
        WALLET,
        "has 1 held, but its lots have 0",
    ),
    Tampering(
        "a wallet is overdrawn",
        f"UPDATE wallet SET available = -1 {IN_WALLET}",
        1,
        WALLET,
        "is overdrawn, with -1 available",
    ),
    Tampering(
        "a lot holds what the wallet has available",
        f"UPDATE lot SET remaining = remaining - 1, held = held + 1 {at(23)}",
        3,
        lot(23),
        "of which 0 were drawn, but has 59 remaining and 1 held",
    ),
    Tampering(
        "a lot is overdrawn",
        f"UPDATE lot SET remaining = -1, held = 61 {at(23)}",
        1,
        lot(23),
        "has -1 remaining and 61 held",
    ),
    Tampering(
        "an entry is deleted",
        f"DELETE FROM entry {at(4)}",
        2,
        entry(4),
        "is missing: after 3 comes 5",
    ),
    Tampering(
        "the last entry is deleted",
        f"DELETE FROM entry {at(23)}",
        3,
        lot(23),
        "its entry is missing",
    ),
    Tampering(
        "a wallet is deleted",
        f"DELETE FROM wallet {IN_WALLET}",
        2,
        WALLET,
        "is missing, but rows refer to it",
    ),
    Tampering(
        "a wallet is set back to an earlier entry",
        f"UPDATE wallet SET sequence = sequence - 1 {IN_WALLET}",
        2,
        WALLET,
        "is at sequence 22, but its last entry is 23",
    ),
    Tampering(
        "a wallet's head is another entry's hash",
        f"UPDATE wallet SET head_hash = (SELECT prev_hash FROM entry {at(23)}) {IN_WALLET}",
        2,
        WALLET,
        "does not hold the hash of its last entry",
    ),
    Tampering(
        "an entry moved one more",
        f"UPDATE entry SET connects = connects - 1 {at(4)}",
        2,
        entry(4),
        "moves -6 and leaves 50 available and 0 held, which does not follow from 55 available",
    ),
    Tampering(
        "an entry left one more",
        f"UPDATE entry SET available_after = available_after + 1 {at(4)}",
        2,
        entry(4),
        "moves -5 and leaves 51 available and 0 held, which does not follow",
    ),
    Tampering(
        "a spend left one held",
        f"UPDATE entry SET available_after = available_after - 1, held_after = 1 {at(4)}",
        2,
        entry(4),
        "leaves 49 available and 1 held, which does not follow",
    ),
    Tampering(
        "an entry is set back in time",
        f"UPDATE entry SET created_at = created_at - 1 {at(4)}",
        2,
        entry(4),
        "is older than the previous entry",
    ),
    Tampering(
        "an entry is put on somebody else",
        f"UPDATE entry SET actor_id = '{{freelancer_user}}' {at(4)}",
        2,
        entry(4),
        "its hash is not the hash of its facts",
    ),
    Tampering(
        "an entry follows another one",
        f"UPDATE entry SET prev_hash = (SELECT prev_hash FROM entry {at(3)}) {at(4)}",
        2,
        entry(4),
        "does not hold the hash of the previous entry",
    ),
    Tampering(
        "an entry has another hash",
        f"UPDATE entry SET hash = prev_hash {at(4)}",
        2,
        entry(4),
        "its hash is not the hash of its facts",
    ),
    Tampering(
        "a lot lives longer",
        f"UPDATE lot SET expires_at = expires_at + 1 {at(1)}",
        2,
        entry(1),
        "its hash is not the hash of its facts, its lot",
    ),
    Tampering(
        "a lapsed lot comes back to life",
        f"UPDATE lot SET remaining = remaining + 20 {at(6)}",
        3,
        lot(6),
        "was granted 20, of which 20 were drawn, but has 20 remaining and 0 held",
    ),
    Tampering(
        "a spend is drawn in part only",
        "UPDATE draw SET connects = 9 "
        f"{at(3)} AND lot_sequence = 2; UPDATE lot SET remaining = 1 {at(2)}",
        3,
        entry(3),
        "moves -15, but draws 14",
    ),
    Tampering(
        "an expiry draws nothing",
        f"DELETE FROM draw {at(8)}; UPDATE lot SET remaining = 20 {at(6)}",
        3,
        entry(8),
        "moves -20, but draws 0",
    ),
    Tampering(
        "a draw is moved to another lot",
        f"UPDATE draw SET lot_sequence = 2 {at(4)}",
        3,
        lot(1),
        "was granted 60, of which 55 were drawn, but has 0 remaining",
    ),
    Tampering(
        "a draw is made from a lot that came later",
        "INSERT INTO draw VALUES ('{client}', 3, 7, 0)",
        3,
        "draw of entry 3 from lot 7 of account {client}",
        "draws from a lot that came later",
    ),
    Tampering(
        "a draw is made by no entry",
        "INSERT INTO draw VALUES ('{client}', 99, 1, 0)",
        3,
        "draw of entry 99 from lot 1 of account {client}",
        "its entry is missing",
    ),
    Tampering(
        "a granted lot is deleted",
        f"DELETE FROM lot {at(1)}",
        3,
        entry(1),
        "is a GRANT, but created no lot",
    ),
    Tampering(
        "a lot is brought by no entry",
        "INSERT INTO lot SELECT account_id, 99, 'BONUS', granted, remaining, held, created_at, "
        f"expires_at, NULL, NULL FROM lot {at(23)}",
        3,
        lot(99),
        "its entry is missing",
    ),
    Tampering(
        "a lot is brought by a spend",
        "INSERT INTO lot SELECT account_id, 5, 'BONUS', 1, 1, 0, created_at, "
        f"expires_at, NULL, NULL FROM lot {at(1)}",
        3,
        lot(5),
        "is a BONUS, which no SPEND creates",
    ),
    Tampering(
        "a lot was granted more",
        f"UPDATE lot SET granted = granted + 1, remaining = remaining + 1 {at(23)}",
        3,
        lot(23),
        "was granted 61, but its entry moves +60",
    ),
    Tampering(
        "a bought lot becomes a free one",
        f"UPDATE lot SET source = 'BONUS' {at(2)}",
        3,
        lot(2),
        "is a BONUS, which no PURCHASE creates",
    ),
    Tampering(
        "a month is granted twice",
        f"UPDATE lot SET grant_month = grant_month - 1 {at(7)}",
        4,
        lot(7),
        "grants month 24322, after month 24322",
    ),
    Tampering(
        "a month is granted before it comes",
        f"UPDATE lot SET grant_month = grant_month + 1 {at(23)}",
        4,
        lot(23),
        "grants month 24336, but was created in another",
    ),
    Tampering(
        "a wallet forgets its last grant",
        f"UPDATE wallet SET last_grant_month = last_grant_month - 1 {IN_WALLET}",
        4,
        WALLET,
        "was granted month 24335, but records none after 24334",
    ),
    Tampering(
        "a job costs more than was charged",
        "UPDATE job SET connects = connects + 1 WHERE id = '{job}'",
        5,
        "job {job}",
        "must have moved -16 Connects at once, but of its account 1 SPEND entries for it moved -15",
    ),
    Tampering(
        "a free proposal has a price",
        "UPDATE proposal SET connects = 1 WHERE id = '{free_proposal}'",
        5,
        "proposal {free_proposal}",
        "must have moved -1 Connects at once, but of its account 0 SPEND entries for it moved 0",
    ),
    Tampering(
        "a contact that was charged is free",
        "UPDATE contact SET connects = 0 WHERE id = '{contact}'",
        5,
        "contact {contact}",
        "must have moved 0 Connects at once, but of its account 1 SPEND entries for it moved -1",
    ),
    Tampering(
        "an invitation is another account's",
        "UPDATE invitation SET account_id = '{agency}' WHERE id = '{invitation}'",
        5,
        "invitation {invitation}",
        "of its account 0 SPEND entries",
    ),
    Tampering(
        "what was paid for is deleted",
        "DELETE FROM invitation WHERE id = '{invitation}'",
        5,
        entry(4),
        "is a SPEND for INVITE_FREELANCER, but its account has no such row {invitation}",
    ),
    Tampering(
        "a purchase that was credited is declined",
        "UPDATE purchase SET status = 'DECLINED' WHERE id = '{paid}'",
        5,
        "purchase {paid}",
        "must have moved 0 Connects at once, but of its account 1 PURCHASE entries for it moved 10",
    ),
    Tampering(
        "a purchase is paid, but never credited",
        "UPDATE purchase SET status = 'PAID' WHERE id = '{pending}'",
        5,
        "purchase {pending}",
        "must have moved 20 Connects at once, but of its account 0 PURCHASE entries",
    ),
    Tampering(
        "a purchase is deleted",
        "DELETE FROM purchase WHERE id = '{paid}'",
        5,
        entry(2),
        "is a PURCHASE, but its account has no such row {paid}",
    ),
    Tampering(
        "a bought lot is deleted",
        f"DELETE FROM lot {at(2)}",
        5,
        entry(2),
        "is a PURCHASE, but created no lot",
    ),
    Tampering(
        "a bought lot is of another purchase",
        f"UPDATE lot SET purchase_id = '{{pending}}' {at(2)}",
        5,
        lot(2),
        "is of purchase {pending}",
    ),
    Tampering(
        "a success names an entry that is not there",
        f"UPDATE idempotency SET sequence = 99 {intent('job')}",
        6,
        answer("job"),
        "names entry 99, which does not exist",
    ),
    Tampering(
        "a success names no account",
        f"UPDATE idempotency SET account_id = NULL {intent('job')}",
        6,
        answer("job"),
        "names entry 3, which does not exist",
    ),
    Tampering(
        "a success is somebody else's",
        f"UPDATE idempotency SET user_id = '{{agency_user}}' {intent('job')}",
        6,
        answer("job", "agency"),
        "names entry 3, which another user made",
    ),
    Tampering(
        "a success names the entry of another",
        f"UPDATE idempotency SET sequence = 4 {intent('job')}",
        6,
        answer("job"),
        "names entry 4, which has another subject",
    ),
    Tampering(
        "a success that was free names what is not there",
        f"UPDATE idempotency SET subject_id = '{NOBODY}' {intent('free proposal', 'agency')}",
        6,
        answer("free proposal", "agency"),
        f"names subject {NOBODY}, which does not exist",
    ),
    Tampering(
        "a refusal names a subject",
        f"UPDATE idempotency SET subject_id = '{{job}}' {intent('too dear')}",
        6,
        answer("too dear"),
        "is a refusal, but names an entry or a subject",
    ),
    Tampering(
        "a refusal names an entry",
        f"UPDATE idempotency SET sequence = 3 {intent('too dear')}",
        6,
        answer("too dear"),
        "is a refusal, but names an entry or a subject",
    ),
]


@asynccontextmanager
async def working(database: Database, clock: ManualClock) -> AsyncIterator[Ledger]:
    """A ledger of the test's own: the `ledger` fixture does not let go of one that is broken."""
    ledger = Ledger(database, clock)
    ledger.start()
    try:
        yield ledger
    finally:
        await ledger.close()


@pytest.fixture
async def market(database: Database, clock: ManualClock) -> Market:
    async with working(database, clock) as ledger:
        return await busy_market(ledger, clock)


def named(text: str, market: Market) -> str:
    """`text` with the market's ids in the place of their names."""
    names: dict[str, Any] = dict(vars(market))
    for name in ("client", "freelancer", "agency"):
        holder: Holder = names[name]
        names |= {name: holder.account_id, f"{name}_user": holder.user_id}
    return text.format_map(names)


async def test_an_empty_ledger_has_no_violation(database: Database) -> None:
    assert await verify(database) == []


@pytest.mark.parametrize("rows_at_a_time", [1, 2, 7, 2000])
async def test_a_sound_ledger_has_no_violation_however_it_is_cut_into_pages(
    database: Database, market: Market, rows_at_a_time: int
) -> None:
    assert await verify(database, limit=100, rows_at_a_time=rows_at_a_time) == []


async def test_progress_goes_from_entry_to_entry_up_to_all_there_are(
    database: Database, market: Market
) -> None:
    calls: list[tuple[int, int]] = []

    await verify(database, lambda done, total: calls.append((done, total)), rows_at_a_time=4)

    assert calls[-1] == (26, 26)
    assert calls == sorted(calls)
    assert len(calls) > 5


@pytest.mark.slow
@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: str(tampering.done))
async def test_the_first_violation_names_the_row_that_was_tampered_with(
    database: Database, database_url: str, market: Market, tampering: Tampering
) -> None:
    await tamper(database_url, named(tampering.sql, market))

    violation, *others = await verify(database, limit=100)

    assert await verify(database) == [violation]
    assert await verify(database, limit=100, rows_at_a_time=3) == [violation, *others]
    assert (violation.invariant, violation.where) == (
        tampering.invariant,
        named(tampering.where, market),
    )
    assert named(tampering.message, market) in violation.message


async def test_as_many_violations_are_given_as_are_asked_for(
    database: Database, database_url: str, market: Market
) -> None:
    await tamper(database_url, named(f"DELETE FROM lot {at(1)}", market))

    violations = await verify(database, limit=100)

    assert Violation(3, named(lot(1), market), "is missing, but was drawn from") in violations
    assert await verify(database, limit=2) == violations[:2]
    assert await verify(database, limit=len(violations)) == violations


async def test_one_wrong_row_is_not_the_violation_of_all_that_follow(
    database: Database, database_url: str, market: Market
) -> None:
    await tamper(
        database_url,
        named(f"UPDATE entry SET available_after = available_after + 1 {at(4)}", market),
    )

    violations = await verify(database, limit=100)

    assert [violation.where for violation in violations] == [
        *[named(entry(4), market)] * 2,  # the balance it leaves, and its hash
        named(entry(5), market),
    ]


async def test_violations_are_given_in_the_order_of_the_ledger(
    database: Database, database_url: str, market: Market
) -> None:
    await tamper(
        database_url,
        named(
            f"DELETE FROM entry {at(4)}; UPDATE lot SET remaining = 1 {at(12)}; "
            f"UPDATE entry SET hash = prev_hash {at(20)}",
            market,
        ),
    )

    violations = await verify(database, limit=100)

    wheres = [
        entry(4),
        "draw of entry 4 from lot 1 of account {client}",
        lot(12),
        entry(20),
        entry(21),
        *[WALLET] * 2,
        "invitation {invitation}",
        answer("invitation"),
    ]
    assert [violation.where for violation in violations] == [
        named(where, market) for where in wheres
    ]


async def test_a_wallet_is_held_against_its_lots_its_entries_and_the_last_of_them(
    database: Database, database_url: str, market: Market
) -> None:
    await tamper(
        database_url, named(f"UPDATE wallet SET available = available + 1 {IN_WALLET}", market)
    )

    violations = await verify(database, limit=100)

    assert [(violation.invariant, violation.message) for violation in violations] == [
        (1, "has 721 available, but its lots have 720"),
        (2, "has 721 available and 0 held, but its entries moved 720 in total"),
        (2, "has 721 available and 0 held, but its last entry leaves 720 available and 0 held"),
    ]


async def test_what_another_account_paid_for_is_a_violation_on_both_sides(
    database: Database, database_url: str, market: Market
) -> None:
    await tamper(
        database_url,
        named("UPDATE invitation SET account_id = '{agency}' WHERE id = '{invitation}'", market),
    )

    violations = await verify(database, limit=100)

    wheres = ["invitation {invitation}", entry(4)]
    assert [violation.where for violation in violations] == [
        named(where, market) for where in wheres
    ]


@pytest.mark.parametrize(
    ("connects", "cost"),
    [pytest.param(15, 15, id="in full"), pytest.param(1, 16, id="in two parts")],
)
async def test_a_subject_that_is_charged_twice_is_a_violation(
    database: Database,
    database_url: str,
    clock: ManualClock,
    market: Market,
    connects: int,
    cost: int,
) -> None:
    await tamper(database_url, f"UPDATE job SET connects = {cost} WHERE id = '{market.job}'")
    spend = Spend(connects, ConnectsAction.POST_JOB, market.job)
    async with working(database, clock) as ledger:
        await ledger.post(moving(market.client, Decision(movement=spend)))

    (violation,) = await verify(database, limit=100)

    assert (violation.invariant, violation.where) == (5, f"job {market.job}")
    assert f"2 SPEND entries for it moved {-15 - connects}" in violation.message


async def test_a_charge_for_the_wrong_action_is_a_violation_on_both_sides(
    database: Database, clock: ManualClock, market: Market
) -> None:
    charged = job(uuid4(), market.client, 1)
    async with working(database, clock) as ledger:
        posted = await ledger.post(
            charging(market.client, ConnectsAction.CONTACT_FREELANCER, charged)
        )

    violations = await verify(database, limit=100)

    of_client = f"entry {posted.sequence} of account {market.client.account_id}"
    assert [violation.where for violation in violations] == [f"job {charged.id}", of_client]


async def test_a_charge_for_what_was_never_made_is_a_violation(
    database: Database, clock: ManualClock, market: Market
) -> None:
    spend = Spend(1, ConnectsAction.CONTACT_FREELANCER, market.free_proposal)
    async with working(database, clock) as ledger:
        posted = await ledger.post(moving(market.client, Decision(movement=spend)))

    violations = await verify(database, limit=100)

    where = f"entry {posted.sequence} of account {market.client.account_id}"
    assert [(violation.invariant, violation.where) for violation in violations] == [(5, where)]


async def test_a_purchase_that_is_credited_twice_is_a_violation(
    database: Database, database_url: str, clock: ManualClock, market: Market
) -> None:
    await tamper(database_url, "")
    async with working(database, clock) as ledger:
        await ledger.post(settling(market.client, market.paid, PurchaseStatus.PAID))

    (violation,) = await verify(database, limit=100)

    assert (violation.invariant, violation.where) == (5, f"purchase {market.paid}")
    assert "2 PURCHASE entries for it moved 20" in violation.message


@pytest.mark.parametrize("size", range(1, 9))
async def test_all_rows_of_a_key_are_in_one_page_however_it_is_cut(size: int) -> None:
    wallets = [(account, "CLIENT", 0, 0, 9, b"", 0, 0, 0) for account in "ab"]
    keys: list[tuple[Any, int]] = [
        (account, sequence) for account in "ab" for sequence in range(1, 10)
    ]
    entries = [(*key, "SPEND", -1, 0, 0, None, None, None, 0, b"", b"") for key in keys]
    draws = [(*key, lot, 1) for key in keys for lot in range(key[1] % 4)]
    lots = [(*key, "BONUS", 1, 0, 0, 0, 1, None, None) for key in keys if key[1] % 3 == 0]
    drawn = [(*lot[:2], 1) for lot in lots]
    tables: Iterator[Sequence[Row]] = iter([wallets, entries, lots, draws, drawn])

    async def open_statement(statement: SqlStatement) -> NextRows:
        rows = iter(next(tables))

        async def next_rows(count: int) -> list[Row]:
            return list(islice(rows, count))

        return next_rows

    merge = await Merge.start(open_statement, size)
    pages = [page async for page in pages_of(merge)]

    assert [entry[:2] for page in pages for entry in page.entries] == keys
    assert [wallet.account_id for page in pages for wallet in page.wallets] == ["a", "b"]
    for page in pages:
        here = {entry[:2] for entry in page.entries}
        assert page.lots.keys() == page.drawn.keys() == {k for k in here if k[1] % 3 == 0}
        assert {key: len(made) for key, made in page.draws.items()} == {
            key: key[1] % 4 for key in here if key[1] % 4
        }


async def pages_of(merge: Merge) -> AsyncIterator[LedgerPage]:
    while (page := await merge.page()) is not None:
        yield page


def moving(holder: Holder, decision: Decision) -> Command:
    return Command(
        decide=lambda facts: decision, account_id=holder.account_id, actor_id=holder.user_id
    )


async def test_what_is_written_meanwhile_is_no_violation(
    database: Database, clock: ManualClock
) -> None:
    seen: list[int] = []
    async with working(database, clock) as ledger:
        holders = [await opened(ledger) for _ in range(5)]
        writing = asyncio.create_task(keep_writing(ledger, clock, holders))
        while not writing.done():
            assert (
                await verify(database, lambda _, total: seen.append(total), rows_at_a_time=3) == []
            )
        await writing

    assert await verify(database) == []
    assert len(set(seen)) > 3, "the ledger grew between one check and the next"


async def keep_writing(ledger: Ledger, clock: ManualClock, holders: list[Holder]) -> None:
    for turn in range(60):
        clock.advance(20 * 24 * 60 * 60 * 1_000_000 if turn % 10 == 0 else 1)
        await asyncio.gather(
            *(ledger.post(buying(holder, 5, lifetime_months=1 + turn % 3)) for holder in holders),
            *(ledger.post(spending(holder)) for holder in holders),
            ledger.post(charging(holders[0], ConnectsAction.POST_JOB, job(uuid4(), holders[0], 1))),
            ledger.post(touching(holders[1])),
        )
