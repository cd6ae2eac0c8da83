"""Categories of jobs, and cost rules with conditions on the job's category and budget."""

from tortoise import migrations

from models.data_definition import DefineTables

ACTIONS = (
    "'POST_JOB', 'SUBMIT_PROPOSAL', 'INVITE_FREELANCER', 'CONTACT_FREELANCER', 'BOOST_PROPOSAL'"
)
ABOUT_A_JOB = "'POST_JOB', 'SUBMIT_PROPOSAL', 'INVITE_FREELANCER'"
KINDS = "'CLIENT', 'FREELANCER', 'AGENCY'"
SLUG_ON_POSTGRES = "category ~ '^[a-z0-9-]{{1,40}}$'"
SLUG_ON_SQLITE = "length(category) BETWEEN 1 AND 40 AND category NOT GLOB '*[^a-z0-9-]*'"
BAND = """
    (budget_currency IS NOT NULL OR (budget_from IS NULL AND budget_below IS NULL))
    AND (budget_from IS NULL OR budget_from >= 1)
    AND (budget_below IS NULL OR budget_below > COALESCE(budget_from, 1))
"""
JOB = f"""
    action IN ({ABOUT_A_JOB}) OR (category IS NULL AND budget_currency IS NULL)
"""

ON_POSTGRES = [
    f"""
    ALTER TABLE job ADD COLUMN category TEXT
        CONSTRAINT job_category_check CHECK ({SLUG_ON_POSTGRES})
    """,
    f"""
    ALTER TABLE cost_rule
        ADD COLUMN category TEXT CONSTRAINT cost_rule_category_check CHECK ({SLUG_ON_POSTGRES}),
        ADD COLUMN budget_currency TEXT
            CONSTRAINT cost_rule_budget_currency_check CHECK (length(budget_currency) = 3),
        ADD COLUMN budget_from BIGINT,
        ADD COLUMN budget_below BIGINT,
        DROP CONSTRAINT cost_rule_pkey,
        ADD CONSTRAINT cost_rule_band_check CHECK ({BAND}),
        ADD CONSTRAINT cost_rule_job_check CHECK ({JOB})
    """,
]

# SQLite cannot drop the key of an existing table, so the table is rebuilt.
ON_SQLITE = [
    f"ALTER TABLE job ADD COLUMN category TEXT CHECK ({SLUG_ON_SQLITE})",
    "CREATE TABLE cost_rule_before AS SELECT * FROM cost_rule",
    "DROP TABLE cost_rule",
    f"""
    CREATE TABLE cost_rule (
        action TEXT NOT NULL CHECK (action IN ({ACTIONS})),
        account_kind TEXT NOT NULL CHECK (account_kind IN ({KINDS})),
        connects INTEGER NOT NULL CHECK (connects >= 0),
        chosen_by_payer INTEGER NOT NULL,
        maximum INTEGER,
        effective_from INTEGER NOT NULL,
        category TEXT CHECK ({SLUG_ON_SQLITE}),
        budget_currency TEXT CHECK (length(budget_currency) = 3),
        budget_from INTEGER,
        budget_below INTEGER,
        CHECK (maximum IS NULL OR maximum >= connects),
        CHECK ({BAND}),
        CHECK ({JOB})
    ) STRICT
    """,
    "INSERT INTO cost_rule SELECT *, NULL, NULL, NULL, NULL FROM cost_rule_before",
    "DROP TABLE cost_rule_before",
]

# A unique index, since a primary key cannot contain NULL.
CASES = """
    CREATE UNIQUE INDEX cost_rule_case_key ON cost_rule (
        action, account_kind, effective_from, COALESCE(category, ''),
        COALESCE(budget_currency, ''), COALESCE(budget_from, 1), COALESCE(budget_below, 0)
    )
"""


class Migration(migrations.Migration):
    dependencies = [("connects", "0009_spending")]
    operations = [
        DefineTables(*ON_POSTGRES, only="postgres"),
        DefineTables(*ON_SQLITE, only="sqlite"),
        DefineTables(CASES),
    ]
