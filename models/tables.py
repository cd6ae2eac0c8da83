"""The marketplace's tables as Tortoise models: users, accounts, and what Connects paid for.

The tables and their checks are created by `models/migrations`; a test compares the two. The
ledger's tables hold the values of `models.rules.facts` and have no models: only
`models.ledger.ledger` writes them. Instants are integers, see `models.rules.instants`.
"""

from tortoise import fields
from tortoise.models import Model

from models.rules.kinds import (
    AccountKind,
    BoostStatus,
    InvitationStatus,
    JobStatus,
    ProposalStatus,
    PurchaseStatus,
)


class User(Model):
    id = fields.UUIDField(primary_key=True)
    subject = fields.TextField()
    name = fields.TextField()
    email = fields.TextField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "user"


class Account(Model):
    id = fields.UUIDField(primary_key=True)
    kind = fields.CharEnumField(AccountKind)
    name = fields.TextField()
    created_at = fields.BigIntField()

    class Meta:
        table = "account"


class Membership(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    user_id = fields.UUIDField()
    created_at = fields.BigIntField()

    class Meta:
        table = "membership"


class Freelancer(Model):
    account_id = fields.UUIDField(primary_key=True)
    title = fields.TextField()
    overview = fields.TextField()
    skills = fields.JSONField[list[str]]()
    hourly_rate_minor = fields.BigIntField(null=True)
    hourly_rate_currency = fields.TextField(null=True)
    country = fields.TextField(null=True)
    rating = fields.FloatField(null=True)
    available_now = fields.BooleanField()
    email = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "freelancer"


class Purchase(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    user_id = fields.UUIDField()
    package_id = fields.UUIDField()
    quantity = fields.IntField()
    connects = fields.IntField()
    total_minor = fields.BigIntField()
    currency = fields.TextField()
    lifetime_months = fields.IntField()
    payment_method = fields.TextField()
    status = fields.CharEnumField(PurchaseStatus)
    created_at = fields.BigIntField()
    settled_at = fields.BigIntField(null=True)

    class Meta:
        table = "purchase"


class Job(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    title = fields.TextField()
    description = fields.TextField()
    skills = fields.JSONField[list[str]]()
    budget_minor = fields.BigIntField(null=True)
    budget_currency = fields.TextField(null=True)
    category = fields.TextField(null=True)
    status = fields.CharEnumField(JobStatus)
    connects = fields.IntField()
    returnable = fields.IntField(default=0)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "job"


class Proposal(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    job_id = fields.UUIDField()
    cover_letter = fields.TextField()
    bid_minor = fields.BigIntField(null=True)
    bid_currency = fields.TextField(null=True)
    status = fields.CharEnumField(ProposalStatus)
    connects = fields.IntField()
    created_at = fields.BigIntField()

    class Meta:
        table = "proposal"


class Boost(Model):
    """`connects` were offered. `held` is the same number until the hold ends, then 0."""

    proposal_id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    job_id = fields.UUIDField()
    connects = fields.IntField()
    held = fields.IntField()
    status = fields.CharEnumField(BoostStatus)
    placed_at = fields.BigIntField()
    closes_at = fields.BigIntField()
    ended_at = fields.BigIntField(null=True)

    class Meta:
        table = "boost"


class Invitation(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    job_id = fields.UUIDField()
    freelancer_id = fields.UUIDField()
    message = fields.TextField()
    connects = fields.IntField()
    returnable = fields.IntField(default=0)
    status = fields.CharEnumField(InvitationStatus)
    decline_reason = fields.TextField(null=True)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "invitation"


class Contact(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    freelancer_id = fields.UUIDField()
    message = fields.TextField(null=True)
    connects = fields.IntField()
    created_at = fields.BigIntField()

    class Meta:
        table = "contact"


MODELS: tuple[type[Model], ...] = (
    User,
    Account,
    Membership,
    Freelancer,
    Purchase,
    Job,
    Proposal,
    Boost,
    Invitation,
    Contact,
)
"""In insertion order: referenced tables come first."""
