"""Packages by size, currency and kinds, money past 32 bits, and what reading it all takes."""

from tortoise import migrations

from models.data_definition import DefineTables

LARGEST_PRICE = (2**53 - 1) // 100
"""A hundred of a package, the most that are bought at a time, cost at most 2^53 - 1."""
VERSION = "connects, currency, for_kinds, effective_from"
PRICE = f"CHECK (price_minor BETWEEN 0 AND {LARGEST_PRICE})"

PACKAGES_ON_POSTGRES = [
    f"""
    ALTER TABLE package
        DROP CONSTRAINT package_connects_effective_from_key,
        DROP CONSTRAINT package_price_minor_check,
        ALTER COLUMN price_minor TYPE BIGINT,
        ADD CONSTRAINT package_version_key UNIQUE ({VERSION}),
        ADD CONSTRAINT package_price_minor_check {PRICE}
    """,
    "ALTER TABLE freelancer ALTER COLUMN hourly_rate_minor TYPE BIGINT",
    "ALTER TABLE job ALTER COLUMN budget_minor TYPE BIGINT",
    "ALTER TABLE proposal ALTER COLUMN bid_minor TYPE BIGINT",
]

# SQLite changes no constraint of a table that there is. Until the commit, purchases may name
# packages that are not there.
PACKAGES_ON_SQLITE = [
    "PRAGMA defer_foreign_keys = ON",
    "CREATE TABLE package_before AS SELECT * FROM package",
    "DROP TABLE package",
    f"""
    CREATE TABLE package (
        id TEXT NOT NULL PRIMARY KEY,
        connects INTEGER NOT NULL CHECK (connects BETWEEN 1 AND 1000000),
        price_minor INTEGER NOT NULL {PRICE},
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        for_kinds TEXT NOT NULL,
        lifetime_months INTEGER NOT NULL CHECK (lifetime_months BETWEEN 1 AND 1200),
        on_sale INTEGER NOT NULL,
        effective_from INTEGER NOT NULL,
        UNIQUE ({VERSION})
    ) STRICT
    """,
    "INSERT INTO package SELECT * FROM package_before",
    "DROP TABLE package_before",
]

INDEXES = [
    "CREATE INDEX purchase_by_status ON purchase (account_id, status)",
    "CREATE INDEX contact_of_freelancer ON contact (freelancer_id, id)",
    "CREATE INDEX freelancer_by_rate "
    "ON freelancer (hourly_rate_currency, hourly_rate_minor, account_id)",
]


class Migration(migrations.Migration):
    dependencies = [("connects", "0004_returns")]
    operations = [
        DefineTables("DROP INDEX freelancer_by_rate_up", "DROP INDEX freelancer_by_rate_down"),
        DefineTables(*PACKAGES_ON_POSTGRES, only="postgres"),
        DefineTables(*PACKAGES_ON_SQLITE, only="sqlite"),
        DefineTables(*INDEXES),
    ]
