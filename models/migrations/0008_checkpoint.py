"""Signed checkpoints over the heads of all wallets."""

from tortoise import migrations

from models.data_definition import DefineTables

TABLES = [
    """
    CREATE TABLE checkpoint (
        id {uuid} NOT NULL PRIMARY KEY,
        number {bigint} NOT NULL UNIQUE CHECK (number >= 1),
        at {bigint} NOT NULL,
        size {bigint} NOT NULL CHECK (size >= 0),
        root {bytes} NOT NULL CHECK (length(root) = 32),
        previous {bytes} NOT NULL CHECK (length(previous) = 32),
        signature {bytes} NOT NULL CHECK (length(signature) = 64),
        public_key {bytes} NOT NULL CHECK (length(public_key) = 32)
    ){table_end}
    """,
    # Written before their checkpoint, which makes them visible, hence no foreign keys.
    """
    CREATE TABLE checkpoint_heads (
        checkpoint_id {uuid} NOT NULL,
        first_account_id {uuid} NOT NULL,
        position {bigint} NOT NULL CHECK (position >= 0),
        heads {bytes} NOT NULL CHECK (length(heads) > 0),
        PRIMARY KEY (checkpoint_id, first_account_id)
    ){table_end}
    """,
    """
    CREATE TABLE checkpoint_node (
        checkpoint_id {uuid} NOT NULL,
        level {integer} NOT NULL CHECK (level >= 0),
        position {bigint} NOT NULL CHECK (position >= 0),
        hash {bytes} NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (checkpoint_id, level, position)
    ){table_end}
    """,
]


class Migration(migrations.Migration):
    dependencies = [("connects", "0007_boosts")]
    operations = [DefineTables(*TABLES)]
