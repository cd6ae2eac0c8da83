"""What the migrated database refuses, whoever writes to it: each constraint broken once."""

import re
from typing import NamedTuple

import pytest

from models.store.database import Dialect
from tests.models.sample_rows import (
    CHECKPOINT,
    CLIENT,
    HASH,
    JOB,
    NOTHING,
    NOVEMBER,
    NOW,
    PACKAGE,
    PROPOSAL,
    PURCHASE,
    ROWS,
    TALENT,
    USER,
    Values,
    another,
    insert,
    uid,
)
from tests.raw import Raw, Refused, raw


class Broken(NamedTuple):
    """A row that breaks one constraint: another row of `table`, with `changes`."""

    table: str
    constraint: str
    changes: Values

    @property
    def name(self) -> str:
        return f"{self.table}_{self.constraint}"

    def kind(self, dialect: Dialect) -> str:
        if self.constraint == "pkey" or self.constraint.endswith("_key"):
            # On SQLite the guard against REPLACE is asked before the key.
            guarded = dialect == "sqlite" and self.table in ("entry", "lot", "draw")
            return "GUARD" if guarded else "UNIQUE"
        return "FOREIGN KEY" if self.constraint.endswith("_fkey") else "CHECK"


BROKEN = [
    Broken("user", "pkey", {"id": USER}),
    Broken("user", "subject_key", {"subject": "ada"}),
    Broken("account", "pkey", {"id": CLIENT}),
    Broken("account", "kind_check", {"kind": "PIRATE"}),
    Broken("account", "kind_check", {"kind": "client"}),
    Broken("account", "name_check", {"name": ""}),
    Broken("account", "name_check", {"name": "x" * 201}),
    Broken("membership", "pkey", {"id": uid(10)}),
    Broken("membership", "account_id_user_id_key", {"account_id": CLIENT}),
    Broken("membership", "account_id_fkey", {"account_id": NOTHING}),
    Broken("membership", "user_id_fkey", {"user_id": NOTHING}),
    Broken("freelancer", "pkey", {"account_id": TALENT}),
    Broken("freelancer", "account_id_fkey", {"account_id": NOTHING}),
    Broken("freelancer", "title_check", {"title": ""}),
    Broken("freelancer", "title_check", {"title": "x" * 201}),
    Broken("freelancer", "hourly_rate_minor_check", {"hourly_rate_minor": 0}),
    Broken("freelancer", "check", {"hourly_rate_minor": None}),
    Broken("freelancer", "check", {"hourly_rate_currency": None}),
    Broken("freelancer", "rating_check", {"rating": -0.1}),
    Broken("freelancer", "rating_check", {"rating": 5.1}),
    Broken("cost_rule", "case_key", {"effective_from": NOW}),
    Broken("cost_rule", "case_key", {"effective_from": NOW, "connects": 3}),
    Broken("cost_rule", "action_check", {"action": "FLY"}),
    Broken("cost_rule", "account_kind_check", {"account_kind": "PIRATE"}),
    Broken("cost_rule", "connects_check", {"connects": -1}),
    Broken("cost_rule", "check", {"maximum": 1}),
    Broken("cost_rule", "category_check", {"category": ""}),
    Broken("cost_rule", "category_check", {"category": "Web"}),
    Broken("cost_rule", "category_check", {"category": "web design"}),
    Broken("cost_rule", "category_check", {"category": "web\n"}),
    Broken("cost_rule", "category_check", {"category": "x" * 41}),
    Broken("cost_rule", "budget_currency_check", {"budget_currency": "US"}),
    Broken("cost_rule", "band_check", {"budget_currency": None}),
    Broken("cost_rule", "band_check", {"budget_currency": None, "budget_from": None}),
    Broken("cost_rule", "band_check", {"budget_currency": None, "budget_below": None}),
    Broken("cost_rule", "band_check", {"budget_from": 0}),
    Broken("cost_rule", "band_check", {"budget_from": 200}),
    Broken("cost_rule", "band_check", {"budget_from": None, "budget_below": 1}),
    Broken("cost_rule", "job_check", {"action": "BOOST_PROPOSAL"}),
    Broken("cost_rule", "job_check", {"action": "CONTACT_FREELANCER"}),
    Broken("grant_rule", "pkey", {"effective_from": NOW}),
    Broken("grant_rule", "account_kind_check", {"account_kind": "PIRATE"}),
    Broken("grant_rule", "connects_check", {"connects": -1}),
    Broken("grant_rule", "connects_check", {"connects": 100_001}),
    Broken("grant_rule", "lifetime_months_check", {"lifetime_months": 0}),
    Broken("grant_rule", "lifetime_months_check", {"lifetime_months": 1201}),
    Broken("return_rule", "pkey", {"effective_from": NOW}),
    Broken("return_rule", "reason_check", {"reason": "BAD_LUCK"}),
    Broken("return_rule", "percent_check", {"percent": -1}),
    Broken("return_rule", "percent_check", {"percent": 101}),
    Broken("package", "pkey", {"id": PACKAGE}),
    Broken("package", "version_key", {"effective_from": NOW}),
    Broken("package", "connects_check", {"connects": 0}),
    Broken("package", "connects_check", {"connects": 1_000_001}),
    Broken("package", "price_minor_check", {"price_minor": -1}),
    Broken("package", "price_minor_check", {"price_minor": (2**53 - 1) // 100 + 1}),
    Broken("package", "currency_check", {"currency": "US"}),
    Broken("package", "lifetime_months_check", {"lifetime_months": 0}),
    Broken("package", "lifetime_months_check", {"lifetime_months": 1201}),
    Broken("purchase", "pkey", {"id": PURCHASE}),
    Broken("purchase", "account_id_fkey", {"account_id": NOTHING}),
    Broken("purchase", "user_id_fkey", {"user_id": NOTHING}),
    Broken("purchase", "package_id_fkey", {"package_id": NOTHING}),
    Broken("purchase", "quantity_check", {"quantity": 0}),
    Broken("purchase", "quantity_check", {"quantity": 101}),
    Broken("purchase", "connects_check", {"connects": 0}),
    Broken("purchase", "total_minor_check", {"total_minor": -1}),
    Broken("purchase", "currency_check", {"currency": "DOLLAR"}),
    Broken("purchase", "lifetime_months_check", {"lifetime_months": 0}),
    Broken("purchase", "status_check", {"status": "STOLEN"}),
    Broken("purchase", "check", {"status": "PENDING"}),
    Broken("purchase", "check", {"settled_at": None}),
    Broken("job", "pkey", {"id": JOB}),
    Broken("job", "account_id_fkey", {"account_id": NOTHING}),
    Broken("job", "title_check", {"title": ""}),
    Broken("job", "title_check", {"title": "x" * 201}),
    Broken("job", "budget_minor_check", {"budget_minor": 0}),
    Broken("job", "check1", {"budget_minor": None}),
    Broken("job", "check1", {"budget_currency": None}),
    Broken("job", "category_check", {"category": ""}),
    Broken("job", "category_check", {"category": "Web"}),
    Broken("job", "category_check", {"category": "x" * 41}),
    Broken("job", "status_check", {"status": "LOST"}),
    Broken("job", "connects_check", {"connects": -1}),
    Broken("job", "check", {"expires_at": NOW}),
    Broken("job", "returnable_check", {"returnable": -1}),
    Broken("job", "returnable_check", {"returnable": 3}),
    Broken("proposal", "pkey", {"id": PROPOSAL}),
    Broken("proposal", "account_id_job_id_key", {"job_id": JOB}),
    Broken("proposal", "account_id_fkey", {"account_id": NOTHING}),
    Broken("proposal", "job_id_fkey", {"job_id": NOTHING}),
    Broken("proposal", "bid_minor_check", {"bid_minor": 0}),
    Broken("proposal", "check", {"bid_minor": None}),
    Broken("proposal", "check", {"bid_currency": None}),
    Broken("proposal", "status_check", {"status": "LOST"}),
    Broken("proposal", "connects_check", {"connects": -1}),
    Broken("boost", "pkey", {"proposal_id": PROPOSAL}),
    Broken("boost", "proposal_id_fkey", {"proposal_id": NOTHING}),
    Broken("boost", "account_id_fkey", {"account_id": NOTHING}),
    Broken("boost", "job_id_fkey", {"job_id": NOTHING}),
    Broken("boost", "connects_check", {"connects": 0, "held": 0}),
    Broken("boost", "check", {"held": 1}),
    Broken("boost", "check", {"held": -1}),
    Broken("boost", "status_check", {"status": "LOST", "ended_at": NOW}),
    Broken("boost", "check1", {"ended_at": NOW}),
    Broken("boost", "check1", {"status": "OUTBID"}),
    Broken("boost", "check2", {"held": 0}),
    Broken("invitation", "pkey", {"id": uid(11)}),
    Broken("invitation", "account_id_fkey", {"account_id": NOTHING}),
    Broken("invitation", "job_id_fkey", {"job_id": NOTHING}),
    Broken("invitation", "freelancer_id_fkey", {"freelancer_id": NOTHING}),
    Broken("invitation", "connects_check", {"connects": -1}),
    Broken("invitation", "status_check", {"status": "LOST"}),
    Broken("invitation", "check", {"expires_at": NOW}),
    Broken("invitation", "check1", {"account_id": TALENT}),
    Broken("invitation", "returnable_check", {"returnable": -1}),
    Broken("invitation", "returnable_check", {"returnable": 3}),
    Broken("contact", "pkey", {"id": uid(12)}),
    Broken("contact", "account_id_freelancer_id_key", {"account_id": CLIENT}),
    Broken("contact", "account_id_fkey", {"account_id": NOTHING}),
    Broken("contact", "freelancer_id_fkey", {"freelancer_id": NOTHING}),
    Broken("contact", "connects_check", {"connects": -1}),
    Broken("wallet", "pkey", {"account_id": CLIENT}),
    Broken("wallet", "account_id_fkey", {"account_id": NOTHING}),
    Broken("wallet", "account_kind_check", {"account_kind": "PIRATE"}),
    Broken("wallet", "available_check", {"available": -1}),
    Broken("wallet", "held_check", {"held": -1}),
    Broken("wallet", "sequence_check", {"sequence": -1}),
    Broken("wallet", "head_hash_check", {"head_hash": HASH[1:]}),
    Broken("entry", "pkey", {"sequence": 1}),
    Broken("entry", "account_id_fkey", {"account_id": NOTHING}),
    Broken("entry", "actor_id_fkey", {"actor_id": NOTHING}),
    Broken("entry", "sequence_check", {"sequence": 0}),
    Broken("entry", "kind_check", {"kind": "GIFT"}),
    Broken("entry", "available_after_check", {"available_after": -1}),
    Broken("entry", "held_after_check", {"held_after": -1}),
    Broken("entry", "action_check", {"action": "FLY"}),
    Broken("entry", "prev_hash_check", {"prev_hash": HASH[1:]}),
    Broken("entry", "hash_check", {"hash": HASH[1:]}),
    Broken("entry", "check", {"kind": "GRANT", "connects": 0}),
    Broken("entry", "check", {"kind": "PURCHASE", "connects": -1, "subject_id": NOTHING}),
    Broken("entry", "check1", {"kind": "EXPIRY", "connects": 0}),
    Broken(
        "entry",
        "check1",
        {"kind": "SPEND", "connects": 1, "action": "POST_JOB", "subject_id": NOTHING},
    ),
    Broken("entry", "check2", {"kind": "SPEND", "connects": -1, "subject_id": NOTHING}),
    Broken("entry", "check2", {"kind": "SPEND", "connects": -1, "action": "POST_JOB"}),
    Broken("entry", "check3", {"kind": "PURCHASE", "connects": 1}),
    Broken("lot", "pkey", {"sequence": 1}),
    Broken("lot", "account_id_sequence_fkey", {"sequence": 99}),
    Broken("lot", "account_id_sequence_fkey", {"account_id": TALENT}),
    Broken("lot", "purchase_id_fkey", {"source": "PURCHASE", "purchase_id": NOTHING}),
    Broken("lot", "source_check", {"source": "THEFT"}),
    Broken("lot", "granted_check", {"granted": 0, "remaining": 0}),
    Broken("lot", "remaining_check", {"remaining": -1}),
    Broken("lot", "held_check", {"held": -1}),
    Broken("lot", "check", {"remaining": 10, "held": 1}),
    Broken("lot", "check1", {"expires_at": NOW}),
    Broken("lot", "check2", {"source": "MONTHLY_GRANT"}),
    Broken("lot", "check2", {"grant_month": NOVEMBER + 1}),
    Broken("lot", "check3", {"source": "PURCHASE"}),
    Broken("lot", "check3", {"purchase_id": PURCHASE}),
    Broken("draw", "pkey", {"sequence": 3}),
    Broken("draw", "account_id_sequence_fkey", {"sequence": 99}),
    Broken("draw", "account_id_lot_sequence_fkey", {"lot_sequence": 3}),
    Broken("draw", "connects_check", {"connects": 0}),
    Broken("idempotency", "pkey", {"key": "k"}),
    Broken("idempotency", "user_id_fkey", {"user_id": NOTHING}),
    Broken("idempotency", "account_id_sequence_fkey", {"sequence": 99}),
    Broken("idempotency", "key_check", {"key": ""}),
    Broken("idempotency", "key_check", {"key": "x" * 256}),
    Broken("idempotency", "request_hash_check", {"request_hash": b""}),
    Broken("idempotency", "check", {"refusal": "{}", "sequence": None}),
    Broken("idempotency", "check", {"refusal": "{}", "subject_id": None}),
    Broken("checkpoint", "pkey", {"id": CHECKPOINT}),
    Broken("checkpoint", "number_key", {"number": 1}),
    Broken("checkpoint", "number_check", {"number": 0}),
    Broken("checkpoint", "size_check", {"size": -1}),
    Broken("checkpoint", "root_check", {"root": HASH[1:]}),
    Broken("checkpoint", "previous_check", {"previous": HASH[1:]}),
    Broken("checkpoint", "signature_check", {"signature": HASH}),
    Broken("checkpoint", "public_key_check", {"public_key": HASH[1:]}),
    Broken("checkpoint_heads", "pkey", {"first_account_id": CLIENT}),
    Broken("checkpoint_heads", "position_check", {"position": -1}),
    Broken("checkpoint_heads", "heads_check", {"heads": b""}),
    Broken("checkpoint_node", "pkey", {"position": 0}),
    Broken("checkpoint_node", "level_check", {"level": -1}),
    Broken("checkpoint_node", "position_check", {"position": -1}),
    Broken("checkpoint_node", "hash_check", {"hash": HASH[1:]}),
    Broken("spending_watermark", "pkey", {"dimension": "ACTION"}),
    Broken("spending_watermark", "account_id_fkey", {"account_id": NOTHING}),
    Broken("spending_watermark", "dimension_check", {"dimension": "action"}),
    Broken("spending_watermark", "sequence_check", {"sequence": -1}),
    Broken("spending_sum", "pkey", {"spent_on": ""}),
    Broken("spending_sum", "dimension_check", {"dimension": "action"}),
    Broken("spending_sum", "width_check", {"width": 2}),
    Broken("spending_sum", "slot_check", {"slot": -1}),
    Broken("spending_sum", "connects_check", {"connects": 0}),
    Broken("spending_sum", "spends_check", {"spends": 0}),
]

# Unique indexes over a part of their table. Their names do not begin with the table's.
BROKEN_INDEXES = {
    "entry_of_subject": another(
        "entry",
        {"kind": "SPEND", "connects": -1, "action": "CONTACT_FREELANCER", "subject_id": JOB},
    ),
    "entry_return_of_subject": another(
        "entry", {"kind": "RETURN", "connects": 1, "subject_id": JOB}
    ),
    "lot_of_month": another("lot", {"source": "MONTHLY_GRANT", "grant_month": NOVEMBER}),
    "lot_of_purchase": another("lot", {"source": "PURCHASE", "purchase_id": PURCHASE}),
}

# The indexes that SQLite keeps for searching; the triggers of the searched tables fill them.
SEARCH_TABLE = re.compile(r"(freelancer|job)_(search|skill)")

NULLABLE = {
    "boost": {"ended_at"},
    "user": {"email"},
    "freelancer": {"country", "email", "hourly_rate_currency", "hourly_rate_minor", "phone"}
    | {"rating"},
    "cost_rule": {"maximum", "category", "budget_currency", "budget_from", "budget_below"},
    "purchase": {"settled_at"},
    "job": {"budget_minor", "budget_currency", "category"},
    "proposal": {"bid_minor", "bid_currency"},
    "invitation": {"decline_reason"},
    "contact": {"message"},
    "entry": {"action", "subject_id", "actor_id"},
    "lot": {"grant_month", "purchase_id"},
    "idempotency": {"account_id", "sequence", "subject_id", "refusal"},
}


@pytest.mark.parametrize("table", ROWS)
def test_a_row_that_breaks_nothing_is_taken(filled: Raw, table: str) -> None:
    assert filled.attempt(insert(filled.dialect, table, another(table))) is None


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_row_that_breaks_a_constraint_is_refused(filled: Raw, broken: Broken) -> None:
    row = another(broken.table, broken.changes)

    refused = filled.attempt(insert(filled.dialect, broken.table, row))

    assert refused is not None
    assert refused.kind == broken.kind(filled.dialect)
    if filled.dialect == "postgres":
        assert refused.name == broken.name


@pytest.mark.parametrize("index", BROKEN_INDEXES)
def test_a_row_that_breaks_a_unique_index_is_refused(filled: Raw, index: str) -> None:
    table = index.partition("_")[0]

    refused = filled.attempt(insert(filled.dialect, table, BROKEN_INDEXES[index]))

    assert refused is not None
    assert refused.kind == "UNIQUE"
    if filled.dialect == "postgres":
        assert refused.name == index


@pytest.mark.parametrize("table", ROWS)
def test_a_row_that_lacks_a_needed_value_is_refused(filled: Raw, table: str) -> None:
    needed = ROWS[table][0].keys() - NULLABLE.get(table, set())

    refused = {
        column: filled.attempt(insert(filled.dialect, table, another(table, {column: None})))
        for column in needed
    }

    assert refused == {column: Refused("NOT NULL", f"{table}.{column}") for column in needed}


def test_every_constraint_of_the_migrated_database_is_broken_above(postgres_url: str) -> None:
    # SQLite names no constraint; there the tables come from the same text.
    with raw(postgres_url) as connection:
        constraints = connection.rows(
            """
            SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
            WHERE relnamespace = 'public'::regnamespace AND relname <> 'tortoise_migrations'
              AND contype <> 'n'
            UNION
            SELECT named.relname FROM pg_index
            JOIN pg_class AS named ON named.oid = indexrelid
            JOIN pg_class AS indexed ON indexed.oid = indrelid
            WHERE indisunique AND indexed.relnamespace = 'public'::regnamespace
              AND indexed.relname <> 'tortoise_migrations'
            """
        )

    assert {name for (name,) in constraints} == {b.name for b in BROKEN} | BROKEN_INDEXES.keys()


def test_the_sample_rows_cover_every_table(filled: Raw) -> None:
    catalogue = {
        "sqlite": "SELECT name FROM pragma_table_list WHERE schema = 'main'"
        " AND name NOT LIKE 'sqlite%'",
        "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    }

    tables = {name for (name,) in filled.rows(catalogue[filled.dialect])}

    assert {table for table in tables if not SEARCH_TABLE.match(str(table))} == {
        *ROWS,
        "tortoise_migrations",
    }


def test_sqlite_holds_to_the_types_of_its_columns(sqlite_url: str) -> None:
    with raw(sqlite_url) as connection:
        loose = connection.rows(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict"
            " AND name NOT LIKE 'sqlite%'"
        )

    assert [name for (name,) in loose if not SEARCH_TABLE.match(str(name))] == [
        "tortoise_migrations"
    ]
