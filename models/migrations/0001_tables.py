"""Accounts, the ledger of Connects, and what Connects are spent on."""

from enum import StrEnum

from tortoise import migrations

from models.data_definition import DefineTables
from models.rules.kinds import (
    AccountKind,
    EntryKind,
    InvitationStatus,
    JobStatus,
    LotSource,
    ProposalStatus,
    PurchaseStatus,
)


def one_of(words: type[StrEnum]) -> str:
    return ", ".join(f"'{word}'" for word in words)


ACTIONS = "'POST_JOB', 'SUBMIT_PROPOSAL', 'INVITE_FREELANCER', 'CONTACT_FREELANCER'"
"""Those of this version: a later migration adds its own."""

PEOPLE = [
    """
    CREATE TABLE "user" (
        id {uuid} NOT NULL PRIMARY KEY,
        subject {text} NOT NULL UNIQUE,
        name {text} NOT NULL,
        email {text},
        created_at {bigint} NOT NULL
    ){table_end}
    """,
    f"""
    CREATE TABLE account (
        id {{uuid}} NOT NULL PRIMARY KEY,
        kind {{text}} NOT NULL CHECK (kind IN ({one_of(AccountKind)})),
        name {{text}} NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        created_at {{bigint}} NOT NULL
    ){{table_end}}
    """,
    """
    CREATE TABLE membership (
        id {uuid} NOT NULL PRIMARY KEY,
        account_id {uuid} NOT NULL REFERENCES account (id),
        user_id {uuid} NOT NULL REFERENCES "user" (id),
        created_at {bigint} NOT NULL,
        UNIQUE (account_id, user_id)
    ){table_end}
    """,
    "CREATE INDEX membership_of_user ON membership (user_id, account_id)",
    """
    CREATE TABLE freelancer (
        {search_row}
        account_id {uuid} NOT NULL {search_key} REFERENCES account (id),
        title {text} NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        overview {text} NOT NULL,
        skills {json} NOT NULL,
        hourly_rate_minor {integer} CHECK (hourly_rate_minor > 0),
        hourly_rate_currency {text},
        country {text},
        rating {real} CHECK (rating BETWEEN 0 AND 5),
        available_now {boolean} NOT NULL,
        email {text},
        phone {text},
        created_at {bigint} NOT NULL,
        CHECK ((hourly_rate_minor IS NULL) = (hourly_rate_currency IS NULL))
    ){table_end}
    """,
]

PRICE_LIST = [
    f"""
    CREATE TABLE cost_rule (
        action {{text}} NOT NULL CHECK (action IN ({ACTIONS})),
        account_kind {{text}} NOT NULL CHECK (account_kind IN ({one_of(AccountKind)})),
        connects {{integer}} NOT NULL CHECK (connects >= 0),
        chosen_by_payer {{boolean}} NOT NULL,
        maximum {{integer}},
        effective_from {{bigint}} NOT NULL,
        PRIMARY KEY (action, account_kind, effective_from),
        CHECK (maximum IS NULL OR maximum >= connects)
    ){{table_end}}
    """,
    f"""
    CREATE TABLE grant_rule (
        account_kind {{text}} NOT NULL CHECK (account_kind IN ({one_of(AccountKind)})),
        connects {{integer}} NOT NULL CHECK (connects BETWEEN 0 AND 100000),
        lifetime_months {{integer}} NOT NULL CHECK (lifetime_months BETWEEN 1 AND 1200),
        effective_from {{bigint}} NOT NULL,
        PRIMARY KEY (account_kind, effective_from)
    ){{table_end}}
    """,
    """
    CREATE TABLE package (
        id {uuid} NOT NULL PRIMARY KEY,
        connects {integer} NOT NULL CHECK (connects BETWEEN 1 AND 1000000),
        price_minor {integer} NOT NULL CHECK (price_minor BETWEEN 0 AND 20000000),
        currency {text} NOT NULL CHECK (length(currency) = 3),
        for_kinds {json} NOT NULL,
        lifetime_months {integer} NOT NULL CHECK (lifetime_months BETWEEN 1 AND 1200),
        on_sale {boolean} NOT NULL,
        effective_from {bigint} NOT NULL,
        UNIQUE (connects, effective_from)
    ){table_end}
    """,
]

