"""The default price list."""

from tortoise import migrations

from models.data_definition import DefineTables

COST_RULES = """
    INSERT INTO cost_rule
        (action, account_kind, connects, chosen_by_payer, maximum, effective_from)
    VALUES
        ('POST_JOB', 'CLIENT', 1, FALSE, NULL, 0),
        ('POST_JOB', 'AGENCY', 5, FALSE, NULL, 0),
        ('SUBMIT_PROPOSAL', 'FREELANCER', 1, FALSE, NULL, 0),
        ('SUBMIT_PROPOSAL', 'AGENCY', 5, FALSE, NULL, 0),
        ('INVITE_FREELANCER', 'CLIENT', 1, TRUE, 50, 0),
        ('INVITE_FREELANCER', 'AGENCY', 1, TRUE, 50, 0),
        ('CONTACT_FREELANCER', 'CLIENT', 1, FALSE, NULL, 0),
        ('CONTACT_FREELANCER', 'AGENCY', 1, FALSE, NULL, 0)
"""

GRANT_RULES = """
    INSERT INTO grant_rule (account_kind, connects, lifetime_months, effective_from)
    VALUES ('CLIENT', 60, 12, 0), ('FREELANCER', 60, 12, 0), ('AGENCY', 60, 12, 0)
"""

EVERYONE = '["CLIENT","FREELANCER","AGENCY"]'
AGENCIES = '["AGENCY"]'
CENTS_PER_CONNECT = 15


def package(number: int, connects: int, for_kinds: str) -> str:
    """A package. Its id is fixed, so that it is the same in every deployment."""
    return f"""
        INSERT INTO package
            (id, connects, price_minor, currency, for_kinds, lifetime_months, on_sale,
             effective_from)
        VALUES
            ('0192a000-0000-7000-8000-{number:012d}', {connects}, {connects * CENTS_PER_CONNECT},
             'USD', '{for_kinds}', 12, TRUE, 0)
    """


class Migration(migrations.Migration):
    dependencies = [("connects", "0001_tables")]
    operations = [
        DefineTables(COST_RULES, GRANT_RULES),
        DefineTables(
            *(
                package(number, connects, EVERYONE)
                for number, connects in enumerate((10, 20, 40, 60, 80), start=1)
            ),
            *(
                package(number, connects, AGENCIES)
                for number, connects in enumerate((150, 300), start=6)
            ),
        ),
    ]
