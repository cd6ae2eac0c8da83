"""The return policy. By default nothing is returned."""

from tortoise import migrations

from models.data_definition import DefineTables
from models.rules.instants import FOREVER

TABLES = [
    """
    CREATE TABLE return_rule (
        reason {text} NOT NULL CHECK (reason IN ('JOB_CANCELLED', 'INVITATION_UNANSWERED')),
        percent {integer} NOT NULL CHECK (percent BETWEEN 0 AND 100),
        effective_from {bigint} NOT NULL,
        PRIMARY KEY (reason, effective_from)
    ){table_end}
    """,
    """
    INSERT INTO return_rule (reason, percent, effective_from)
    VALUES ('JOB_CANCELLED', 0, 0), ('INVITATION_UNANSWERED', 0, 0)
    """,
    *(
        f"""
        ALTER TABLE {table} ADD COLUMN returnable {{integer}} NOT NULL DEFAULT 0
            CONSTRAINT {table}_returnable_check
            CHECK (returnable >= 0 AND returnable <= connects)
        """
        for table in ("job", "invitation")
    ),
    f"ALTER TABLE wallet ADD COLUMN next_return_at {{bigint}} NOT NULL DEFAULT {FOREVER}",
    """
    CREATE UNIQUE INDEX entry_reversal_of_subject ON entry (account_id, subject_id)
        WHERE kind = 'REVERSAL'
    """,
    """
    CREATE INDEX invitation_returns ON invitation (account_id, expires_at)
        WHERE status = 'PENDING' AND returnable > 0
    """,
]


class Migration(migrations.Migration):
    dependencies = [("connects", "0003_search")]
    operations = [DefineTables(*TABLES)]