MARKETPLACE = [
    f"""
    CREATE TABLE purchase (
        id {{uuid}} NOT NULL PRIMARY KEY,
        account_id {{uuid}} NOT NULL REFERENCES account (id),
        user_id {{uuid}} NOT NULL REFERENCES "user" (id),
        package_id {{uuid}} NOT NULL REFERENCES package (id),
        quantity {{integer}} NOT NULL CHECK (quantity BETWEEN 1 AND 100),
        connects {{integer}} NOT NULL CHECK (connects >= 1),
        total_minor {{bigint}} NOT NULL CHECK (total_minor >= 0),
        currency {{text}} NOT NULL CHECK (length(currency) = 3),
        lifetime_months {{integer}} NOT NULL CHECK (lifetime_months >= 1),
        payment_method {{text}} NOT NULL,
        status {{text}} NOT NULL CHECK (status IN ({one_of(PurchaseStatus)})),
        created_at {{bigint}} NOT NULL,
        settled_at {{bigint}},
        CHECK ((status = 'PENDING') = (settled_at IS NULL))
    ){{table_end}}
    """,
    "CREATE INDEX purchase_of_account ON purchase (account_id, id)",
    f"""
    CREATE TABLE job (
        {{search_row}}
        id {{uuid}} NOT NULL {{search_key}},
        account_id {{uuid}} NOT NULL REFERENCES account (id),
        title {{text}} NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        description {{text}} NOT NULL,
        skills {{json}} NOT NULL,
        budget_minor {{integer}} CHECK (budget_minor > 0),
        budget_currency {{text}},
        status {{text}} NOT NULL CHECK (status IN ({one_of(JobStatus)})),
        connects {{integer}} NOT NULL CHECK (connects >= 0),
        created_at {{bigint}} NOT NULL,
        expires_at {{bigint}} NOT NULL,
        CHECK (expires_at > created_at),
        CHECK ((budget_minor IS NULL) = (budget_currency IS NULL))
    ){{table_end}}
    """,
    "CREATE INDEX job_of_account ON job (account_id, id)",
    f"""
    CREATE TABLE proposal (
        id {{uuid}} NOT NULL PRIMARY KEY,
        account_id {{uuid}} NOT NULL REFERENCES account (id),
        job_id {{uuid}} NOT NULL REFERENCES job (id),
        cover_letter {{text}} NOT NULL,
        bid_minor {{integer}} CHECK (bid_minor > 0),
        bid_currency {{text}},
        status {{text}} NOT NULL CHECK (status IN ({one_of(ProposalStatus)})),
        connects {{integer}} NOT NULL CHECK (connects >= 0),
        created_at {{bigint}} NOT NULL,
        UNIQUE (account_id, job_id),
        CHECK ((bid_minor IS NULL) = (bid_currency IS NULL))
    ){{table_end}}
    """,
    "CREATE INDEX proposal_of_account ON proposal (account_id, id)",
    "CREATE INDEX proposal_of_job ON proposal (job_id, id)",
    f"""
    CREATE TABLE invitation (
        id {{uuid}} NOT NULL PRIMARY KEY,
        account_id {{uuid}} NOT NULL REFERENCES account (id),
        job_id {{uuid}} NOT NULL REFERENCES job (id),
        freelancer_id {{uuid}} NOT NULL REFERENCES freelancer (account_id),
        message {{text}} NOT NULL,
        connects {{integer}} NOT NULL CHECK (connects >= 0),
        status {{text}} NOT NULL CHECK (status IN ({one_of(InvitationStatus)})),
        decline_reason {{text}},
        created_at {{bigint}} NOT NULL,
        expires_at {{bigint}} NOT NULL,
        CHECK (expires_at > created_at),
        CHECK (account_id <> freelancer_id)
    ){{table_end}}
    """,
    "CREATE INDEX invitation_of_job ON invitation (job_id, freelancer_id, id)",
    "CREATE INDEX invitation_of_account ON invitation (account_id, id)",
    "CREATE INDEX invitation_inbox ON invitation (freelancer_id, connects, id)",
    """
    CREATE TABLE contact (
        id {uuid} NOT NULL PRIMARY KEY,
        account_id {uuid} NOT NULL REFERENCES account (id),
        freelancer_id {uuid} NOT NULL REFERENCES freelancer (account_id),
        message {text},
        connects {integer} NOT NULL CHECK (connects >= 0),
        created_at {bigint} NOT NULL,
        UNIQUE (account_id, freelancer_id)
    ){table_end}
    """,
]

