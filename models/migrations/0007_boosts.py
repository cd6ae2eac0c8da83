"""Boosts of proposals with their rows in the price list, and entries of the kind RETURN."""

from tortoise import migrations

from models.data_definition import DefineTables

EARLIER_ACTIONS = "'POST_JOB', 'SUBMIT_PROPOSAL', 'INVITE_FREELANCER', 'CONTACT_FREELANCER'"
ACTION_CHECK = f"CHECK (action IN ({EARLIER_ACTIONS}, 'BOOST_PROPOSAL'))"
KINDS = "'CLIENT', 'FREELANCER', 'AGENCY'"
ENTRY_KINDS = (
    "'GRANT', 'PURCHASE', 'SPEND', 'EXPIRY', 'RETURN', 'REVERSAL', 'ADJUSTMENT', "
    "'HOLD', 'CAPTURE', 'RELEASE'"
)
# Returns were of the kind REVERSAL until now; those entries keep it.
RETURN_OF_SUBJECT = """
    CREATE UNIQUE INDEX entry_return_of_subject ON entry (account_id, subject_id)
        WHERE kind IN ('RETURN', 'REVERSAL')
"""

ACTIONS_ON_POSTGRES = [
    f"""
    ALTER TABLE {table} DROP CONSTRAINT {table}_action_check,
        ADD CONSTRAINT {table}_action_check {ACTION_CHECK}
    """
    for table in ("cost_rule", "entry")
]
KINDS_ON_POSTGRES = [
    f"""
    ALTER TABLE entry DROP CONSTRAINT entry_kind_check,
        ADD CONSTRAINT entry_kind_check CHECK (kind IN ({ENTRY_KINDS}))
    """,
    "DROP INDEX entry_reversal_of_subject",
    RETURN_OF_SUBJECT,
]

# SQLite cannot change a constraint of an existing table, so the tables are rebuilt. Until the
# commit, lots, draws and intents may refer to missing entries.
ACTIONS_ON_SQLITE = [
    "PRAGMA defer_foreign_keys = ON",
    "CREATE TABLE cost_rule_before AS SELECT * FROM cost_rule",
    "DROP TABLE cost_rule",
    f"""
    CREATE TABLE cost_rule (
        action TEXT NOT NULL {ACTION_CHECK},
        account_kind TEXT NOT NULL CHECK (account_kind IN ({KINDS})),
        connects INTEGER NOT NULL CHECK (connects >= 0),
        chosen_by_payer INTEGER NOT NULL,
        maximum INTEGER,
        effective_from INTEGER NOT NULL,
        PRIMARY KEY (action, account_kind, effective_from),
        CHECK (maximum IS NULL OR maximum >= connects)
    ) STRICT
    """,
    "INSERT INTO cost_rule SELECT * FROM cost_rule_before",
    "DROP TABLE cost_rule_before",
    # For each entry that goes and comes, SQLite looks for what refers to it.
    "CREATE INDEX idempotency_of_entry ON idempotency (account_id, sequence)",
    "CREATE TABLE entry_before AS SELECT * FROM entry",
    "DROP TABLE entry",
    f"""
    CREATE TABLE entry (
        account_id TEXT NOT NULL REFERENCES wallet (account_id),
        sequence INTEGER NOT NULL CHECK (sequence >= 1),
        kind TEXT NOT NULL CHECK (kind IN ({ENTRY_KINDS})),
        connects INTEGER NOT NULL,
        available_after INTEGER NOT NULL CHECK (available_after >= 0),
        held_after INTEGER NOT NULL CHECK (held_after >= 0),
        action TEXT {ACTION_CHECK},
        subject_id TEXT,
        actor_id TEXT REFERENCES "user" (id),
        created_at INTEGER NOT NULL,
        prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (account_id, sequence),
        CHECK (kind NOT IN ('GRANT', 'PURCHASE') OR connects > 0),
        CHECK (kind NOT IN ('SPEND', 'EXPIRY') OR connects < 0),
        CHECK (kind <> 'SPEND' OR (action IS NOT NULL AND subject_id IS NOT NULL)),
        CHECK (kind <> 'PURCHASE' OR subject_id IS NOT NULL)
    ) STRICT
    """,
    "INSERT INTO entry SELECT * FROM entry_before ORDER BY rowid",
    "DROP TABLE entry_before",
    "DROP INDEX idempotency_of_entry",
    """
    CREATE UNIQUE INDEX entry_of_subject ON entry (account_id, subject_id, kind)
        WHERE kind IN ('SPEND', 'PURCHASE')
    """,
    "CREATE INDEX entry_by_time ON entry (account_id, created_at, sequence)",
    RETURN_OF_SUBJECT,
    """
    CREATE INDEX entry_of_other_subject ON entry (account_id, subject_id)
        WHERE subject_id IS NOT NULL AND kind NOT IN ('SPEND', 'PURCHASE', 'RETURN', 'REVERSAL')
    """,
    *(
        f"""
        CREATE TRIGGER entry_is_append_only_{event.lower()} BEFORE {event} ON entry
        BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END
        """
        for event in ("UPDATE", "DELETE")
    ),
    # REPLACE fires no DELETE trigger.
    """
    CREATE TRIGGER entry_is_not_replaced BEFORE INSERT ON entry
    WHEN EXISTS (
        SELECT 1 FROM entry WHERE account_id = NEW.account_id AND sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END
    """,
]

TABLES = [
    """
    CREATE TABLE boost (
        proposal_id {uuid} NOT NULL PRIMARY KEY REFERENCES proposal (id),
        account_id {uuid} NOT NULL REFERENCES account (id),
        job_id {uuid} NOT NULL REFERENCES job (id),
        connects {integer} NOT NULL CHECK (connects >= 1),
        held {integer} NOT NULL CHECK (held IN (0, connects)),
        status {text} NOT NULL
            CHECK (status IN ('LEADING', 'OUTBID', 'CHARGED', 'RELEASED')),
        placed_at {bigint} NOT NULL,
        closes_at {bigint} NOT NULL,
        ended_at {bigint},
        CHECK ((status = 'LEADING') = (ended_at IS NULL)),
        CHECK (status <> 'LEADING' OR held = connects)
    ){table_end}
    """,
    "CREATE INDEX boost_of_job ON boost (job_id)",
    "CREATE INDEX boost_held ON boost (account_id) WHERE held > 0",
]

COST_RULES = """
    INSERT INTO cost_rule
        (action, account_kind, connects, chosen_by_payer, maximum, effective_from)
    VALUES
        ('BOOST_PROPOSAL', 'FREELANCER', 1, TRUE, NULL, 0),
        ('BOOST_PROPOSAL', 'AGENCY', 1, TRUE, NULL, 0)
"""


class Migration(migrations.Migration):
    dependencies = [("connects", "0006_history")]
    operations = [
        DefineTables(*ACTIONS_ON_POSTGRES, *KINDS_ON_POSTGRES, only="postgres"),
        DefineTables(*ACTIONS_ON_SQLITE, only="sqlite"),
        DefineTables(*TABLES, COST_RULES),
    ]
