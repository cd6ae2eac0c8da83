"""Sums of what was spent, kept so that spending is read fast."""

from tortoise import migrations

from models.data_definition import DefineTables

DIMENSION = "dimension {text} NOT NULL CHECK (dimension IN ('ACTION', 'MEMBER', 'JOB'))"
WATERMARK = f"""
    CREATE TABLE spending_watermark (
        account_id {{uuid}} NOT NULL REFERENCES wallet (account_id),
        {DIMENSION},
        sequence {{bigint}} NOT NULL CHECK (sequence >= 0),
        PRIMARY KEY (account_id, dimension)
    ){{table_end}}
"""
# `spent_on` is the name of an action, or the id of a member or job; empty: none.
SUM = f"""
    CREATE TABLE spending_sum (
        account_id {{uuid}} NOT NULL,
        {DIMENSION},
        width {{integer}} NOT NULL CHECK (width IN (1, 4, 24, 96, 3072)),
        slot {{bigint}} NOT NULL CHECK (slot >= 0),
        spent_on {{text}} NOT NULL,
        connects {{bigint}} NOT NULL CHECK (connects > 0),
        spends {{bigint}} NOT NULL CHECK (spends > 0),
        PRIMARY KEY (account_id, dimension, width, slot, spent_on)
    ){{table_end}}
"""


class Migration(migrations.Migration):
    dependencies = [("connects", "0008_checkpoint")]
    operations = [
        DefineTables(WATERMARK),
        DefineTables(SUM, only="postgres"),
        DefineTables(f"{SUM.rstrip()}, WITHOUT ROWID", only="sqlite"),
    ]