LEDGER = [
    f"""
    CREATE TABLE wallet (
        account_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES account (id),
        account_kind {{text}} NOT NULL CHECK (account_kind IN ({one_of(AccountKind)})),
        available {{integer}} NOT NULL CHECK (available >= 0),
        held {{integer}} NOT NULL CHECK (held >= 0),
        sequence {{bigint}} NOT NULL CHECK (sequence >= 0),
        head_hash {{bytes}} NOT NULL CHECK (length(head_hash) = 32),
        next_event_at {{bigint}} NOT NULL,
        last_grant_month {{integer}} NOT NULL,
        updated_at {{bigint}} NOT NULL
    ){{table_end}}
    """,
    "CREATE INDEX wallet_due ON wallet (next_event_at)",
    f"""
    CREATE TABLE entry (
        account_id {{uuid}} NOT NULL REFERENCES wallet (account_id),
        sequence {{bigint}} NOT NULL CHECK (sequence >= 1),
        kind {{text}} NOT NULL CHECK (kind IN ({one_of(EntryKind)})),
        connects {{integer}} NOT NULL,
        available_after {{integer}} NOT NULL CHECK (available_after >= 0),
        held_after {{integer}} NOT NULL CHECK (held_after >= 0),
        action {{text}} CHECK (action IN ({ACTIONS})),
        subject_id {{uuid}},
        actor_id {{uuid}} REFERENCES "user" (id),
        created_at {{bigint}} NOT NULL,
        prev_hash {{bytes}} NOT NULL CHECK (length(prev_hash) = 32),
        hash {{bytes}} NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (account_id, sequence),
        CHECK (kind NOT IN ('GRANT', 'PURCHASE') OR connects > 0),
        CHECK (kind NOT IN ('SPEND', 'EXPIRY') OR connects < 0),
        CHECK (kind <> 'SPEND' OR (action IS NOT NULL AND subject_id IS NOT NULL)),
        CHECK (kind <> 'PURCHASE' OR subject_id IS NOT NULL)
    ){{table_end}}
    """,
    """
    CREATE UNIQUE INDEX entry_of_subject ON entry (account_id, subject_id, kind)
        WHERE kind IN ('SPEND', 'PURCHASE')
    """,
    "CREATE INDEX entry_by_time ON entry (account_id, created_at, sequence)",
    f"""
    CREATE TABLE lot (
        account_id {{uuid}} NOT NULL,
        sequence {{bigint}} NOT NULL,
        source {{text}} NOT NULL CHECK (source IN ({one_of(LotSource)})),
        granted {{integer}} NOT NULL CHECK (granted > 0),
        remaining {{integer}} NOT NULL CHECK (remaining >= 0),
        held {{integer}} NOT NULL CHECK (held >= 0),
        created_at {{bigint}} NOT NULL,
        expires_at {{bigint}} NOT NULL,
        grant_month {{integer}},
        purchase_id {{uuid}} REFERENCES purchase (id),
        PRIMARY KEY (account_id, sequence),
        FOREIGN KEY (account_id, sequence) REFERENCES entry (account_id, sequence),
        CHECK (remaining + held <= granted),
        CHECK (expires_at > created_at),
        CHECK ((source = 'MONTHLY_GRANT') = (grant_month IS NOT NULL)),
        CHECK ((source = 'PURCHASE') = (purchase_id IS NOT NULL))
    ){{table_end}}
    """,
    """
    CREATE INDEX lot_live ON lot (account_id, expires_at, sequence) WHERE remaining > 0
    """,
    """
    CREATE UNIQUE INDEX lot_of_month ON lot (account_id, grant_month)
        WHERE grant_month IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX lot_of_purchase ON lot (account_id, purchase_id)
        WHERE purchase_id IS NOT NULL
    """,
    """
    CREATE TABLE draw (
        account_id {uuid} NOT NULL,
        sequence {bigint} NOT NULL,
        lot_sequence {bigint} NOT NULL,
        connects {integer} NOT NULL CHECK (connects <> 0),
        PRIMARY KEY (account_id, sequence, lot_sequence),
        FOREIGN KEY (account_id, sequence) REFERENCES entry (account_id, sequence),
        FOREIGN KEY (account_id, lot_sequence) REFERENCES lot (account_id, sequence)
    ){table_end}
    """,
    "CREATE INDEX draw_of_lot ON draw (account_id, lot_sequence)",
    """
    CREATE TABLE idempotency (
        user_id {uuid} NOT NULL REFERENCES "user" (id),
        key {text} NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
        request_hash {bytes} NOT NULL CHECK (length(request_hash) = 32),
        account_id {uuid},
        sequence {bigint},
        subject_id {uuid},
        refusal {json},
        created_at {bigint} NOT NULL,
        PRIMARY KEY (user_id, key),
        FOREIGN KEY (account_id, sequence) REFERENCES entry (account_id, sequence),
        CHECK (refusal IS NULL OR (sequence IS NULL AND subject_id IS NULL))
    ){table_end}
    """,
]

