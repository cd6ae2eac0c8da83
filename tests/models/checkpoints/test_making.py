"""Checkpoints over all wallets: what they cover, that they are made once, and what is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from models.checkpoints.keys import is_signed
from models.checkpoints.making import StoppedError, make_checkpoint
from models.ledger.ledger import Ledger
from models.rules.instants import SECOND
from models.rules.proof.checkpoints import CHUNK, NO_CHECKPOINT, Checkpoint, Inclusion
from models.rules.proof.merkle import EMPTY_ROOT, PathStep, root_of
from models.store.checkpoints.inclusions import INCLUSIONS_TOGETHER, HeadUpTo
from models.store.checkpoints.rows import KEPT, newest_checkpoint
from models.store.database import Database
from models.store.loaders import Loaders
from models.store.statements import both
from models.store.transactions import Transaction
from tests.books import count, dump
from tests.clocks import ManualClock
from tests.models.builders import buying, opened, spending
from tests.models.checkpoints.checkpointing import KEY, many_opened, post_at_random

PARTS = ("checkpoint_heads", "checkpoint_node")


async def inclusion_of(database: Database, account_id: UUID) -> Inclusion | None:
    loaders = Loaders(database)
    wallet = await loaders.wallets.load(account_id)
    assert wallet is not None
    return await loaders.inclusions.load(HeadUpTo(account_id, wallet.sequence))


def proves(inclusion: Inclusion) -> bool:
    """Whether the proof leads from the head to the signed root."""
    steps = [PathStep(step[:2] == "L:", bytes.fromhex(step[2:])) for step in inclusion.proof]
    checkpoint = inclusion.checkpoint
    return root_of(inclusion.head.leaf, steps) == checkpoint.root and is_signed(
        checkpoint.statement, checkpoint.signature, KEY.public
    )


@pytest.mark.parametrize("wallets", [1, 2, 7, CHUNK, 3 * CHUNK + 9])
async def test_every_wallet_is_proved_at_its_own_head(
    database: Database, ledger: Ledger, clock: ManualClock, wallets: int
) -> None:
    holders = await many_opened(ledger, wallets)
    await post_at_random(ledger, holders, 40, seed=wallets)

    checkpoint = await make_checkpoint(database, clock, KEY)

    loaders = Loaders(database)
    assert (checkpoint.size, checkpoint.number, checkpoint.at) == (wallets, 1, clock.now)
    assert checkpoint.previous == NO_CHECKPOINT
    found = await loaders.wallets.load_many([holder.account_id for holder in holders])
    for wallet in found:
        assert wallet is not None
        inclusion = await inclusion_of(database, wallet.account_id)
        assert inclusion is not None
        assert inclusion.checkpoint == checkpoint
        assert inclusion.head[1:] == (wallet.sequence, wallet.head_hash)
        assert proves(inclusion)
        assert not proves(inclusion._replace(head=inclusion.head._replace(sequence=99)))


async def test_a_checkpoint_changes_nothing_of_the_ledger_and_books_nothing_due(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    await many_opened(ledger, 3)
    clock.move_to("2027-12-05T12:00:00+00:00")
    before = await dump(database)

    await make_checkpoint(database, clock, KEY)

    after = dict(await dump(database))
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert changed == {"checkpoint", "checkpoint_heads"}


async def test_an_empty_ledger_has_a_checkpoint(database: Database, clock: ManualClock) -> None:
    checkpoint = await make_checkpoint(database, clock, KEY)

    assert (checkpoint.size, checkpoint.root) == (0, EMPTY_ROOT)
    assert await newest_checkpoint(database) == checkpoint


async def test_a_wallet_that_went_on_is_proved_where_it_was(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    ada = await opened(ledger)
    await make_checkpoint(database, clock, KEY)
    await ledger.post(spending(ada, 1))

    inclusion = await inclusion_of(database, ada.account_id)

    assert inclusion is not None
    assert inclusion.head.sequence == 1
    assert proves(inclusion)


async def test_a_wallet_opened_later_is_in_no_checkpoint(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    await opened(ledger)
    await make_checkpoint(database, clock, KEY)
    later = [await opened(ledger) for _ in range(5)]

    found = [await inclusion_of(database, holder.account_id) for holder in later]

    assert found == [None] * 5


async def test_who_read_their_wallet_earlier_gets_the_checkpoint_of_that_time(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    ada = await opened(ledger)
    first = await make_checkpoint(database, clock, KEY)
    await ledger.post(spending(ada, 1))
    second = await make_checkpoint(database, clock, KEY)
    loaders = Loaders(database)

    found = await loaders.inclusions.load_many([HeadUpTo(ada.account_id, n) for n in (0, 1, 2)])

    assert found[0] is None
    assert [inclusion.checkpoint for inclusion in found[1:] if inclusion] == [first, second]


async def test_checkpoints_are_chained_and_only_the_newest_keep_their_heads(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    await many_opened(ledger, CHUNK + 1)
    made: list[Checkpoint] = []
    for _ in range(KEPT + 2):
        clock.advance(1)
        made.append(await make_checkpoint(database, clock, KEY))

    assert [one.number for one in made] == [1, 2, 3, 4]
    assert [one.previous for one in made] == [NO_CHECKPOINT, *(one.hash for one in made[:-1])]
    assert await count(database, "checkpoint") == KEPT + 2
    assert await count(database, "checkpoint_heads") == 2 * KEPT
    assert await count(database, "checkpoint_node") == 2 * KEPT


async def test_time_never_goes_back(database: Database, clock: ManualClock) -> None:
    first = await make_checkpoint(database, clock, KEY)
    clock.advance(-1_000_000)

    second = await make_checkpoint(database, clock, KEY)

    assert second.at == first.at


async def test_several_at_once_make_one(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    await many_opened(ledger, CHUNK + 1)

    made = await asyncio.gather(*(make_checkpoint(database, clock, KEY) for _ in range(5)))

    assert set(made) == {await newest_checkpoint(database)}
    assert await count(database, "checkpoint") == 1
    assert [await count(database, table) for table in PARTS] == [2, 2]


async def test_spends_go_on_meanwhile_and_all_heads_are_of_one_moment(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    """Ada's entries are made before Bob's, so that no checkpoint may have more of Bob's."""
    ada, bob = await opened(ledger), await opened(ledger)
    await ledger.post(buying(ada, 500))
    await ledger.post(buying(bob, 500))

    async def spend() -> None:
        for _ in range(60):
            await ledger.post(spending(ada, 1))
            await ledger.post(spending(bob, 1))

    spends = asyncio.create_task(spend())
    seen = set()
    while not spends.done():
        clock.advance(1)
        checkpoint = await make_checkpoint(database, clock, KEY)
        loaders = Loaders(database)
        of_ada, of_bob = await loaders.inclusions.load_many(
            [HeadUpTo(holder.account_id, 10**6) for holder in (ada, bob)]
        )
        assert of_ada is not None
        assert of_bob is not None
        assert of_ada.checkpoint == of_bob.checkpoint == checkpoint
        assert of_ada.head.sequence - of_bob.head.sequence in (0, 1)
        seen.add(of_ada.head.sequence)
    await spends
    assert len(seen) > 2


