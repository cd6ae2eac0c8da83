"""One account's life as rows: what a migrated database takes, and a further row of each table."""

from collections.abc import Mapping
from uuid import UUID

from models.store.database import Dialect

Value = str | int | float | bool | bytes | UUID | None
Values = Mapping[str, Value]


def uid(number: int) -> UUID:
    return UUID(int=number)


NOW = 1_795_339_800_000_000
LATER = NOW + 1
USER, CLIENT, TALENT = uid(1), uid(2), uid(3)
PACKAGE, PURCHASE, JOB, PROPOSAL = uid(4), uid(5), uid(6), uid(7)
OTHER_PROPOSAL, OTHER_JOB = uid(8), uid(9)
CHECKPOINT = uid(13)
NOTHING = uid(999)
HASH = bytes(32)
NOVEMBER = 24322

_ENTRY: Values = {
    "account_id": CLIENT,
    "connects": 60,
    "available_after": 60,
    "held_after": 0,
    "action": None,
    "subject_id": None,
    "actor_id": USER,
    "created_at": NOW,
    "prev_hash": HASH,
    "hash": HASH,
}
_SPEND: Values = {**_ENTRY, "kind": "SPEND", "connects": -1, "action": "POST_JOB"}
_BUY: Values = {**_ENTRY, "kind": "PURCHASE", "connects": 10}
_LOT: Values = {
    "account_id": CLIENT,
    "granted": 10,
    "remaining": 10,
    "held": 0,
    "created_at": NOW,
    "expires_at": LATER,
}

# Tables in an order in which they can be filled.
ROWS: Mapping[str, list[Values]] = {
    "user": [{"id": USER, "subject": "ada", "name": "Ada", "email": None, "created_at": NOW}],
    "account": [
        {"id": CLIENT, "kind": "CLIENT", "name": "Engines", "created_at": NOW},
        {"id": TALENT, "kind": "FREELANCER", "name": "Ada", "created_at": NOW},
    ],
    "membership": [{"id": uid(10), "account_id": CLIENT, "user_id": USER, "created_at": NOW}],
    "freelancer": [
        {
            "account_id": TALENT,
            "title": "Analyst",
            "overview": "",
            "skills": "[]",
            "hourly_rate_minor": 5000,
            "hourly_rate_currency": "USD",
            "country": None,
            "rating": 4.5,
            "available_now": True,
            "email": None,
            "phone": None,
            "created_at": NOW,
        }
    ],
    "cost_rule": [
        {
            "action": "POST_JOB",
            "account_kind": "CLIENT",
            "connects": 2,
            "chosen_by_payer": True,
            "maximum": 9,
            "effective_from": NOW,
            "category": "web-design",
            "budget_currency": "USD",
            "budget_from": 100,
            "budget_below": 200,
        }
    ],
    "grant_rule": [
        {"account_kind": "CLIENT", "connects": 0, "lifetime_months": 1, "effective_from": NOW}
    ],
    "return_rule": [{"reason": "JOB_CANCELLED", "percent": 100, "effective_from": NOW}],
    "package": [
        {
            "id": PACKAGE,
            "connects": 1,
            "price_minor": 0,
            "currency": "USD",
            "for_kinds": "[]",
            "lifetime_months": 1200,
            "on_sale": True,
            "effective_from": NOW,
        }
    ],
    "purchase": [
        {
            "id": PURCHASE,
            "account_id": CLIENT,
            "user_id": USER,
            "package_id": PACKAGE,
            "quantity": 100,
            "connects": 1,
            "total_minor": 0,
            "currency": "USD",
            "lifetime_months": 1,
            "payment_method": "card",
            "status": "PAID",
            "created_at": NOW,
            "settled_at": NOW,
        }
    ],
    "job": [
        {
            "id": JOB,
            "account_id": CLIENT,
            "title": "x" * 200,
            "description": "",
            "skills": "[]",
            "budget_minor": 1,
            "budget_currency": "USD",
            "category": "web-design",
            "status": "OPEN",
            "connects": 2,
            "returnable": 2,
            "created_at": NOW,
            "expires_at": LATER,
        },
        {
            "id": OTHER_JOB,
            "account_id": CLIENT,
            "title": "x" * 200,
            "description": "",
            "skills": "[]",
            "budget_minor": 1,
            "budget_currency": "USD",
            "category": "web-design",
            "status": "OPEN",
            "connects": 2,
            "returnable": 2,
            "created_at": NOW,
            "expires_at": LATER,
        },
    ],
    "proposal": [
        {
            "id": PROPOSAL,
            "account_id": TALENT,
            "job_id": JOB,
            "cover_letter": "",
            "bid_minor": 1,
            "bid_currency": "USD",
            "status": "SUBMITTED",
            "connects": 0,
            "created_at": NOW,
        },
        {
            "id": OTHER_PROPOSAL,
            "account_id": CLIENT,
            "job_id": JOB,
            "cover_letter": "",
            "bid_minor": None,
            "bid_currency": None,
            "status": "SUBMITTED",
            "connects": 0,
            "created_at": NOW,
        },
    ],
    "boost": [
        {
            "proposal_id": PROPOSAL,
            "account_id": TALENT,
            "job_id": JOB,
            "connects": 2,
            "held": 2,
            "status": "LEADING",
            "placed_at": NOW,
            "closes_at": LATER,
            "ended_at": None,
        }
    ],
    "invitation": [
        {
            "id": uid(11),
            "account_id": CLIENT,
            "job_id": JOB,
            "freelancer_id": TALENT,
            "message": "",
            "connects": 2,
            "returnable": 2,
            "status": "PENDING",
            "decline_reason": None,
            "created_at": NOW,
            "expires_at": LATER,
        }
    ],
    "contact": [
        {
            "id": uid(12),
            "account_id": CLIENT,
            "freelancer_id": TALENT,
            "message": None,
            "connects": 0,
            "created_at": NOW,
        }
    ],
    "wallet": [
        {
            "account_id": CLIENT,
            "account_kind": "CLIENT",
            "available": 0,
            "held": 0,
            "sequence": 0,
            "head_hash": HASH,
            "next_event_at": NOW,
            "last_grant_month": NOVEMBER,
            "updated_at": NOW,
            "next_return_at": NOW,
        }
    ],
    "entry": [
        {**_ENTRY, "sequence": 1, "kind": "GRANT"},
        {**_BUY, "sequence": 2, "subject_id": PURCHASE},
        {**_SPEND, "sequence": 3, "subject_id": JOB},
        {**_BUY, "sequence": 4, "subject_id": uid(20)},
        {**_SPEND, "sequence": 5, "subject_id": PROPOSAL},
        {**_ENTRY, "sequence": 7, "kind": "RETURN", "connects": 1, "subject_id": JOB},
    ],
    "lot": [
        {
            **_LOT,
            "sequence": 1,
            "source": "MONTHLY_GRANT",
            "grant_month": NOVEMBER,
            "purchase_id": None,
        },
        {
            **_LOT,
            "sequence": 2,
            "source": "PURCHASE",
            "grant_month": None,
            "purchase_id": PURCHASE,
        },
    ],
    "draw": [{"account_id": CLIENT, "sequence": 3, "lot_sequence": 1, "connects": 1}],
    "idempotency": [
        {
            "user_id": USER,
            "key": "k",
            "request_hash": HASH,
            "account_id": CLIENT,
            "sequence": 3,
            "subject_id": JOB,
            "refusal": None,
            "created_at": NOW,
        }
    ],
    "checkpoint": [
        {
            "id": CHECKPOINT,
            "number": 1,
            "at": NOW,
            "size": 0,
            "root": HASH,
            "previous": HASH,
            "signature": bytes(64),
            "public_key": HASH,
        }
    ],
    "checkpoint_heads": [
        {"checkpoint_id": CHECKPOINT, "first_account_id": CLIENT, "position": 0, "heads": HASH}
    ],
    "checkpoint_node": [{"checkpoint_id": CHECKPOINT, "level": 0, "position": 0, "hash": HASH}],
    "spending_watermark": [{"account_id": CLIENT, "dimension": "ACTION", "sequence": 0}],
    "spending_sum": [
        {
            "account_id": CLIENT,
            "dimension": "ACTION",
            "width": 1,
            "slot": 0,
            "spent_on": "",
            "connects": 1,
            "spends": 1,
        }
    ],
}

