"""What is written in the ledger stays as it was written, whoever asks for something else."""

from typing import NamedTuple

import pytest

from tests.models.sample_rows import CLIENT, NOVEMBER, ROWS, insert
from tests.raw import Raw, raw


class Tampering(NamedTuple):
    sql: str
    answer: dict[str, str]


def refused_with(sqlite: str, postgres: str) -> dict[str, str]:
    return {"sqlite": sqlite, "postgres": postgres}


ENTRY_STAYS = refused_with("entry is append-only", "entry is append-only")
DRAW_STAYS = refused_with("draw is append-only", "draw is append-only")
LOT_STAYS = refused_with("lots are kept", "lot is append-only")
LOT_IS_FIXED = refused_with("a lot's facts are fixed", "lot is append-only")

TAMPERINGS = [
    Tampering("UPDATE entry SET connects = connects + 1", ENTRY_STAYS),
    Tampering("UPDATE entry SET hash = hash", ENTRY_STAYS),
    Tampering("DELETE FROM entry", ENTRY_STAYS),
    Tampering("UPDATE draw SET connects = 2", DRAW_STAYS),
    Tampering("DELETE FROM draw", DRAW_STAYS),
    Tampering("DELETE FROM lot", LOT_STAYS),
    Tampering(f"UPDATE lot SET account_id = '{CLIENT}'", LOT_IS_FIXED),
    Tampering("UPDATE lot SET sequence = 9", LOT_IS_FIXED),
    Tampering("UPDATE lot SET source = 'BONUS'", LOT_IS_FIXED),
    Tampering("UPDATE lot SET granted = granted + 1, remaining = 0", LOT_IS_FIXED),
    Tampering("UPDATE lot SET created_at = 0", LOT_IS_FIXED),
    Tampering("UPDATE lot SET expires_at = expires_at + 1", LOT_IS_FIXED),
    Tampering(f"UPDATE lot SET grant_month = {NOVEMBER}", LOT_IS_FIXED),
    Tampering("UPDATE lot SET purchase_id = NULL", LOT_IS_FIXED),
]

TRUNCATIONS = [
    Tampering("TRUNCATE entry CASCADE", ENTRY_STAYS),
    Tampering("TRUNCATE draw", DRAW_STAYS),
    Tampering("TRUNCATE lot CASCADE", LOT_STAYS),
]

KEYS = {
    "entry": "account_id, sequence",
    "draw": "account_id, sequence, lot_sequence",
    "lot": "account_id, sequence",
}
REPLACEMENTS = {"entry": "created_at", "draw": "connects", "lot": "expires_at"}


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.sql)
def test_what_is_written_cannot_be_changed(filled: Raw, tampering: Tampering) -> None:
    refused = filled.attempt(tampering.sql)

    assert refused is not None
    assert (refused.kind, refused.name) == ("GUARD", tampering.answer[filled.dialect])


@pytest.mark.parametrize("tampering", TRUNCATIONS, ids=lambda tampering: tampering.sql)
def test_on_postgres_what_is_written_cannot_be_truncated(
    postgres_url: str, tampering: Tampering
) -> None:
    with raw(postgres_url) as connection:
        refused = connection.attempt(tampering.sql)

    assert refused is not None
    assert (refused.kind, refused.name) == ("GUARD", tampering.answer["postgres"])


@pytest.mark.parametrize("table", REPLACEMENTS)
def test_what_is_written_cannot_be_replaced(filled: Raw, table: str) -> None:
    column = REPLACEMENTS[table]
    sql = insert(filled.dialect, table, {**ROWS[table][0], column: 2_000_000_000})
    upsert = f"ON CONFLICT ({KEYS[table]}) DO UPDATE SET {column} = EXCLUDED.{column}"

    refused = {filled.attempt(f"{sql} {upsert}")}
    if filled.dialect == "sqlite":
        refused.add(filled.attempt(sql.replace("INSERT", "REPLACE")))

    assert {answer.kind if answer else None for answer in refused} == {"GUARD"}


def test_what_a_lot_still_holds_does_change(filled: Raw) -> None:
    assert filled.attempt("UPDATE lot SET remaining = remaining - 1, held = held + 1") is None