FROZEN_LOT_COLUMNS = (
    "account_id, sequence, source, granted, created_at, expires_at, grant_month, purchase_id"
)

GUARDS_ON_SQLITE = [
    statement
    for table in ("entry", "draw")
    for statement in (
        f"""
        CREATE TRIGGER {table}_is_append_only_update BEFORE UPDATE ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
        """,
        f"""
        CREATE TRIGGER {table}_is_append_only_delete BEFORE DELETE ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
        """,
    )
] + [
    f"""
    CREATE TRIGGER lot_facts_are_fixed BEFORE UPDATE OF {FROZEN_LOT_COLUMNS} ON lot
    BEGIN SELECT RAISE(ABORT, 'a lot''s facts are fixed'); END
    """,
    """
    CREATE TRIGGER lot_is_kept BEFORE DELETE ON lot
    BEGIN SELECT RAISE(ABORT, 'lots are kept'); END
    """,
    # REPLACE fires no DELETE trigger.
    *(
        f"""
        CREATE TRIGGER {table}_is_not_replaced BEFORE INSERT ON {table}
        WHEN EXISTS (
            SELECT 1 FROM {table} WHERE account_id = NEW.account_id AND {same_line})
        BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
        """
        for table, same_line in (
            ("entry", "sequence = NEW.sequence"),
            ("draw", "sequence = NEW.sequence AND lot_sequence = NEW.lot_sequence"),
            ("lot", "sequence = NEW.sequence"),
        )
    ),
]

GUARDS_ON_POSTGRES = [
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
        for table in ("entry", "draw")
    ),
    f"""
    CREATE TRIGGER lot_facts_are_fixed BEFORE UPDATE OF {FROZEN_LOT_COLUMNS} ON lot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER lot_is_kept BEFORE DELETE OR TRUNCATE ON lot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
]


class Migration(migrations.Migration):
    initial = True
    operations = [
        DefineTables(*PEOPLE, *PRICE_LIST, *MARKETPLACE, *LEDGER),
        DefineTables(*GUARDS_ON_SQLITE, only="sqlite"),
        DefineTables(*GUARDS_ON_POSTGRES, only="postgres"),
    ]