@pytest.mark.parametrize("is_begun", [False, True], ids=["before", "within"])
@pytest.mark.parametrize("number", [1, 2, 3], ids=["heads", "nodes", "publishing"])
async def test_a_fault_leaves_nothing_behind_once_the_next_is_made(
    database: Database,
    ledger: Ledger,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    is_begun: bool,
) -> None:
    """From a transaction on all fail, so that what was written cannot be deleted at once."""
    await many_opened(ledger, CHUNK + 1)
    transaction = Database.transaction
    begun = 0

    @asynccontextmanager
    async def failing(self: Database) -> AsyncIterator[Transaction]:
        nonlocal begun
        begun += 1
        if begun >= number and not is_begun:
            raise ConnectionError
        async with transaction(self) as opened_transaction:
            yield opened_transaction
            if begun >= number:
                raise ConnectionError

    monkeypatch.setattr(Database, "transaction", failing)
    with pytest.raises(ConnectionError):
        await make_checkpoint(database, clock, KEY)
    monkeypatch.undo()

    assert await newest_checkpoint(database) is None
    assert await count(database, "checkpoint_heads") == (2 if number > 1 else 0)
    await make_checkpoint(database, clock, KEY)
    assert await count(database, "checkpoint") == 1
    assert [await count(database, table) for table in PARTS] == [2, 2]


async def test_one_that_is_stopped_leaves_nothing_behind(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    await many_opened(ledger, 3)

    with pytest.raises(StoppedError):
        await make_checkpoint(database, clock, KEY, lambda: False)

    assert [await count(database, table) for table in ("checkpoint", *PARTS)] == [0, 0, 0]


async def test_reads_go_on_while_a_snapshot_apart_is_open(
    database: Database, ledger: Ledger
) -> None:
    ada = await opened(ledger)
    async with database.snapshot(apart=True) as open_statement:
        read_more = await open_statement(both("SELECT account_id FROM wallet"))
        await read_more(1)

        async with asyncio.timeout(5):
            wallet = await Loaders(database).wallets.load(ada.account_id)
            await ledger.post(spending(ada, 1))

    assert wallet is not None


async def test_a_proof_reads_the_same_number_of_rows_for_one_wallet_and_for_many(
    database: Database, ledger: Ledger, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders = await many_opened(ledger, 3 * CHUNK)
    await make_checkpoint(database, clock, KEY)
    loaders = Loaders(database)
    statements: list[object] = []
    fetch = Database.fetch

    async def counting(self: Database, *arguments: object) -> object:
        statements.append(arguments[0])
        return await fetch(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "fetch", counting)

    for some in (holders[:1], holders[:INCLUSIONS_TOGETHER]):
        statements.clear()
        await loaders.inclusions.load_many([HeadUpTo(h.account_id, 1) for h in some])
        assert len(statements) == 2


async def test_none_is_made_before_the_newest_has_the_age(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    await many_opened(ledger, 3)
    first = await make_checkpoint(database, clock, KEY)
    clock.advance(59 * SECOND)

    early = await make_checkpoint(database, clock, KEY, least_age=60 * SECOND)
    clock.advance(SECOND)
    second = await make_checkpoint(database, clock, KEY, least_age=60 * SECOND)

    assert early == first
    assert second.number == 2
    assert await count(database, "checkpoint") == 2
