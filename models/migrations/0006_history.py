"""Indexes for looking back: where a lot went, and which entries concern a subject."""

from tortoise import migrations

from models.data_definition import DefineTables

INDEXES = [
    "DROP INDEX draw_of_lot",
    "CREATE INDEX draw_of_lot ON draw (account_id, lot_sequence, sequence)",
    # Spends, purchases and returns have indexes of their own; this one costs a spend nothing.
    """
    CREATE INDEX entry_of_other_subject ON entry (account_id, subject_id)
        WHERE subject_id IS NOT NULL AND kind NOT IN ('SPEND', 'PURCHASE', 'RETURN', 'REVERSAL')
    """,
]


class Migration(migrations.Migration):
    dependencies = [("connects", "0005_money")]
    operations = [DefineTables(*INDEXES)]