# What makes a table's first row another one, that can stand beside it.
_ANOTHER: Mapping[str, Values] = {
    "user": {"id": uid(101), "subject": "mary"},
    "account": {"id": uid(102)},
    "membership": {"id": uid(103), "account_id": TALENT},
    "freelancer": {"account_id": CLIENT},
    "cost_rule": {"effective_from": LATER},
    "grant_rule": {"effective_from": LATER},
    "return_rule": {"effective_from": LATER},
    "package": {"id": uid(104), "effective_from": LATER},
    "purchase": {"id": uid(105)},
    "job": {"id": uid(106)},
    "proposal": {"id": uid(107), "job_id": OTHER_JOB},
    "boost": {"proposal_id": OTHER_PROPOSAL, "account_id": CLIENT},
    "invitation": {"id": uid(108)},
    "contact": {"id": uid(109), "account_id": TALENT},
    "wallet": {"account_id": TALENT},
    "entry": {"sequence": 6},
    "lot": {"sequence": 4, "source": "BONUS", "grant_month": None},
    "draw": {"sequence": 5, "connects": -1},
    "idempotency": {"key": "x" * 255},
    "checkpoint": {"id": uid(110), "number": 2},
    "checkpoint_heads": {"first_account_id": TALENT},
    "checkpoint_node": {"position": 1},
    "spending_watermark": {"dimension": "JOB"},
    "spending_sum": {"spent_on": "POST_JOB"},
}


def another(table: str, changes: Values | None = None) -> Values:
    """A row that `table` takes beside those in ROWS, but for what `changes` make of it."""
    return {**ROWS[table][0], **_ANOTHER[table], **(changes or {})}


def insert(dialect: Dialect, table: str, values: Values) -> str:
    """The SQL that inserts `values`."""
    literals = ", ".join(_literal(dialect, value) for value in values.values())
    return f'INSERT INTO "{table}" ({", ".join(values)}) VALUES ({literals})'


def _literal(dialect: Dialect, value: Value) -> str:
    if isinstance(value, bytes):
        return f"X'{value.hex()}'" if dialect == "sqlite" else f"'\\x{value.hex()}'"
    if isinstance(value, str | UUID):
        return f"'{value}'"
    return "NULL" if value is None else str(value).upper()
