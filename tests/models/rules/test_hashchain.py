"""The hash chain: no fact can change without changing the hash."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from models.rules.actions import ConnectsAction
from models.rules.facts import GENESIS, Draw, Entry, Lot
from models.rules.hashchain import entry_hash
from models.rules.kinds import EntryKind, LotSource

ACCOUNT, OTHER = UUID(int=1), UUID(int=99)

ENTRY = Entry(
    account_id=ACCOUNT,
    sequence=12,
    kind=EntryKind.SPEND,
    connects=-7,
    available_after=60,
    held_after=3,
    action=ConnectsAction.POST_JOB,
    subject_id=UUID(int=2),
    actor_id=UUID(int=3),
    created_at=1_795_339_800_000_000,
    prev_hash=GENESIS,
    hash=b"",
)
LOT = Lot(
    account_id=ACCOUNT,
    sequence=12,
    source=LotSource.MONTHLY_GRANT,
    granted=60,
    remaining=60,
    held=0,
    created_at=1_795_339_800_000_000,
    expires_at=1_826_875_800_000_000,
    grant_month=24322,
    purchase_id=None,
)
DRAWS = (Draw(ACCOUNT, 12, 1, 5), Draw(ACCOUNT, 12, 4, 2))
HASH = entry_hash(ENTRY, LOT, DRAWS)

OTHER_ENTRY_FACTS: dict[str, Any] = {
    "account_id": OTHER,
    "sequence": 13,
    "kind": EntryKind.EXPIRY,
    "connects": 7,
    "available_after": 61,
    "held_after": 4,
    "action": ConnectsAction.CONTACT_FREELANCER,
    "subject_id": OTHER,
    "actor_id": OTHER,
    "created_at": ENTRY.created_at + 1,
    "prev_hash": bytes(31) + b"\1",
}
OTHER_LOT_FACTS: dict[str, Any] = {
    "source": LotSource.BONUS,
    "granted": 61,
    "created_at": LOT.created_at + 1,
    "expires_at": LOT.expires_at + 1,
    "grant_month": 24323,
    "purchase_id": OTHER,
}
# What changes after the entry, and what the entry itself says already.
LOT_FACTS_LEFT_OUT = {"account_id", "sequence", "remaining", "held"}


def test_every_fact_of_an_entry_and_a_lot_is_looked_at_below() -> None:
    assert {*OTHER_ENTRY_FACTS, "hash"} == set(Entry._fields)
    assert {*OTHER_LOT_FACTS} | LOT_FACTS_LEFT_OUT == set(Lot._fields)


@pytest.mark.parametrize("field", OTHER_ENTRY_FACTS)
def test_another_fact_of_the_entry_gives_another_hash(field: str) -> None:
    changed = ENTRY._replace(**{field: OTHER_ENTRY_FACTS[field]})
    assert entry_hash(changed, LOT, DRAWS) != HASH


@pytest.mark.parametrize("field", ["action", "subject_id", "actor_id"])
def test_a_fact_that_goes_missing_gives_another_hash(field: str) -> None:
    missing: dict[str, Any] = {field: None}
    assert entry_hash(ENTRY._replace(**missing), LOT, DRAWS) != HASH


@pytest.mark.parametrize("field", OTHER_LOT_FACTS)
def test_another_fact_of_the_lot_gives_another_hash(field: str) -> None:
    changed = LOT._replace(**{field: OTHER_LOT_FACTS[field]})
    assert entry_hash(ENTRY, changed, DRAWS) != HASH


@pytest.mark.parametrize(
    "draws",
    [
        pytest.param((), id="no draws"),
        pytest.param(DRAWS[:1], id="one less"),
        pytest.param((*DRAWS, Draw(ACCOUNT, 12, 5, 1)), id="one more"),
        pytest.param(DRAWS[::-1], id="another order"),
        pytest.param((DRAWS[0], DRAWS[1]._replace(connects=3)), id="another number of Connects"),
        pytest.param((DRAWS[0], DRAWS[1]._replace(connects=-2)), id="given back"),
        pytest.param((DRAWS[0], DRAWS[1]._replace(lot_sequence=5)), id="another lot"),
    ],
)
def test_other_draws_give_another_hash(draws: tuple[Draw, ...]) -> None:
    assert entry_hash(ENTRY, LOT, draws) != HASH


def test_without_its_lot_the_entry_has_another_hash() -> None:
    assert entry_hash(ENTRY, None, DRAWS) != HASH


@pytest.mark.parametrize("change", [{"remaining": 1}, {"held": 9}], ids=["drawn", "held"])
def test_what_happens_to_the_lot_later_leaves_the_hash(change: dict[str, Any]) -> None:
    assert entry_hash(ENTRY, LOT._replace(**change), DRAWS) == HASH


def test_the_entrys_own_hash_is_left_out() -> None:
    assert entry_hash(ENTRY._replace(hash=HASH), LOT, DRAWS) == HASH


def test_plain_words_from_the_database_give_the_same_hash() -> None:
    read = ENTRY._replace(kind="SPEND", action="POST_JOB")
    assert entry_hash(read, LOT._replace(source="MONTHLY_GRANT"), list(DRAWS)) == HASH


def test_the_hash_is_sha_256_over_the_hash_before_and_the_facts_as_text() -> None:
    text = (
        "00000000-0000-0000-0000-000000000001|12|SPEND|-7|60|3|POST_JOB"
        "|00000000-0000-0000-0000-000000000002|00000000-0000-0000-0000-000000000003"
        "|1795339800000000|MONTHLY_GRANT,60,1795339800000000,1826875800000000,24322,None|1:5,4:2"
    )
    assert sha256(GENESIS + text.encode()).digest() == HASH


def test_what_is_missing_has_its_place_in_the_text() -> None:
    entry = ENTRY._replace(action=None, subject_id=None, actor_id=None)
    text = (
        "00000000-0000-0000-0000-000000000001|12|SPEND|-7|60|3|None|None|None|1795339800000000|-|"
    )
    assert entry_hash(entry, None, ()) == sha256(GENESIS + text.encode()).digest()
